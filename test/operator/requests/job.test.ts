import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import { jobName } from '../../../src/operator/requests/job-body.ts'
import { jobRequests, tidyUp } from '../../../src/operator/requests/job.ts'
import type { EffectRequest } from '../../../src/operator/requests/request.ts'
import { noRecords } from '../../../src/reconcile/walk.ts'
import { effectsStage, job, pod, secret } from '../effects-stage.ts'
import { around, effect } from './around.ts'

const inputs = { image: 'migrate:2', command: ['migrate', 'up'], keep: 'failed' }

async function stageWithShop() {
  const stage = await effectsStage()
  const shop = await stage.primary('shop')
  const request = (more: object = {}, of: Partial<EffectRequest> = {}): EffectRequest =>
    effect('job', { ...inputs, ...more }, { id: 'steps/migrate', timeout: 600_000, ...of })
  const surroundings = (signal?: AbortSignal) => around(shop, stage.context, signal, stage.watch)
  return {
    stage,
    shop,
    request,
    run: (asked = request(), signal?: AbortSignal) => jobRequests.run(asked, surroundings(signal)),
    settled: (asked: EffectRequest, response: Awaited<ReturnType<typeof jobRequests.run>>) =>
      jobRequests.settled?.(asked, response, surroundings()),
    nameOf: (asked = request()) => jobName(shop, asked, stage.context.sha256),
    jobs: async () => ((await stage.list(job)) as KubernetesObject[]).map(({ metadata }) => metadata.name),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

describe('job', () => {
  it('makes one Job, waits for its end, and answers with what the container has left', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0, terminationMessage: '{"migrated":7}' } })
    const response = await it.run()
    expect(response).toEqual({
      kind: 'answered',
      value: { exitCode: 0, reason: 'Completed', message: '{"migrated":7}', json: { migrated: 7 } },
    })
    const [name] = await it.jobs()
    expect(name).toMatch(/^shop-migrate-[0-9a-f]{10}$/)
    const made = await it.stage.get(job, name as string)
    expect(made).toMatchObject({
      metadata: {
        labels: { 'fairlead.dev/primary-uid': it.shop.metadata.uid },
        annotations: { 'fairlead.dev/act': 'steps/migrate', 'fairlead.dev/act-keep': 'failed' },
        ownerReferences: [{ uid: it.shop.metadata.uid, controller: true }],
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 600,
        template: { spec: { restartPolicy: 'Never', containers: [{ image: 'migrate:2', command: ['migrate', 'up'] }] } },
      },
    })
  })

  it('has failed with the exit code, and tells nothing of what the container says beside its answer', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 3, terminationMessage: 'token=hunter2' } })
    expect(await it.run()).toMatchObject({
      kind: 'failed',
      message: `Job default/${it.nameOf()} failed: its container ended with exit code 3`,
      value: { exitCode: 3, message: 'token=hunter2', json: null },
    })
  })

  it('is found again by whoever asks for the same try, and is another one for another try and for the same act another time', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0, delay: '10s' } })
    const stopping = new AbortController()
    const first = it.run(it.request(), stopping.signal)
    await it.stage.eventually(async () => (await it.jobs()).length === 1)
    await it.stage.eventually(() => it.stage.dependentsOf(job).size === 1)
    stopping.abort('stopping')
    expect(await first).toMatchObject({ kind: 'unknown', message: `Job default/${it.nameOf()} goes on` })
    const again = it.run(it.request({}, { isRepeated: true }))
    await it.stage.sandbox.controllers.idle()
    it.stage.sandbox.clock.advance(10_000)
    expect(await again).toMatchObject({ kind: 'answered' })
    expect(await it.jobs()).toHaveLength(1)
    const names = [it.request(), it.request({}, { attempt: 2 }), it.request({}, { idempotencyKey: 'another' })].map(it.nameOf)
    expect(new Set(names).size).toBe(3)
  })

  it('is deleted when it is cancelled, and its answer says so', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0, delay: '1h' } })
    const cancelling = new AbortController()
    const running = it.run(it.request(), cancelling.signal)
    await it.stage.eventually(async () => (await it.jobs()).length === 1)
    cancelling.abort('cancelled')
    expect(await running).toEqual({ kind: 'failed', message: `Job default/${it.nameOf()} was deleted: it was cancelled` })
    expect(await it.jobs()).toEqual([])
  })

  it('is unknown where somebody deletes it while it runs', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0, delay: '1h' } })
    const running = it.run()
    const [name] = await it.stage.eventually(async () => {
      const names = await it.jobs()
      return names.length > 0 && it.stage.dependentsOf(job).size > 0 && names
    })
    await it.stage.remove(job, name as string)
    expect(await running).toMatchObject({ kind: 'unknown', message: expect.stringContaining('was deleted before it ended') })
  })

  it('takes no Job of somebody else for its own', async () => {
    await using it = await stageWithShop()
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'other' }] } }
    await it.stage.create(job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: it.nameOf() }, spec: { template } })
    expect(await it.run()).toEqual({ kind: 'failed', message: `the name Job default/${it.nameOf()} is taken by a Job of somebody else` })
  })

  it('goes once its outcome is on record; a failed one stays until the next, by `keep` all, none or for a time', async () => {
    await using it = await stageWithShop()
    const { stage } = it
    const finish = async (asked: EffectRequest, exitCode: number) => {
      const script = stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode } })
      const response = await it.run(asked)
      script.remove()
      const name = it.nameOf(asked)
      await stage.eventually(() => stage.dependentsOf(job).get(`default/${name}`)?.['status'])
      expect(await it.jobs()).toContain(name)
      await it.settled(asked, response)
      return name
    }
    const failed = await finish(it.request(), 1)
    expect(await it.jobs()).toEqual([failed])
    // Of one that has failed again only the last stays, and none once it has succeeded.
    await stage.sandbox.controllers.idle()
    stage.sandbox.clock.advance(1_000)
    const again = await finish(it.request({}, { attempt: 2 }), 1)
    expect(await it.jobs()).toEqual([again])
    stage.sandbox.clock.advance(1_000)
    await finish(it.request({}, { attempt: 3 }), 0)
    expect(await it.jobs()).toEqual([])

    const kept = await finish(it.request({ keep: 'always' }, { id: 'steps/always' }), 0)
    await finish(it.request({ keep: 'never' }, { id: 'steps/never' }), 1)
    const timed = await finish(it.request({ keep: '90s' }, { id: 'steps/timed' }), 0)
    expect((await it.jobs()).toSorted()).toEqual([kept, timed].toSorted())
    expect((await stage.get(job, timed))?.['spec']).toMatchObject({ ttlSecondsAfterFinished: 90 })
  })

  it('is tidied up by the next process where the outcome is on record and this one has ended before', async () => {
    await using it = await stageWithShop()
    const { stage } = it
    stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0 } })
    await it.run()
    await it.run(it.request({}, { id: 'steps/open' }))
    await stage.eventually(() => [...stage.dependentsOf(job).values()].filter((object) => object['status']).length === 2)
    const record = { hash: 'h', at: 1 }
    const acts = { 'steps/migrate': { ...record, state: 'done' as const }, 'steps/open': { ...record, state: 'started' as const } }
    const works: Promise<void>[] = []
    expect(tidyUp(it.shop, { ...noRecords, acts }, stage.newContext(), (work) => works.push(work))).toBe(true)
    await Promise.all(works)
    expect(await it.jobs()).toEqual([it.nameOf(it.request({}, { id: 'steps/open' }))])
  })

  it('refers to Secrets and never holds their values', async () => {
    await using it = await stageWithShop()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'hunter2' } })
    const secretRef = { namespace: 'default', name: 'db', key: 'password' }
    const volumes = {
      '/backup': { claim: 'backup', readOnly: true },
      '/tls/ca.crt': { secret: 'tls', key: 'ca.crt' },
      '/tmp': { emptyDir: true },
    }
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0 } })
    void it.run(it.request({ env: { MODE: 'fast', PASSWORD: { secretRef } }, volumes, podSpec: { nodeSelector: { disk: 'ssd' } } }))
    const made = await it.stage.eventually(async () => await it.stage.get(job, it.nameOf(it.request())))
    expect(made['spec']).toMatchObject({
      template: {
        spec: {
          nodeSelector: { disk: 'ssd' },
          containers: [
            {
              env: [
                { name: 'MODE', value: 'fast' },
                { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
              ],
              volumeMounts: [
                { name: 'volume-0', mountPath: '/backup', readOnly: true },
                { name: 'volume-1', mountPath: '/tls/ca.crt', subPath: 'ca.crt' },
                { name: 'volume-2', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'volume-0', persistentVolumeClaim: { claimName: 'backup', readOnly: true } },
            { name: 'volume-1', secret: { secretName: 'tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { name: 'volume-2', emptyDir: {} },
          ],
        },
      },
    })
    expect(JSON.stringify(made)).not.toContain('hunter2')
    for (const [more, message] of [
      [{ command: ['login', { secretRef }] }, 'stands in command'],
      [{ env: { URL: { secretText: ['db://', { secretRef }] } } }, 'the variable URL is a part of a text'],
      [{ env: { PASSWORD: { secretRef: { ...secretRef, namespace: 'other' } } } }, 'in a Secret of namespace other'],
    ] as const)
      expect(await it.run(it.request(more, { id: 'steps/other' }))).toMatchObject({
        kind: 'failed',
        message: expect.stringContaining(message),
      })
  })

  it('leaves no mark on its pods', async () => {
    await using it = await stageWithShop()
    it.stage.sandbox.pods.script({ match: { image: /^migrate:/ }, run: { exitCode: 0 } })
    await it.run()
    const [made] = (await it.stage.list(pod)) as KubernetesObject[]
    expect(Object.keys(made?.metadata.labels ?? {}).filter((name) => name.startsWith('fairlead.dev/'))).toEqual([])
  })

  it('has a name of at most 63 characters that tells primary and step', () => {
    const long: KubernetesObject = { apiVersion: 'v1', kind: 'A', metadata: { name: `${'shop.'.repeat(30)}x`, uid: 'u' } }
    const name = jobName(long, effect('job', {}, { id: 'backup@2026-03-01T02:00:00Z/Save_everything-very-thoroughly/x' }), () =>
      'f'.repeat(64),
    )
    expect(name).toMatch(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])$/)
    expect(name.length).toBeLessThanOrEqual(63)
    expect(name).toContain('-save-everything-ver')
  })
})
