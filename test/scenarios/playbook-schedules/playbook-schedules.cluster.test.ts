import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { CountingServer } from '../counting-server.ts'
import { test } from '../fixture.ts'
import { collection, create, installDefinition, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const apiVersion = 'schedules.example.com/v1'

test('a schedule is followed while nothing else changes', async ({ cluster, operator }) => {
  await using server = await CountingServer.start()
  await installDefinition(cluster, `${project}/crds/beat.yaml`)
  const beats = collection(cluster, apiVersion, 'beats')
  await create(cluster, beats, { apiVersion, kind: 'Beat', metadata: { name: 'one' }, spec: { url: server.url } })
  await operator({ watches: `${project}/watches.yaml` })
  await untilCondition(cluster, `${beats}/one`, { status: 'True' })
  await cluster.eventually(() => server.asked.length >= 3, { describe: 'three runs', timeout: 30_000 })
  const keys = server.keysOf('POST /beat')
  expect(new Set(keys).size).toBe(keys.length)
})
