import { describe, expect, it } from 'vitest'
import { aggregatedIn, formatServers, parseServers } from '../../src/reconcile/servers.ts'

describe('the record of who serves what', () => {
  it('is read back as it was, in one order, whatever order it was made in', () => {
    const servers = { 'water.example.com/v1': 'APIService', 'gears.example.com/v1': 'CustomResourceDefinition' } as const
    expect(formatServers(servers)).toBe('{"gears.example.com/v1":"CustomResourceDefinition","water.example.com/v1":"APIService"}')
    expect(parseServers(formatServers(servers))).toEqual(servers)
  })

  it('is an empty one where it cannot be read, and leaves out what it does not know', () => {
    for (const text of [undefined, '', 'null', '[]', '{"a/v1":"Somebody"}']) expect(parseServers(text)).toEqual({})
  })

  it('tells the group versions whose objects outlive their being served', () => {
    expect(aggregatedIn({ 'water.example.com/v1': 'APIService', 'gears.example.com/v1': 'CustomResourceDefinition' })).toEqual([
      { group: 'water.example.com', version: 'v1' },
    ])
  })
})
