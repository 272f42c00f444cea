import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import { certify, playOn } from '../../../src/testing/crashes/certificate.ts'
import type { CrashPoint } from '../../../src/testing/crashes/calls.ts'
import { type History, readHistory } from '../../../src/testing/crashes/history.ts'
import type { StartLife } from '../../../src/testing/crashes/life.ts'
import { type OpenStage, playCrash, playReference } from '../../../src/testing/crashes/play.ts'
import { openServerStage } from '../../../src/testing/crashes/server-stage.ts'
import { openSimulatedStage } from '../../../src/testing/crashes/simulated-stage.ts'

const pruning = readHistory(fileURLToPath(new URL('../../scenarios/pruning/crashes.yaml', import.meta.url)))
const short: History = { ...pruning, steps: pruning.steps.slice(0, 2) }
const nothingHappens: History = { ...pruning, steps: [] }

describe('the certificate', () => {
  it('is given to the operator: at a tenth of the points of two steps here', { timeout: 60_000 }, async () => {
    const { results, failures } = await certify({
      histories: [short],
      play: playOn(openSimulatedStage, openSimulatedStage),
      count: (all) => Math.ceil(all / 10),
      seed: 'test',
      jobs: 1,
      progress: () => {},
    })
    expect(failures).toEqual([])
    const [result] = results
    expect(result).toMatchObject({ points: 3 * (result?.calls as number), equal: result?.played, unmet: 0 })
    expect(result?.played).toBeGreaterThan(5)
  })

  it('is refused to an operator that writes twice what it was about to note down', { timeout: 200_000 }, async () => {
    const open = (timeout: number): OpenStage => onSandbox(forgetful, timeout)
    const reference = await playReference(nothingHappens, open(150_000))
    const [get, post, patch] = reference.calls as [string, string, string]
    const ends = async (timeout: number, points: readonly CrashPoint[]) =>
      await Promise.all(points.map(async (point) => await playCrash(nothingHappens, open(timeout), reference, point)))
    // Harmless as long as nothing is written, and once it is noted.
    const harmless: CrashPoint[] = [
      { call: get, moment: 'after' },
      { call: post, moment: 'before' },
      { call: patch, moment: 'during' },
    ]
    expect(await ends(60_000, harmless)).toEqual(harmless.map(() => ({ kind: 'equal', met: true })))
    // Not in between.
    const inBetween: CrashPoint[] = [
      { call: post, moment: 'during' },
      { call: post, moment: 'after' },
      { call: patch, moment: 'before' },
    ]
    for (const end of await ends(6_000, inBetween))
      expect(end).toMatchObject({
        kind: 'different',
        step: 'the start',
        differences: expect.arrayContaining(['ConfigMap <namespace>/copy-0 metadata.labels: nothing, not {"noted":"yes"}']),
      })
  })

  it('waits for an operator that thinks for longer than it is quiet', async () => {
    const thinks: StartLife = () => {
      let busy = true
      setTimeout(() => (busy = false), 300)
      return { failed: Promise.withResolvers<never>().promise, idle: () => !busy, kill: async () => {} }
    }
    const { calls } = await playReference(nothingHappens, onSandbox(thinks, 10_000))
    expect(calls).toEqual([])
  })
})

/** A server of its own for each run. */
const onSandbox =
  (startLife: StartLife, timeout: number): OpenStage =>
  async (history, point) => {
    const sandbox = createSandbox()
    const { url } = await sandbox.listen({ tls: false })
    const server = { url, token: sandbox.token }
    const stage = await openServerStage({ server, startLife, namespace: 'crash', quiet: 50, timeout })(history, point)
    const dispose = stage[Symbol.asyncDispose].bind(stage)
    stage[Symbol.asyncDispose] = async () => {
      await dispose()
      await sandbox.close()
    }
    return stage
  }

/** It makes a copy under a name that is free, and then notes that it did. */
const forgetful: StartLife = ({ server, namespaces: [namespace] }) => {
  const path = `${server}/api/v1/namespaces/${namespace}/configmaps`
  const send = async (method: string, url: string, body?: object): Promise<Record<string, unknown>> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answer = await fetch(url, { method, headers: { 'content-type': type }, ...(body && { body: JSON.stringify(body) }) })
    return (await answer.json()) as Record<string, unknown>
  }
  let busy = true
  const work = async (): Promise<void> => {
    const { items } = (await send('GET', path)) as { items: { metadata: { name: string; labels?: object } }[] }
    if (items.some(({ metadata }) => metadata.labels && 'noted' in metadata.labels)) return
    const name = `copy-${items.filter(({ metadata }) => metadata.name.startsWith('copy-')).length}`
    await send('POST', `${path}?fieldManager=fairlead/forgetful`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { a: 'b' },
    })
    await send('PATCH', `${path}/${name}?fieldManager=fairlead/forgetful`, { metadata: { labels: { noted: 'yes' } } })
  }
  const { promise: failed } = Promise.withResolvers<never>()
  void work()
    .catch(() => {})
    .finally(() => (busy = false))
  return { failed, idle: () => !busy, kill: async () => {} }
}
