import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { Contests } from '../../src/operator/contests.ts'

const board = (uid: string, name = 'main'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'eu', labels: { 'fairlead.dev/primary-uid': uid } },
})
const wanted = 'ConfigMap eu/main'

describe('a contested object', () => {
  it('is free for all who wait for it when it is gone, or becomes another’s', () => {
    const contests = new Contests()
    contests.note('b', [wanted])
    contests.note('c', [wanted, 'ConfigMap eu/other'])
    expect([...contests.freed(board('a'), undefined)]).toEqual(['b', 'c'])
    expect([...contests.freed(board('a'), board('d'))]).toEqual(['b', 'c'])
  })
  it('is not free when it only changes, and another object tells nothing', () => {
    const contests = new Contests()
    contests.note('b', [wanted])
    expect([...contests.freed(board('a'), board('a'))]).toEqual([])
    expect([...contests.freed(board('a', 'other'), undefined)]).toEqual([])
  })
  it('is waited for only as long as the last pass could not have it', () => {
    const contests = new Contests()
    contests.note('b', [wanted])
    contests.note('b', [])
    expect([...contests.freed(board('a'), undefined)]).toEqual([])
  })
})
