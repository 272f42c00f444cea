/**
 * What is measured without a socket: requests go to `sandbox.fetch`, and the answers are read to their end.
 *
 *   in-process.ts start|writes|custom|workloads|memory COUNT [SECOND]
 *
 * Sends its result, a name and a number for each value, to the process that started it.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { anyObject, type Body, configMap, deployment, namespace, widget, widgetDefinition } from './objects.ts'

export type Values = Record<string, number>

const [measurement, ...amounts] = process.argv.slice(2)
const [count = 0, second = 0] = amounts.map(Number)

const before = performance.now()
const { createSandbox } = await import('../../src/sandbox/sandbox.ts')
const imported = performance.now()
const sandbox: Sandbox = createSandbox()
const headers = { authorization: `Bearer ${sandbox.token}` }
const result = await measure()
await sandbox.close()
await new Promise((sent) => process.send?.(result, sent))
process.disconnect?.()

async function measure(): Promise<Values> {
  switch (measurement) {
    case 'start':
      return await start()
    case 'writes':
      return await writes()
    case 'custom':
      return await custom()
    case 'workloads':
      return await workloads()
    case 'memory':
      return await memory(second === 0 ? configMap : anyObject)
    default:
      throw new RangeError(`there is no measurement ${measurement ?? ''}`)
  }
}

/** Milliseconds from the import, and from the call, to the end of the first answer. */
async function start(): Promise<Values> {
  await send('GET', '/api/v1/namespaces/default')
  const answered = performance.now()
  return { withImport: answered - before, without: answered - imported }
}

/** A second: each object is applied for the first time, changed, applied as it is, and read; then the whole list, in milliseconds. */
async function writes(): Promise<Values> {
  await each(range(Math.min(count, 500)), (number) => apply(configMap(count + number)))
  const [first, changed] = [range(count).map((number) => configMap(number)), range(count).map((number) => configMap(number, 1))]
  return {
    created: await each(first, apply),
    changed: await each(changed, apply),
    unchanged: await each(changed, apply),
    read: await each(changed, ({ path }) => send('GET', path)),
    list: 1000 / (await each(range(1), () => send('GET', `/api/v1/namespaces/${namespace}/configmaps`))),
    listAgain: 1000 / (await each(range(1), () => send('GET', `/api/v1/namespaces/${namespace}/configmaps`))),
  }
}

async function custom(): Promise<Values> {
  await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', JSON.stringify(widgetDefinition), 'application/json')
  await sandbox.controllers.idle()
  return {
    created: await each(
      range(count).map((number) => widget(number)),
      apply,
    ),
    changed: await each(
      range(count).map((number) => widget(number, 1)),
      apply,
    ),
  }
}

/** Applies of Deployments a second, and the seconds until all their pods are ready. */
async function workloads(): Promise<Values> {
  const bodies = range(count).map((number) => deployment(number, 3))
  const began = performance.now()
  const applies = await each(bodies, apply)
  await sandbox.controllers.idle()
  const text = await send('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`)
  const ready = (JSON.parse(text) as { items: { status: { readyReplicas?: number } }[] }).items.filter(
    ({ status }) => status.readyReplicas === 3,
  )
  if (ready.length !== count) throw new Error(`${ready.length} of ${count} Deployments are ready`)
  return { applies, allReady: (performance.now() - began) / 1000 }
}

/** Bytes of heap for each object, and what the process takes at its largest, in megabytes. */
async function memory(make: (number: number) => Body): Promise<Values> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  collectGarbage()
  const empty = process.memoryUsage().heapUsed
  await each(range(count), (number) => apply(make(number)))
  await sandbox.controllers.idle()
  const largest = process.resourceUsage().maxRSS / 1000
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  return { each: (heapUsed - empty) / count, heap: heapUsed / 1e6, resident: rss / 1e6, largest }
}

async function apply({ path, text }: Body): Promise<void> {
  await send('PATCH', `${path}?fieldManager=bench-load&force=true`, text, 'application/apply-patch+yaml')
}

async function send(method: string, path: string, body?: string, type?: string): Promise<string> {
  const request = new Request(`http://sandbox${path}`, {
    method,
    headers: type === undefined ? headers : { ...headers, 'content-type': type },
    ...(body !== undefined && { body }),
  })
  const answer = await sandbox.fetch(request)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
  return text
}

/** How many a second. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (const item of items) await work(item)
  return (items.length * 1000) / (performance.now() - began)
}

function range(length: number): number[] {
  return Array.from({ length }, (_, number) => number)
}
