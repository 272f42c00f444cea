import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDefaults } from '../../../src/api/schema/defaults.ts'
import type { StructuralSchema } from '../../../src/api/schema/structural.ts'

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', default: 1 },
        note: { type: 'string' },
        colour: { type: 'string', nullable: true, default: 'blue' },
        probe: { type: 'object', default: {}, properties: { port: { type: 'integer', default: 8080 } } },
        sidecar: { type: 'object', properties: { image: { type: 'string', default: 'busybox' } } },
        ports: { type: 'array', items: { type: 'object', properties: { protocol: { type: 'string', default: 'TCP' } } } },
        sizes: { type: 'array', items: { type: 'integer', default: 5 } },
        limits: { type: 'object', additionalProperties: { type: 'object', properties: { unit: { type: 'string', default: 'Mi' } } } },
        target: { 'x-kubernetes-int-or-string': true, default: '25%' },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'integer', default: 3 } } },
      },
    },
  },
}
const filled = (spec: unknown): unknown => (applyDefaults(schema, { spec }) as { spec: unknown }).spec
const always = { replicas: 1, colour: 'blue', probe: { port: 8080 }, target: '25%' }

describe('defaults', () => {
  it('fill in what is missing, also inside a default', () => {
    expect(filled({})).toEqual(always)
  })
  it('leave given values alone, also false, 0, "" and empty lists', () => {
    expect(filled({ replicas: 0, colour: '', probe: { port: 0 }, target: 5, ports: [] })).toEqual({
      replicas: 0,
      colour: '',
      probe: { port: 0 },
      target: 5,
      ports: [],
    })
  })
  it('never create a parent', () => {
    expect(applyDefaults(schema, {})).toEqual({})
    expect(filled({})).not.toHaveProperty('sidecar')
    expect(filled({ sidecar: {} })).toHaveProperty('sidecar', { image: 'busybox' })
  })
  it('replace a null that is not allowed', () => {
    expect(filled({ replicas: null })).toEqual(always)
  })
  it('drop a null that is neither allowed nor has a default', () => {
    expect(filled({ note: null, sidecar: null })).toEqual(always)
  })
  it('keep a null that is allowed', () => {
    expect(filled({ colour: null })).toEqual({ ...always, colour: null })
  })
  it('reach items of lists and members of maps', () => {
    expect(filled({ ports: [{}, { protocol: 'UDP' }], limits: { memory: {} }, free: { other: null } })).toEqual({
      ...always,
      ports: [{ protocol: 'TCP' }, { protocol: 'UDP' }],
      limits: { memory: { unit: 'Mi' } },
      free: { other: null, known: 3 },
    })
  })
  it('replace a null item that has a default, and leave one that has none', () => {
    expect(filled({ sizes: [null, 1], ports: [null] })).toEqual({ ...always, sizes: [5, 1], ports: [null] })
  })
  it('drop a forbidden null member of a map', () => {
    expect(filled({ limits: { memory: null } })).toEqual({ ...always, limits: {} })
  })
  it('give every object its own copy', () => {
    const [first, second] = [filled({}), filled({})] as { probe: object }[]
    expect(first?.probe).not.toBe(second?.probe)
    expect(first?.probe).not.toBe(schema.properties?.['spec']?.properties?.['probe']?.default)
  })
  it('treat __proto__ as a name like any other', () => {
    const open: StructuralSchema = {
      type: 'object',
      properties: { a: { default: 1 } },
      additionalProperties: { type: 'object', properties: { b: { default: 2 } } },
    }
    const result = applyDefaults(open, JSON.parse('{"__proto__": {}, "c": null}')) as object
    expect(JSON.stringify(result)).toBe('{"__proto__":{"b":2},"a":1}')
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  })
})

describe('any object', () => {
  const anySpec = fc.record(
    {
      replicas: fc.option(fc.integer()),
      note: fc.option(fc.string()),
      probe: fc.option(fc.record({ port: fc.option(fc.integer()) }, { requiredKeys: [] })),
      ports: fc.array(fc.constant({})),
      limits: fc.dictionary(fc.string(), fc.constantFrom({}, null)),
    },
    { requiredKeys: [] },
  )
  it('is not changed itself, and is complete after one time', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const before = JSON.stringify(spec)
        const once = filled(spec)
        expect(JSON.stringify(spec)).toBe(before)
        expect(filled(once)).toBe(once)
      }),
    )
  })
  it('keeps the parts that nothing changes', () => {
    const object = { spec: { ...always, ports: [{ protocol: 'TCP' }], limits: { a: {} } } }
    const result = applyDefaults(schema, object)
    expect(result.spec.ports).toBe(object.spec.ports)
    expect(result.spec.limits).not.toBe(object.spec.limits)
  })
})
