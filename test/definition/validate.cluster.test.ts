/** What the validator accepts and refuses, compared with the API server. */
import { describe, expect } from 'vitest'
import { applyDefaults } from '../../src/api/schema/defaults.ts'
import { prune } from '../../src/api/schema/prune.ts'
import type { StructuralSchema } from '../../src/api/schema/structural.ts'
import { createValidator } from '../../src/definition/validate.ts'
import { test } from '../controlplane/fixture.ts'

const group = 'validate.fairlead.test'
const properties: Readonly<Record<string, StructuralSchema>> = {
  image: { type: 'string', minLength: 1, maxLength: 5 },
  replicas: { type: 'integer', format: 'int32', minimum: 0 },
  big: { type: 'integer', format: 'int64' },
  share: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: false },
  target: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
  free: { 'x-kubernetes-int-or-string': true, nullable: true },
  colour: { type: 'string', enum: ['red', 'blue'], nullable: true },
  name: { type: 'string', pattern: '^[a-z]+$' },
  dashed: { type: 'string', pattern: '^[a-z\\-_]+$' },
  flagged: { type: 'string', pattern: '(?i)^abc$' },
  when: { type: 'string', format: 'date-time' },
  day: { type: 'string', format: 'date' },
  id: { type: 'string', format: 'uuid' },
  address: { type: 'string', format: 'ipv4' },
  bytes: { type: 'string', format: 'byte' },
  made: { type: 'string', format: 'no-such-format' },
  ports: {
    type: 'array',
    minItems: 1,
    maxItems: 2,
    items: { type: 'object', required: ['port'], properties: { port: { type: 'integer' } } },
  },
  labels: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
  object: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  mode: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
  step: { type: 'integer', multipleOf: 5 },
  yes: { type: 'boolean' },
}
const schema: StructuralSchema = {
  type: 'object',
  required: ['spec'],
  properties: { spec: { type: 'object', required: ['must'], properties: { ...properties, must: { type: 'string' } } } },
}

/** Values of each field, good and bad; which is which, the server says. */
const values: Readonly<Record<string, readonly unknown[]>> = {
  image: ['a', '', 'abcdef', 'äöüäö', 5, true, {}, [], null],
  replicas: [0, -1, 1.5, 2 ** 31 - 1, 2 ** 31, '1', null, 1e3],
  big: [2 ** 53, -(2 ** 53), 0.5],
  share: [0, 0.5, 1, 1.1, 1e-9, '1'],
  target: [1, '25%', 1.5, true, {}, [], null],
  free: [1, 'a', null, {}],
  colour: ['red', 'green', null, 1],
  name: ['a', 'A', '', 'a1'],
  dashed: ['a-b_c', 'a b'],
  flagged: ['ABC'],
  when: ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.5+02:00', 'today', '2026-11-22'],
  day: ['2026-11-22', '22.11.2026'],
  id: ['9b2d7c2e-1111-4222-8333-123456789abc', 'x'],
  address: ['10.0.0.1', '10.0.0.256', 'fd00::1'],
  bytes: ['YQ==', '*'],
  made: ['anything'],
  ports: [[], [{ port: 1 }], [{}], [{ port: 'x' }], [{ port: 1 }, { port: 2 }, { port: 3 }], {}],
  labels: [{}, { a: 'b' }, { a: 1 }, { a: 'b', c: 'd' }],
  object: [{ apiVersion: 'v1', kind: 'Pod' }, { kind: 'Pod' }, {}],
  mode: [{ a: '1' }, { a: '1', b: '2' }, {}],
  step: [10, 7],
  yes: [true, 'true', 1],
}

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

describe('the API server', () => {
  test('accepts and refuses what the validator does', async ({ cluster }) => {
    const made = await cluster.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
    expect(made).toMatchObject({ status: 201 })
    try {
      const path = `/apis/${group}/v1/namespaces/${cluster.namespace}/things`
      await cluster.eventually(async () => (await cluster.request('GET', path)).status === 200 || undefined, {
        describe: 'things are served',
      })
      const validate = createValidator(schema)
      const specs: object[] = [
        {},
        ...Object.entries(values).flatMap(([field, candidates]) => candidates.map((value) => ({ must: 'x', [field]: value }))),
      ]
      const differences: unknown[] = []
      for (const spec of specs) {
        const object = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one' }, spec }
        const { status } = await cluster.request('POST', path, { query: { dryRun: 'All' }, body: object })
        const problems = validate(applyDefaults(schema, prune(schema, object).value), () => undefined)
        if ((status === 201) !== (problems.length === 0))
          differences.push({ spec, status, problems: problems.map(({ message }) => message) })
      }
      expect(differences).toEqual([])
    } finally {
      await cluster.request('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`)
    }
  })
})
