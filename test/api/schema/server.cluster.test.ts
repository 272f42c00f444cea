/** Defaults and pruning compared with the API server's own, on objects made to meet every rule and on random ones. */
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { applyDefaults } from '../../../src/api/schema/defaults.ts'
import { prune } from '../../../src/api/schema/prune.ts'
import type { StructuralSchema } from '../../../src/api/schema/structural.ts'
import { test } from '../../controlplane/fixture.ts'

const group = 'schema.fairlead.test'
const text: StructuralSchema = { type: 'string' }

const spec: StructuralSchema = {
  type: 'object',
  properties: {
    replicas: { type: 'integer', default: 1 },
    note: text,
    colour: { type: 'string', nullable: true, default: 'blue' },
    maybe: { type: 'string', nullable: true },
    probe: { type: 'object', default: {}, properties: { port: { type: 'integer', default: 8080 }, path: text } },
    sidecar: { type: 'object', properties: { image: { type: 'string', default: 'busybox' } } },
    ports: {
      type: 'array',
      items: { type: 'object', properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } } },
    },
    limits: { type: 'object', additionalProperties: { type: 'object', properties: { unit: { type: 'string', default: 'Mi' } } } },
    labels: { type: 'object', additionalProperties: text },
    target: { 'x-kubernetes-int-or-string': true, default: '25%' },
    open: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'integer', default: 3 }, closed: { type: 'object', properties: { a: text } } },
    },
    openItems: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: { type: 'object', properties: { a: text } } },
    anything: { 'x-kubernetes-preserve-unknown-fields': true },
    object: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { spec: { type: 'object', properties: { x: { type: 'string', default: 'd' } } } },
    },
    openObject: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  },
}
const schema: StructuralSchema = { type: 'object', properties: { spec } }

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
}

const embedded = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { b: 'c' } } }
const samples: object[] = [
  {},
  { replicas: null, note: null, colour: null, maybe: null, probe: null, sidecar: null, target: null },
  { replicas: 0, colour: '', probe: { port: null, path: null, other: 1 }, sidecar: {}, target: 0 },
  { ports: [], limits: {}, labels: {} },
  { ports: [{}, { port: 1, protocol: null, extra: 1 }], limits: { a: {}, b: null, c: { unit: 'x', y: 1 } }, labels: { a: 'b', c: null } },
  { open: { x: { y: [{ z: null }] }, known: null, closed: { a: 'x', b: 'y' } } },
  { open: { closed: null, n: null } },
  { openItems: [{ a: 'x', b: { c: 1 } }] },
  { anything: { a: [{ b: null }] } },
  { anything: 5 },
  { object: { ...embedded, spec: { y: 1 }, status: {} }, openObject: { ...embedded, spec: { y: [1] } } },
  { constructor: 1, toString: 'x', __proto__x: 1 },
]

const scalar = fc.constantFrom(null, 'x', '')
const count = fc.constantFrom(null, 0, 7)
const random = fc.record(
  {
    replicas: count,
    note: scalar,
    colour: scalar,
    maybe: scalar,
    probe: fc.constantFrom(null, {}, { port: null }, { port: 1, more: {} }),
    ports: fc.array(fc.record({ port: count, protocol: scalar, extra: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
    limits: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(null, {}, { unit: null }, { unit: 'x', z: 1 })),
    open: fc.record(
      { known: count, closed: fc.constantFrom(null, {}, { a: null, b: 1 }), other: fc.jsonValue({ maxDepth: 2 }).filter(storable) },
      { requiredKeys: [] },
    ),
    unknown: fc.constantFrom(null, 1, { a: 1 }),
  },
  { requiredKeys: [] },
)

/** The server refuses numbers past what it can store exactly, and -0 comes back as 0. */
function storable(value: unknown): boolean {
  return !/\d{16}|e[+-]?\d|-0/.test(JSON.stringify(value)) && JSON.stringify(value).isWellFormed()
}

describe('the API server', () => {
  test('defaults and prunes as the schema functions do', async ({ cluster }) => {
    const made = await cluster.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
    expect(made.status).toBe(201)
    try {
      const path = `/apis/${group}/v1/namespaces/${cluster.namespace}/things`
      const served = await cluster.eventually(async () => (await cluster.request('GET', path)).status === 200 || undefined, {
        describe: 'things are served',
      })
      expect(served).toBe(true)
      const answer = async (given: object): Promise<unknown> => {
        const body = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one' }, spec: given }
        const { status, body: created } = await cluster.request('POST', path, { query: { dryRun: 'All', fieldValidation: 'Ignore' }, body })
        expect([status, given]).toEqual([201, given])
        return (created as unknown as { spec: unknown }).spec
      }
      const own = (given: object): unknown => applyDefaults(schema, prune(schema, { spec: given }).value).spec
      for (const given of samples) expect(own(given)).toEqual(await answer(given))
      await fc.assert(
        fc.asyncProperty(random, async (generated) => {
          // As it is on the wire, which has no negative zero.
          const given = JSON.parse(JSON.stringify(generated)) as object
          expect(own(given)).toEqual(await answer(given))
        }),
        { numRuns: 200 },
      )
    } finally {
      await cluster.request('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`)
    }
  })
})
