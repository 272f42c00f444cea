import { describe, expect, it } from 'vitest'
import { compareVersions } from '../../../src/sandbox/discovery/version-order.ts'

describe('the order of versions', () => {
  it('is stable, beta, alpha, each by its numbers, and what has another form at the end', () => {
    const preferred = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10']

    expect([...preferred].reverse().sort(compareVersions)).toEqual(preferred)
  })

  it('takes a version with a leading zero or without a number for one of another form', () => {
    expect(['v01', 'v', 'v1alpha', 'v1alpha1'].sort(compareVersions)).toEqual(['v1alpha1', 'v', 'v01', 'v1alpha'])
  })
})
