import { expect } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { test } from '../../controlplane/fixture.ts'
import { answer, comparable, resourceFor } from './answers.ts'
import { established } from './established.ts'
import { type RuleCase, ruleCases } from './rule-cases.ts'

/** What the value is, and was. */
const parts = (value: unknown): { spec: unknown; old?: unknown } =>
  Array.isArray(value) && value.length === 2 && typeof value[1] === 'object'
    ? { spec: value[0], old: (value[1] as { __old: unknown }).__old }
    : { spec: value }

/** Of two operands that both fail, the real server names the first one and the engine the second. */
const bothOperandsFail = new Set(['comparison {}', 'lists {"l":[],"n":[]}'])

test.for<RuleCase>(ruleCases as RuleCase[])(
  'rules about $name say what the real server says',
  async ({ name, schema, values }, { cluster }) => {
    const { definition, path } = await established(cluster, 'Ruled', { type: 'object', properties: { spec: schema } })
    const resource = resourceFor(definition)
    for (const [index, value] of values.entries()) {
      const { spec, old } = parts(value)
      const label = `${name} ${JSON.stringify(spec)}`
      const body = (metadata: JsonObject, content: unknown): JsonObject =>
        JSON.parse(JSON.stringify({ apiVersion: `${resource.group}/v1`, kind: 'Ruled', metadata, spec: content })) as JsonObject
      if (old === undefined) {
        const sent = body({ name: 'a' }, spec)
        const real = await cluster.request('POST', path, { query: { dryRun: 'All', fieldValidation: 'Strict' }, body: sent })
        if (!bothOperandsFail.has(label)) expect(comparable(answer(resource, sent)), label).toEqual(comparable(real.body))
        continue
      }
      const object = `changed-${index}`
      const made = await cluster.request('POST', path, { body: body({ name: object }, old) })
      expect(made.status, JSON.stringify(made.body)).toBe(201)
      const sent = body({ name: object, resourceVersion: made.body.metadata.resourceVersion ?? '' }, spec)
      const real = await cluster.request('PUT', `${path}/${object}`, { query: { dryRun: 'All' }, body: sent })
      expect(comparable(answer(resource, sent, made.body)), label).toEqual(comparable(real.body))
    }
  },
)
