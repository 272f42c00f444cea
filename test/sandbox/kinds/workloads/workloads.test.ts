import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cases } from './cases.ts'
import { describeCase, outcomeOf } from './exchange.ts'
import { type LocalServer, startLocalServer } from './local.ts'
import { recorded } from './recorded.ts'

describe('a write of a workload is answered as the real server answers it', () => {
  const { outcomes } = recorded()
  let server: LocalServer
  beforeAll(async () => {
    server = await startLocalServer()
  })
  afterAll(async () => {
    await server.close()
  })

  it.each(cases.map((each, index) => ({ title: describeCase(each), each, index })))('$title', async ({ title, each, index }) => {
    const outcome = await outcomeOf(server.send, server.namespace, each, index)

    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcomes[title])
  })
})
