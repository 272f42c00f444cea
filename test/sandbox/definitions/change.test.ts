import { expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'
import { createSandbox } from '../../../src/sandbox/index.ts'
import { definitionFor } from './answers.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const widgets = '/apis/changed.example.com/v1/namespaces/default/widgets'

it('a definition that loses a field takes it from its objects, ends their watches, and has those who come back list them', async () => {
  await using sandbox = createSandbox()
  const send = async (method: string, path: string, body?: object, type = 'application/json'): Promise<Response> =>
    await sandbox.fetch(path, {
      method,
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': type },
      ...(body && { body: JSON.stringify(body) }),
    })
  const text: SchemaProps = { type: 'string' }
  const schema = (properties: Record<string, SchemaProps>): SchemaProps => ({
    type: 'object',
    properties: { spec: { type: 'object', properties } },
  })
  const definition = definitionFor('changed.example.com', 'Widget', schema({ kept: text, lost: text }))
  await send('POST', definitions, definition)
  await sandbox.controllers.idle()
  const body = { apiVersion: 'changed.example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { kept: 'k', lost: 'l' } }
  const made = (await (await send('POST', widgets, body)).json()) as KubernetesObject
  const { resourceVersion, generation } = made.metadata
  const watch = await send('GET', `${widgets}?watch=true&resourceVersion=${resourceVersion}`)

  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema({ kept: text }) } }]
  await send('PATCH', `${definitions}/${definition.metadata.name}`, { spec: { versions } }, 'application/merge-patch+json')

  expect(await watch.text()).toBe('')
  const shown = (await (await send('GET', `${widgets}/a`)).json()) as KubernetesObject
  expect(shown).toEqual({ ...made, metadata: { ...shown.metadata, resourceVersion, generation }, spec: { kept: 'k' } })
  const again = await send('GET', `${widgets}?watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=1`)
  expect(JSON.parse(await again.text())).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
})
