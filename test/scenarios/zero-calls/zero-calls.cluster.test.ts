import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { purposeOf, restOf } from './fleet.ts'

describe('a fleet at rest', () => {
  test('asks the server for nothing while the statuses of dependents change, and for lists alone when it starts again', {
    timeout: 240_000,
  }, async ({ cluster, operator }) => {
    const rest = await restOf({ cluster, start: operator, primaries: 100, rounds: 3 })

    expect(rest.others).toEqual([])
    expect(rest.told).toBe(0)
    // Each change of a status is a reason for a pass; several can be one, and each Berth has been looked at once more after the restart.
    expect(rest.passes).toBeGreaterThan(2 * rest.primaries)
    expect(rest.during).toMatchObject({ list: 0, discovery: 0, definition: 0 })
    // Lists are read by pages of 100: five kinds of dependents and the Berths, 101 of each.
    expect(rest.restart).toMatchObject({ list: 12, discovery: 3, definition: 1 })
    expect(rest.restart.watch).toBeGreaterThanOrEqual(6)
  })
})

describe('what a request is for', () => {
  test('is told by its verb and resource: a read or write of an object is none of what a fleet at rest may ask', () => {
    expect(purposeOf({ verb: 'watch', resource: 'deployments' })).toBe('watch')
    expect(purposeOf({ verb: 'get', resource: '' })).toBe('discovery')
    expect(purposeOf({ verb: 'get', resource: 'customresourcedefinitions' })).toBe('definition')
    for (const verb of ['get', 'patch', 'create', 'delete']) expect(purposeOf({ verb, resource: 'deployments' })).toBe('other')
    expect(purposeOf({ verb: 'patch', resource: 'customresourcedefinitions' })).toBe('other')
  })
})
