import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSandbox, type PodScript, type Sandbox } from '../../../src/sandbox/index.ts'

const start = Date.UTC(2026, 0, 1)
let sandbox: Sandbox
beforeEach(() => void (sandbox = createSandbox({ now: () => start })))
afterEach(async () => await sandbox.close())

const pods = '/api/v1/namespaces/default/pods'
const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
  await sandbox.fetch(path, { ...init, headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' } })
const log = async (query = ''): Promise<string> => await (await ask(`${pods}/web/log${query}`)).text()
const refusal = async (query = ''): Promise<string> => (JSON.parse(await log(query)) as { message: string }).message

async function running(script: PodScript, metadata: object = {}, names = ['main']): Promise<void> {
  sandbox.pods.script(script)
  const containers = names.map((name) => ({ name, image: 'web:1' }))
  const body = JSON.stringify({ metadata: { name: 'web', ...metadata }, spec: { containers } })
  expect((await ask(pods, { method: 'POST', body })).status).toBe(201)
  await sandbox.controllers.idle()
}

const three = { logs: ['one', { line: 'two', after: '10s' }, { line: 'three', after: '1m' }] }

it('a text is there as soon as the container has started', async () => {
  await running({ logs: 'one\ntwo\n' })
  expect(await log()).toBe('one\ntwo\n')
  expect((await ask(`${pods}/web/log`)).headers.get('content-type')).toBe('text/plain')
})

it('a container of which no script tells has printed nothing', async () => {
  await running({ match: { container: 'other' }, logs: 'one\n' })
  expect(await log()).toBe('')
})

it('lines come at their times', async () => {
  await running(three)
  expect(await log()).toBe('one\n')
  sandbox.clock.advance(10_000)
  expect(await log()).toBe('one\ntwo\n')
  expect(await log('?timestamps=true')).toBe('2026-01-01T00:00:00.000000000Z one\n2026-01-01T00:00:10.000000000Z two\n')
})

it('the last lines, the latest lines, the first bytes', async () => {
  await running(three)
  sandbox.clock.advance(60_000)
  expect(await log('?tailLines=2')).toBe('two\nthree\n')
  expect(await log('?tailLines=0')).toBe('')
  expect(await log('?sinceSeconds=50')).toBe('two\nthree\n')
  expect(await log('?sinceTime=2026-01-01T00:00:11Z')).toBe('three\n')
  expect(await log('?tailLines=2&sinceSeconds=1')).toBe('three\n')
  expect(await log('?limitBytes=6')).toBe('one\ntw')
})

it('who follows gets each line as it comes, until the pod has gone', async () => {
  await running(three)
  const following = await ask(`${pods}/web/log?follow=true`)
  const reader = (following.body as ReadableStream<Uint8Array>).getReader()
  const next = async (): Promise<string | undefined> => {
    const { value } = await reader.read()
    return value && new TextDecoder().decode(value)
  }
  expect(await next()).toBe('one\n')
  sandbox.clock.advance(10_000)
  expect(await next()).toBe('two\n')
  sandbox.clock.advance(50_000)
  expect(await next()).toBe('three\n')
  expect((await ask(`${pods}/web`, { method: 'DELETE' })).status).toBe(200)
  expect(await next()).toBeUndefined()
})

it('who follows is told no more bytes than are wanted', async () => {
  await running(three)
  const following = ask(`${pods}/web/log?follow=true&limitBytes=6`)
  const text = following.then(async (answer) => await answer.text())
  await following
  sandbox.clock.advance(10_000)
  expect(await text).toBe('one\ntw')
})

it.each([
  ['never-starts', 'container "main" in pod "web" is waiting to start: ContainerCreating'],
  ['image-pull-error', 'container "main" in pod "web" is waiting to start: trying and failing to pull image'],
])('a container that %s has no log', async (outcome, message) => {
  await running({ logs: 'one\n' }, { annotations: { 'sandbox.fairlead.dev/outcome': outcome } })
  expect(await refusal()).toBe(message)
})

it('the log before a restart is there when there was one', async () => {
  await running({ logs: 'now\n', previousLogs: 'before\n' })
  expect(await refusal('?previous=true')).toBe('previous terminated container "main" in pod "web" not found')
  sandbox.pods.script({ match: { name: 'crashing' }, previousLogs: 'before it crashed\n' })
  const metadata = { name: 'crashing', annotations: { 'sandbox.fairlead.dev/outcome': 'crash-loop' } }
  await ask(pods, { method: 'POST', body: JSON.stringify({ metadata, spec: { containers: [{ name: 'main', image: 'web:1' }] } }) })
  await sandbox.controllers.idle()
  expect(await (await ask(`${pods}/crashing/log?previous=true`)).text()).toBe('before it crashed\n')
})

it('one of several containers has to be named', async () => {
  await running({ match: { container: 'side' }, logs: 'aside\n' }, {}, ['main', 'side'])
  expect(await refusal()).toBe('a container name must be specified for pod web, choose one of: [main side]')
  expect(await refusal('?container=none')).toBe('container none is not valid for pod web')
  expect(await log('?container=side')).toBe('aside\n')
})
