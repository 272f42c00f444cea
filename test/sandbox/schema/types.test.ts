import { describe, expect, it } from 'vitest'
import type { Schema } from '../../../src/sandbox/schema/schema.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'

const types = createTypes(typesTable)
const field = (type: string, name: string) => {
  const found = types.type(type).fields.get(name)
  if (found === undefined) throw new Error(`${type} has no ${name}`)
  return found
}

describe('the table of types', () => {
  it('is of the version of the other tables', () => {
    expect(typesTable.kubernetes).toBe(resourcesTable.kubernetes)
  })

  it('has the kind of every resource, and its list', () => {
    const missing = resourcesTable.groups.flatMap(({ name: group, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.flatMap(({ kind, verbs }) =>
          [kind, ...(verbs.split(' ').includes('list') ? [`${kind}List`] : [])].filter(
            (each) => types.typeOf({ group, version, kind: each })?.typeName !== each,
          ),
        ),
      ),
    )
    expect(missing).toEqual([])
  })

  it('can be read as a whole', () => {
    const seen = new Set<Schema>()
    const walk = (schema: Schema): void => {
      if (seen.has(schema)) return
      seen.add(schema)
      if (schema.kind === 'struct') for (const each of schema.fields.values()) walk(each.schema)
      else if (schema.kind === 'list') walk(schema.items)
      else if (schema.kind === 'map') walk(schema.values)
      else if (schema.kind === 'any' && schema.either) walk(schema.either.struct)
    }
    for (const name of Object.keys(typesTable.types)) walk(types.type(name))
    expect(seen.size).toBeGreaterThan(Object.keys(typesTable.types).length)
  })
})

describe('a type', () => {
  it('is found by its kind, the options of requests in every group', () => {
    const deployment = types.typeOf({ group: 'apps', version: 'v1', kind: 'Deployment' })
    expect(deployment).toBe(types.type('io.k8s.api.apps.v1.Deployment'))
    expect(types.typeOf({ group: 'apps', version: 'v1', kind: 'DeleteOptions' })?.fullName).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    )
    expect(types.typeOf({ group: 'apps', version: 'v1', kind: 'Pod' })).toBeUndefined()
    expect(types.typeOf({ group: '', version: '', kind: '__proto__' })).toBeUndefined()
    expect(() => types.type('io.example.Thing')).toThrow(RangeError)
  })

  it('may contain itself', () => {
    const schema = types.type('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')
    expect(schema.fields.get('not')?.schema).toBe(schema)
    expect(schema.fields.get('items')?.schema).toMatchObject({ kind: 'any', either: { or: 'list' } })
  })
})

describe('a field', () => {
  it('of a list whose items have keys tells them, and how a patch merges it', () => {
    expect(field('io.k8s.api.core.v1.ServiceSpec', 'ports')).toMatchObject({
      schema: { kind: 'list', listType: 'map', keys: ['port', 'protocol'], goType: '[]v1.ServicePort' },
      patch: { strategies: ['merge'], mergeKey: 'port' },
      omit: 'empty',
      number: 1,
    })
    expect(field('io.k8s.api.core.v1.ServicePort', 'protocol').keyDefault).toBe('TCP')
    expect(field('io.k8s.api.core.v1.PodSpec', 'volumes').patch).toEqual({ strategies: ['merge', 'retainKeys'], mergeKey: 'name' })
  })

  it('tells when the server leaves it out', () => {
    expect(field('io.k8s.api.apps.v1.DeploymentSpec', 'replicas')).toMatchObject({ omit: 'absent', pointer: true })
    expect(field('io.k8s.api.apps.v1.DeploymentSpec', 'paused').omit).toBe('empty')
    expect(field('io.k8s.api.apps.v1.Deployment', 'status').omit).toBe('never')
    expect(field('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'creationTimestamp').omit).toBe('empty')
  })

  it('names the struct that it is inlined from', () => {
    expect(field('io.k8s.api.core.v1.Volume', 'emptyDir').inlined).toEqual([{ name: 'VolumeSource', number: 2 }])
    expect(field('io.k8s.api.core.v1.Volume', 'name').inlined).toBeUndefined()
  })

  it('is atomic where its type or itself is', () => {
    expect(field('io.k8s.api.core.v1.ServiceSpec', 'selector').schema).toMatchObject({ kind: 'map', atomic: true })
    expect(field('io.k8s.api.apps.v1.DeploymentSpec', 'selector').schema).toMatchObject({ kind: 'struct', atomic: true })
    expect(field('io.k8s.api.core.v1.PersistentVolumeSpec', 'claimRef').schema).toMatchObject({ kind: 'struct', atomic: false })
    expect(field('io.k8s.api.apps.v1.ControllerRevision', 'data').schema).toEqual({ kind: 'any', atomic: true })
  })
})
