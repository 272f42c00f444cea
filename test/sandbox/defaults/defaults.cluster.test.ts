/** Objects that leave much to the server get from the sandbox what they get from the real one. */
import { describe, expect } from 'vitest'
import { preparedFields, writtenBySystem } from '../../../scripts/sandbox-defaults.ts'
import { parents, type Probe, probeNamespace, probes } from '../../../scripts/sandbox-probes.ts'
import { gvkOf, isMap, type JsonObject, type KubernetesObject } from '../../../src/api/object.ts'
import { createDefaults } from '../../../src/sandbox/defaults/defaults.ts'
import { decode } from '../../../src/sandbox/schema/decode.ts'
import type { Schema, StructSchema } from '../../../src/sandbox/schema/schema.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { defaultsTable } from '../../../src/sandbox/tables/defaults.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'
import { type Cluster, type Response, test } from '../../controlplane/fixture.ts'
import { variants } from './variants.ts'

const types = createTypes(typesTable)
const applyDefaults = createDefaults(defaultsTable)

/** What the server would store, as the sandbox sees it. */
function withDefaults(object: JsonObject): { schema: StructSchema; filled: JsonObject } {
  const schema = types.typeOf(gvkOf(object as unknown as KubernetesObject)) as StructSchema
  const filled = decode(schema, object, [])
  applyDefaults(schema, filled)
  return { schema, filled }
}

/** One line for each field that is not the same; what is no default is not looked at. */
function differences(mine: unknown, real: unknown, schema: Schema, path: string): string[] {
  if (schema.kind === 'struct' && isMap(mine) && isMap(real)) {
    const fields = schema.typeName === 'ObjectMeta' ? ['labels'] : writtenBySystem.has(schema.typeName) ? [] : [...schema.fields.keys()]
    return fields
      .filter((name) => !preparedFields.has(`${schema.typeName}.${name}`))
      .flatMap((name) => differences(mine[name], real[name], schema.fields.get(name)?.schema as Schema, `${path}.${name}`))
  }
  if (schema.kind === 'list' && Array.isArray(mine) && Array.isArray(real) && mine.length === real.length)
    return mine.flatMap((item, index) => differences(item, real[index], schema.items, `${path}[${index}]`))
  if (schema.kind === 'map' && isMap(mine) && isMap(real))
    return [...new Set([...Object.keys(mine), ...Object.keys(real)])]
      .filter((key) => !ofJobs.test(key))
      .flatMap((key) => differences(mine[key], real[key], schema.values, `${path}.${key}`))
  const [first, second] = [mine, real].map((value) => (isNothing(value) ? null : value))
  return JSON.stringify(first) === JSON.stringify(second) ? [] : [`${path}: ${JSON.stringify(mine)}, not ${JSON.stringify(real)}`]
}

/** Labels that the strategy of Jobs adds. */
const ofJobs = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/

/** The storage of the server does not tell an empty list from none. */
const isNothing = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.length === 0)

interface Comparison {
  accepted: number
  differences: string[]
}

async function compareAll(objects: readonly Probe[], send: (probe: Probe) => Promise<Response>): Promise<Comparison> {
  const comparison: Comparison = { accepted: 0, differences: [] }
  const queue = [...objects]
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let probe = queue.pop(); probe; probe = queue.pop()) {
        const { status, body } = await send(probe)
        // What it refuses gets no defaults.
        if (status >= 300) continue
        comparison.accepted += 1
        const { schema, filled } = withDefaults(probe.object)
        comparison.differences.push(...differences(filled, body, schema, schema.typeName))
      }
    }),
  )
  return comparison
}

const inNamespace = (path: string, { namespace }: Cluster): string => path.replace(probeNamespace, namespace)

describe('what is filled in where a field is absent', () => {
  test('is the same in over 900 objects that are created', { timeout: 120_000 }, async ({ cluster }) => {
    for (const { path, object } of parents) await cluster.request('POST', inNamespace(path, cluster), { body: object })
    const objects = probes.flatMap((probe) => [
      probe,
      // An update of part of an object says nothing of the rest.
      ...(probe.method === 'POST' && !probe.path.endsWith('/token')
        ? [...variants(probe.object)].map((object) => ({ ...probe, object: object as JsonObject }))
        : []),
    ])

    const { accepted, differences } = await compareAll(objects, ({ method, path, object }) =>
      cluster.request(method, inNamespace(path, cluster), { query: { dryRun: 'All' }, body: object }),
    )

    expect(differences).toEqual([])
    expect(accepted).toBeGreaterThan(900)
  })

  test('is the same in what is applied', { timeout: 120_000 }, async ({ cluster }) => {
    const objects = probes.filter(({ method, path }) => method === 'POST' && !path.endsWith('/token'))

    const { accepted, differences } = await compareAll(objects, ({ path, object }) => {
      const { name } = object.metadata as { name: string }
      return cluster.request('PATCH', `${inNamespace(path, cluster)}/${name}`, {
        query: { dryRun: 'All', fieldManager: 'test' },
        contentType: 'application/apply-patch+yaml',
        body: object,
      })
    })

    expect(differences).toEqual([])
    expect(accepted).toBeGreaterThan(150)
  })
})
