import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { coversExactly } from '../../src/fields/coverage.ts'
import { holds } from '../../src/fields/holds.ts'
import { formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { unseen } from '../../src/fields/unseen.ts'
import { applied } from './arbitrary.ts'

const custom = { apiVersion: 'example.com/v1', kind: 'Thing' }
const printed = (fields: JsonObject, body: JsonObject, live: JsonObject) => {
  const set = parseFieldsV1(fields)
  expect(coversExactly(set, body)).toBe(true)
  const found = unseen(set, body, live).map(formatPath)
  expect(holds(set, body, live)).toBe(found.length === 0)
  return found
}

describe('changes that ownership does not show', () => {
  it('are none in what was just applied', () => {
    fc.assert(
      fc.property(applied, fc.constantFrom('v1', 'example.com/v1'), ({ body, set }, apiVersion) => {
        const sent = { ...body, apiVersion }
        expect(holds(set, sent, structuredClone(sent))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('are found in a custom resource where only the place itself is still owned', () => {
    const fields = { 'f:spec': { 'f:map': { 'f:one': {} } } }
    const of = (one: JsonObject) => ({ ...custom, spec: { map: { one } } })
    expect(printed(fields, of({ a: 1 }), of({ a: 1, added: 2 }))).toEqual([])
    expect(printed(fields, of({ a: 1 }), of({ a: 2 }))).toEqual(['.spec.map.one'])
    expect(printed(fields, of({ a: 1 }), of({}))).toEqual(['.spec.map.one'])
    expect(printed(fields, of({ a: { b: [1, 2] } }), of({ a: { b: [1, 2, 3] } }))).toEqual(['.spec.map.one'])
  })

  it('are found below an item of which all key fields are defaults', () => {
    const fields = { 'f:zones': { 'k:{"name":"main"}': {} } }
    const body = { ...custom, zones: [{ weight: 3 }] }
    expect(printed(fields, body, { ...custom, zones: [{ name: 'main', weight: 4 }] })).toEqual(['.zones[name="main"]'])
    expect(
      printed(fields, body, {
        ...custom,
        zones: [
          { name: 'other', weight: 4 },
          { name: 'main', weight: 3 },
        ],
      }),
    ).toEqual([])
  })

  it('are not looked for in the values of built-in kinds, which are stored in other spellings', () => {
    const of = (divisor: string) => ({ apiVersion: 'v1', kind: 'Pod', spec: { resourceFieldRef: { divisor } } })
    expect(printed({ 'f:spec': { 'f:resourceFieldRef': {} } }, of('1000m'), of('1'))).toEqual([])
    const lease = (of: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { whole: { of } } })
    expect(printed({ 'f:spec': { 'f:whole': {} } }, lease('a'), lease('b'))).toEqual([])
    const gateway = (of: string) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', spec: { whole: { of } } })
    expect(printed({ 'f:spec': { 'f:whole': {} } }, gateway('a'), gateway('b'))).toEqual(['.spec.whole'])
  })

  it('are found where others filled an atomic list that is sent empty', () => {
    const policy = (ingress: JsonObject[]) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { ingress } })
    expect(printed({}, policy([]), policy([{}]))).toEqual(['.spec.ingress'])
    expect(printed({}, policy([]), { ...policy([]), spec: {} })).toEqual([])
    expect(printed({ 'f:spec': { 'f:ingress': {} } }, policy([]), policy([{}]))).toEqual([])
    const slice = (ports: JsonObject[]) => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', ports })
    expect(printed({}, slice([]), slice([{ port: 1 }]))).toEqual(['.ports'])
  })

  it('are not items of others in an associative list that is sent empty', () => {
    const pod = (env: JsonObject[]) => ({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'a', env, ports: [] }] } })
    const fields = { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } } } }
    const live = pod([{ name: 'INJECTED' }])
    expect(printed(fields, pod([]), live)).toEqual([])
    expect(printed(fields, pod([]), { ...live, spec: { containers: [{ name: 'a', ports: [{ containerPort: 1 }] }] } })).toEqual([])
  })

  it('are found where an empty list of a custom resource is gone', () => {
    expect(printed({}, { ...custom, spec: { list: [] } }, { ...custom, spec: { list: [] } })).toEqual([])
    expect(printed({}, { ...custom, spec: { list: [] } }, { ...custom, spec: {} })).toEqual(['.spec.list'])
  })
})
