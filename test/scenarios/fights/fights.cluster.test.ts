import { describe, expect } from 'vitest'
import { appPath, createApp, installAppDefinition, patchApp, untilReady } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { collection, type Condition, exists, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { untilTold } from '../told.ts'
import { Deleter, SecondManager } from './second-manager.ts'

interface Deployment {
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } }
}

describe('two managers that want different numbers of replicas', () => {
  test('are named with their numbers, and only their object is written less often, until one of them stops', {
    timeout: 150_000,
  }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    await createApp(cluster, 'shop', { replicas: 3, config: { GREETING: 'hello' } })
    await createApp(cluster, 'other', { replicas: 1 })
    await untilReady(cluster, 'shop')
    await untilReady(cluster, 'other')
    const deployment = (name: string) => `${collection(cluster, 'apps/v1', 'deployments')}/${name}`
    const path = appPath(cluster, 'shop')
    const repairs = () =>
      running.lines
        .filter(({ msg }) => msg.startsWith('updated Deployment/shop: .spec.replicas put back'))
        .map(({ time }) => Date.parse(time))

    const rival = new SecondManager(cluster, { name: 'hpa-like-manager', path: deployment('shop'), replicas: 5 })
    const fighting = await untilCondition(cluster, path, { type: 'Fighting', status: 'True' })
    expect(fighting.message).toMatch(/^Deployment\/shop spec\.replicas: we 3, hpa-like-manager 5, \d+ flips a minute$/)
    console.log(fighting.message)
    expect(await untilTold(cluster, 'Fighting')).toMatchObject({
      type: 'Warning',
      regarding: { kind: 'App', name: 'shop' },
      note: expect.stringMatching(/^Deployment\/shop spec\.replicas: we 3, hpa-like-manager 5, \d+ flips a minute$/),
    })
    const recognised = repairs().length
    expect(recognised).toBeLessThanOrEqual(6)
    expect(await untilCondition(cluster, path, { type: 'Stalled', status: 'True' })).toMatchObject({ reason: 'Fighting' })
    expect((await scrape(running)).sum('fairlead_fights_total')).toBe(1)

    // What is not contested is as fast as ever, in the App itself, in its Deployment, and in another App.
    const since = Date.now()
    await patchApp(cluster, 'shop', { spec: { image: 'example.com/web:2', config: { GREETING: 'bye' } } })
    await patchApp(cluster, 'other', { spec: { replicas: 2 } })
    await cluster.eventually(
      async () => {
        const { data } = await read<{ data: Record<string, string> }>(cluster, `${collection(cluster, 'v1', 'configmaps')}/shop`)
        const images = (await read<Deployment>(cluster, deployment('shop'))).spec.template.spec.containers.map(({ image }) => image)
        return data['GREETING'] === 'bye' && images.includes('example.com/web:2')
      },
      { describe: 'the change of the App is carried out', interval: 10 },
    )
    await cluster.eventually(async () => (await read<Deployment>(cluster, deployment('other'))).spec.replicas === 2, { interval: 10 })
    const took = Date.now() - since
    console.log(`other changes during the fight took ${took} ms`)
    expect(took).toBeLessThan(2_000)

    await cluster.eventually(() => repairs().length >= recognised + 2, { describe: 'two more repairs', timeout: 30_000 })
    const gaps = repairs()
      .slice(recognised - 1)
      .map((time, index, times) => time - (times[index - 1] ?? Number.NaN))
      .slice(1)
    console.log('milliseconds between the repairs:', gaps)
    expect(gaps[0]).toBeGreaterThan(1_900)
    expect(gaps[1]).toBeGreaterThan(3_900)

    await rival.stop()
    const gone = async (): Promise<boolean> => {
      const { status } = await read<{ status: { conditions: Condition[] } }>(cluster, path)
      return status.conditions.every(({ type }) => type !== 'Fighting')
    }
    await cluster.eventually(gone, { describe: 'the fight is over', timeout: 60_000 })
    await untilReady(cluster, 'shop')
    expect((await read<Deployment>(cluster, deployment('shop'))).spec.replicas).toBe(3)
    await untilQuiet(cluster, running, path)
  })
})

describe('an object that somebody deletes each time it is made again', () => {
  test('is named, and only that one is made less often, though at once where the App changes it, until it is left alone', {
    timeout: 150_000,
  }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    await createApp(cluster, 'shop', { replicas: 1, config: { GREETING: 'hello' } })
    await untilReady(cluster, 'shop')
    const path = appPath(cluster, 'shop')
    const configMap = `${collection(cluster, 'v1', 'configmaps')}/shop`
    const returns = () => running.lines.filter(({ msg }) => msg === 'created ConfigMap/shop (drift)').map(({ time }) => Date.parse(time))

    const deleter = new Deleter(cluster, configMap)
    const fighting = await untilCondition(cluster, path, { type: 'Fighting', status: 'True' })
    expect(fighting.message).toMatch(/^ConfigMap\/shop: made again and deleted by somebody, \d+ flips a minute$/)
    expect(await untilCondition(cluster, path, { status: 'False' })).toMatchObject({ reason: 'Fighting' })
    expect((await scrape(running)).sum('fairlead_fights_total')).toBe(1)
    const recognised = returns().length
    expect(recognised).toBeLessThanOrEqual(6)

    await patchApp(cluster, 'shop', { spec: { replicas: 2 } })
    const deployment = `${collection(cluster, 'apps/v1', 'deployments')}/shop`
    await cluster.eventually(async () => (await read<Deployment>(cluster, deployment)).spec.replicas === 2, { interval: 10 })

    await cluster.eventually(() => returns().length >= recognised + 2, { describe: 'it is made twice more', timeout: 30_000 })
    const times = returns().slice(recognised - 1)
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number))
    expect(gaps[0]).toBeGreaterThan(1_900)
    expect(gaps[1]).toBeGreaterThan(3_900)

    // What the App asks for anew is no repair, and waits for nothing: the next repair would be 8 s after the last.
    await cluster.eventually(async () => !(await exists(cluster, configMap)), { describe: 'it is deleted once more', interval: 10 })
    await deleter.stop()
    const since = Date.now()
    await patchApp(cluster, 'shop', { spec: { config: { GREETING: 'bye' } } })
    await cluster.eventually(async () => (await read<{ data: Record<string, string> }>(cluster, configMap)).data['GREETING'] === 'bye', {
      describe: 'it is made with what the App asks for',
      interval: 10,
    })
    const took = Date.now() - since
    console.log(`the change of the App during the fight took ${took} ms`)
    expect(took).toBeLessThan(3_000)

    await cluster.eventually(
      async () =>
        (await read<{ status: { conditions: Condition[] } }>(cluster, path)).status.conditions.every(({ type }) => type !== 'Fighting'),
      { describe: 'the fight is over', timeout: 60_000 },
    )
    await untilReady(cluster, 'shop')
    expect(await exists(cluster, configMap)).toBe(true)
    expect((await running.line(/is not contested any more/)).msg).toBe('ConfigMap/shop is not contested any more')
    await untilQuiet(cluster, running, path)
  })
})
