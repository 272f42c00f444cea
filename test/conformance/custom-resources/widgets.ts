/** Definitions of `widgets.{id}.example.com`, and widgets. */
import type { Api, Answer } from '../api.ts'
import { definition, established } from '../objects.ts'

export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
export const own = `${definitions}/widgets.{id}.example.com`
export const widgets = '{id}.example.com/v1/widgets'

/** Makes the definition and waits until each of its served versions is served. */
export async function install(api: Api, schema: object, version: object = {}, spec: object = {}): Promise<void> {
  await installed(api, definition(schema, version, spec))
}

export async function installed(api: Api, body: object): Promise<void> {
  await api.prepare(`POST ${definitions}`, body)
  await api.prepare(`GET ${own}`, undefined, { until: established })
  const { versions } = (body as { spec: { versions: { name: string; served: boolean }[] } }).spec
  for (const { name, served } of versions)
    if (served)
      await api.prepare(`GET /apis/{id}.example.com/${name}/widgets`, undefined, {
        until: ({ kind }: { kind: string }) => kind === 'WidgetList',
      })
}

/** A new schema, and the first answer that knows of it: `knows` is asked with a dry run until it fits. */
export async function updateDefinition(api: Api, change: (definition: { spec: { versions: object[] } }) => object): Promise<Answer> {
  const { body } = await api.prepare(`GET ${own}`)
  return await api.prepare(`PUT ${own}`, change(body))
}

export const widget = (name: string, spec: unknown, more: object = {}): object => ({
  apiVersion: '{id}.example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
})

const object = { type: 'object' }

/** A root schema with these properties of the spec. */
export const schemaOf = (properties: object, more: object = {}): object => ({
  ...object,
  properties: { spec: { ...object, properties, ...more } },
})
