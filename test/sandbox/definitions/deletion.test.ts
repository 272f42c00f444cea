import { expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/index.ts'
import { definitionFor } from './answers.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

it('a definition that is wrong by now can be deleted', async () => {
  await using sandbox = createSandbox()
  const send = async (method: string, path: string, body?: object, type = 'application/json'): Promise<Response> =>
    await sandbox.fetch(path, {
      method,
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': type },
      ...(body && { body: JSON.stringify(body) }),
    })
  const definition = definitionFor('wrong.example.com', 'Widget', { type: 'object' })
  const own = `${definitions}/${definition.metadata.name}`
  expect((await send('POST', definitions, definition)).status).toBe(201)
  await sandbox.controllers.idle()
  // The status may say what the specification forbids: from now on, no other write is taken.
  expect((await send('PATCH', `${own}/status`, { status: { storedVersions: ['v9'] } }, 'application/merge-patch+json')).status).toBe(200)
  expect((await send('PATCH', own, { metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json')).status).toBe(422)
  expect((await send('DELETE', own)).status).toBe(200)
  await sandbox.controllers.idle()
  expect((await send('GET', own)).status).toBe(404)
})
