/** The messages are the real server's. */
import { afterAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'

const sandbox = createSandbox({ controllers: false })
afterAll(() => sandbox.close())

describe('the options of a delete', () => {
  const field = 'json: cannot unmarshal'
  it.each([
    ['{"dryRun":1}', `${field} number into Go struct field DeleteOptions.dryRun of type []string`],
    ['{"dryRun":{"a":1}}', `${field} object into Go struct field DeleteOptions.dryRun of type []string`],
    ['{"dryRun":[1]}', `${field} number into Go struct field DeleteOptions.dryRun of type string`],
    ['{"gracePeriodSeconds":"x"}', `${field} string into Go struct field DeleteOptions.gracePeriodSeconds of type int64`],
    ['{"gracePeriodSeconds":1.5}', `${field} number 1.5 into Go struct field DeleteOptions.gracePeriodSeconds of type int64`],
    ['{"preconditions":5}', `${field} number into Go struct field DeleteOptions.preconditions of type v1.Preconditions`],
    ['{"preconditions":{"uid":5}}', `${field} number into Go struct field Preconditions.preconditions.uid of type types.UID`],
    ['{"propagationPolicy":5}', `${field} number into Go struct field DeleteOptions.propagationPolicy of type v1.DeletionPropagation`],
    ['{"orphanDependents":"x"}', `${field} string into Go struct field DeleteOptions.orphanDependents of type bool`],
    ['{"kind":5}', `couldn't get version/kind; json parse error: ${field} number into Go struct field .kind of type string`],
  ])('%s are refused', async (body, message) => {
    const answer = await remove(body)
    expect([answer.status, await answer.json()]).toMatchObject([400, { reason: 'BadRequest', message }])
  })

  it.each(['{"nope":1}', '{"dryRun":null,"preconditions":null}', '{"apiVersion":"/a"}', '{"kind":"DeleteOptions","apiVersion":"nope/v1"}'])(
    '%s are taken',
    async (body) => {
      expect((await remove(body)).status).toBe(404)
    },
  )
})

const remove = (body: string): Promise<Response> =>
  sandbox.fetch(
    new Request('http://sandbox/api/v1/namespaces/default/configmaps/nope', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      body,
    }),
  )
