/** What is measured over a socket, on the sandbox as on the real server: the same requests, by the same client, from another process. */
import { inFlight, Load } from '../control-plane/load.ts'
import { quantile } from '../statistics.ts'
import type { Values } from './in-process.ts'
import { type Body, configMap, deployment, namespace } from './objects.ts'
import type { Served } from './served.ts'

export interface Amounts {
  readonly objects: number
  readonly events: number
  readonly watchers: number
  readonly deployments: number
}

/** As many requests are on their way at once. */
const atOnce = 32
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`

export async function overSocket(served: Served, amounts: Amounts): Promise<Values> {
  await using load = new Load(served)
  const numbers = Array.from({ length: amounts.objects }, (_, number) => number)
  const [first, changed] = [numbers.map((number) => configMap(number)), numbers.map((number) => configMap(number, 1))]
  const apply = ({ path, text }: Body): Promise<void> => load.apply(path, text)
  // Code that has run before is what is measured.
  await aSecond(
    numbers.slice(0, 500).map((number) => configMap(amounts.objects + number)),
    apply,
  )
  return {
    created: await aSecond(first, apply),
    changed: await aSecond(changed, apply),
    unchanged: await aSecond(changed, apply),
    read: await aSecond(changed, ({ path }) => load.get(path)),
    list: 1000 / (await aSecond([configMaps], (path) => load.get(path))),
    ...(await reach(served, load, amounts)),
    ...(await untilReady(load, amounts.deployments)),
  }
}

async function aSecond<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<number> {
  const began = performance.now()
  await inFlight(items, atOnce, work)
  return (items.length * 1000) / (performance.now() - began)
}

/** Milliseconds from before a write is sent until a watcher has the event: of each watcher, and of the last one of each event. */
async function reach(served: Served, load: Load, { events, watchers }: Amounts): Promise<Values> {
  await using listening = new Load(served)
  const all: number[] = []
  const last: number[] = []
  let began = 0
  let missing = 0
  let done = (): void => {}
  const hear = (): void => {
    const took = performance.now() - began
    all.push(took)
    if (--missing > 0) return
    last.push(took)
    done()
  }
  const { resourceVersion } = (await load.send('GET', `${configMaps}?limit=1`)).metadata
  for (let watcher = 0; watcher < watchers; watcher++) await listening.watchText(configMaps, hear, resourceVersion)
  for (let event = -warmUpEvents; event < events; event++) {
    if (event === 0) all.length = last.length = 0
    const { path, text } = configMap(0, 100 + event)
    const heard = new Promise<void>((resolve) => (done = resolve))
    missing = watchers
    began = performance.now()
    await Promise.all([load.apply(path, text), heard])
  }
  return {
    reachMedian: quantile(all, 0.5),
    reachMost: quantile(all, 0.99),
    lastMedian: quantile(last, 0.5),
    lastMost: quantile(last, 0.99),
  }
}

const warmUpEvents = 20

/** The real server ends a watch whose events come faster than they are read, as they would if all were made at once. */
const deploymentsAtOnce = 100

/** Milliseconds from before a Deployment of 3 is sent until its status says that 3 are ready: one alone, and seconds for all. */
async function untilReady(load: Load, count: number): Promise<Values> {
  const waiting = new Map<string, () => void>()
  await load.watch(deployments, ({ type, object }) => {
    const { readyReplicas } = (object['status'] ?? {}) as { readyReplicas?: number }
    if (type !== 'MODIFIED' || readyReplicas !== 3) return
    waiting.get(object.metadata.name)?.()
    waiting.delete(object.metadata.name)
  })
  const ready = async (number: number): Promise<number> => {
    const { path, text } = deployment(number, 3)
    const told = new Promise<void>((resolve) => waiting.set(`shop-${number}`, resolve))
    const began = performance.now()
    await Promise.all([load.apply(path, text), told])
    return performance.now() - began
  }
  const alone: number[] = []
  for (let number = 0; number < Math.min(count, 10); number++) alone.push(await ready(number))
  const began = performance.now()
  await inFlight(
    Array.from({ length: count }, (_, number) => 10 + number),
    deploymentsAtOnce,
    async (number) => void (await ready(number)),
  )
  return { deployment: quantile(alone, 0.5), deployments: (performance.now() - began) / 1000 }
}
