import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { type Making, OwnWrites } from '../../src/reconcile/own-writes.ts'

const object = (uid: string, resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: uid, uid, resourceVersion },
})

/** A pass of `a` that finds these versions of what others have made, and writes the version of its own object. */
function pass(writes: OwnWrites, version: string, made: Record<string, Making> = {}, unmade = 'spec 1'): void {
  writes.begin({ uid: 'a', unmade, made: new Map(Object.entries(made)), dependents: new Map() })
  writes.made(object('own', version))
  writes.wrote()
  writes.ended()
}
const making = (version: string, by: string, ...after: string[]): Making => ({ version, by, after: new Set(after) })
const after = (writes: OwnWrites, version: string): string[] | undefined => {
  const found = writes.afterWhom(object('own', version))
  return found && [...found]
}

describe('the own writes of a primary', () => {
  it('are known again by their versions, also where a cache is some of them behind', () => {
    const writes = new OwnWrites()
    for (const version of ['1', '2', '3']) writes.made(object('own', version))
    expect(['1', '3', '4'].map((version) => writes.has(object('own', version)))).toEqual([true, true, false])
    writes.forget('own')
    expect(writes.has(object('own', '3'))).toBe(false)
  })

  it('are after those of others that are all that has changed, and after what those are after, but never after its own', () => {
    const writes = new OwnWrites()
    pass(writes, '1', { b: making('1', 'b') })
    pass(writes, '2', { b: making('2', 'b', 'a', 'c'), d: making('1', 'd') })
    pass(writes, '3', { b: making('2', 'b', 'a', 'c'), d: making('2', 'd') })
    expect(['1', '2', '3', '4'].map((version) => after(writes, version))).toEqual([[], ['b', 'c', 'd'], ['d'], undefined])
  })

  it('are after nobody’s where something else has changed as well', () => {
    const writes = new OwnWrites()
    pass(writes, '1', { b: making('1', 'b') })
    pass(writes, '2', { b: making('2', 'b') }, 'spec 2')
    expect(after(writes, '2')).toEqual([])
  })

  it('are a version that came up during a pass, also before the answer to its write', () => {
    const writes = new OwnWrites()
    writes.begin({ uid: 'a', unmade: '', made: new Map(), dependents: new Map([['own', object('own', '1')]]) })
    expect([after(writes, '1'), after(writes, '2')]).toEqual([undefined, []])
    writes.ended()
    expect(after(writes, '2')).toBeUndefined()
  })
})
