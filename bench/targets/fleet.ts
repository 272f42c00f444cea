/** A fleet of ten thousand on the sandbox: how much of it stays resident, and how long a start over all of it takes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load as parseYaml } from 'js-yaml'
import { eventually } from '../../test/controlplane/eventually.ts'
import { kubeconfig } from '../../test/controlplane/kubeconfig.ts'
import { shop } from '../control-plane/bare-loop.ts'
import { cpuSeconds, type Engine, mostResidentBytes, residentBytes } from '../control-plane/engine.ts'
import { inFlight, Load } from '../control-plane/load.ts'
import { Paths, ready } from '../control-plane/observer.ts'
import { Part } from '../sandbox/part.ts'
import type { Served } from '../sandbox/served.ts'
import { definitionFile, startEngine, untilIdle, untilSettled } from './subject.ts'
import type { Values } from './values.ts'

export async function fleet({ count, say }: { count: number; say: (line: string) => void }): Promise<Values> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
  let engine: Engine | undefined
  try {
    await using part = new Part<Served>('./served.ts', ['https'])
    const served = await part.next()
    await using load = new Load(served)
    const config = join(directory, 'kubeconfig')
    writeFileSync(config, kubeconfig({ ...served, ca: served.ca as string }), { mode: 0o600 })
    const paths = new Paths('fleet')
    await load.send(
      'POST',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      parseYaml(readFileSync(definitionFile, 'utf8')) as object,
    )
    await eventually(async () => await load.send('GET', '/apis/bench.fairlead.dev/v1/shops'), { describe: 'the sandbox serves Shops' })
    await load.send('POST', '/api/v1/namespaces', { metadata: { name: paths.namespace } })
    const start = (number: number): Engine =>
      startEngine({ kubeconfig: config, namespaces: [], log: join(directory, `engine-${number}.log`) })

    engine = start(1)
    await untilSettled(engine)
    await untilIdle([engine.pid])
    const idle = residentBytes(engine.pid)
    const found = new Set<string>()
    await load.watch(paths.shops, ({ object }) => void (ready(object) && found.add(object.metadata.name)))
    const began = performance.now()
    const names = Array.from({ length: count }, (_, number) => `shop-${number}`)
    await inFlight(names, 16, async (name) => void (await load.send('POST', paths.shops, shop(name))))
    const told = setInterval(() => say(`${found.size} of ${count} are ready`), 30_000)
    try {
      await eventually(() => found.size === count, { describe: `${count} are ready`, timeout: 120_000 + count * 200, interval: 200 })
    } finally {
      clearInterval(told)
    }
    const made = (performance.now() - began) / 1000
    await untilIdle([engine.pid])
    const afterwards = { resident: residentBytes(engine.pid), most: mostResidentBytes(engine.pid) }
    say(`${count} made in ${made.toFixed(1)} s, resident ${(afterwards.resident / 1e6).toFixed(0)} MB`)
    await engine.stop()

    const restarted = performance.now()
    engine = start(2)
    await untilSettled(engine, { done: count, seconds: 300, every: 250 })
    const verified = (performance.now() - restarted) / 1000
    const cpu = cpuSeconds(engine.pid)
    await untilIdle([engine.pid])
    const metrics = await engine.metrics()
    const result = {
      'start s': verified,
      'start cpu s': cpu,
      'start writes':
        metrics?.series('fairlead_api_requests_total').filter(({ labels }) => !['get', 'list', 'watch'].includes(labels['verb'] ?? ''))
          .length ?? Number.NaN,
      'idle MB': idle / 1e6,
      'made MB': afterwards.resident / 1e6,
      'made most MB': afterwards.most / 1e6,
      'found MB': residentBytes(engine.pid) / 1e6,
      'found most MB': mostResidentBytes(engine.pid) / 1e6,
    }
    say(`started in ${verified.toFixed(1)} s, resident ${result['found MB'].toFixed(0)} MB`)
    return { ...result, 'found kB each': ((result['found MB'] - result['idle MB']) * 1000) / count }
  } finally {
    await engine?.stop('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}
