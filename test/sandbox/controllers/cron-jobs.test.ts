import { describe, expect, it } from 'vitest'
import { cronJobs } from '../../../src/sandbox/controllers/cron-jobs.ts'
import { garbageCollector } from '../../../src/sandbox/controllers/garbage-collector/controller.ts'
import { jobs } from '../../../src/sandbox/controllers/jobs/controller.ts'
import { kubelets, outcomeAnnotation } from '../../../src/sandbox/controllers/kubelet.ts'
import { scheduler } from '../../../src/sandbox/controllers/scheduler.ts'
import { change, namespace, podTemplate, withNodes } from './objects.ts'
import { type MemoryWorld, type Running, running } from './memory-world.ts'

const storage = 'batch/cronjobs'
const minute = 60_000
const names = (world: MemoryWorld): string[] => world.list('batch/jobs').map(({ metadata }) => metadata.name)
const status = (world: MemoryWorld) => world.get(storage, namespace, 'cron')?.['status']

async function started(spec: object = {}, annotations: Record<string, string> = {}): Promise<Running> {
  const run = running([garbageCollector(), cronJobs(), jobs(), scheduler(), kubelets()])
  withNodes(run.world)
  run.world.create(storage, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'cron', namespace },
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy: 'Allow',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          parallelism: 1,
          completions: 1,
          backoffLimit: 0,
          selector: { matchLabels: { a: 'b' } },
          template: podTemplate({ a: 'b' }, 'work:1', { annotations }),
        },
      },
      ...spec,
    },
  })
  await run.idle()
  return run
}

describe('a CronJob', () => {
  it('makes a job at each time, named after it, and keeps the last ones', async () => {
    const { world, failures } = await started()
    expect(names(world)).toEqual([])
    world.advance(minute)
    expect(names(world)).toEqual(['cron-29453761'])
    expect(world.list('batch/jobs')[0]?.metadata).toMatchObject({
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'cron', controller: true, blockOwnerDeletion: true }],
    })
    expect(status(world)).toEqual({ lastScheduleTime: '2026-01-01T00:01:00Z', lastSuccessfulTime: '2026-01-01T00:01:00Z' })
    world.advance(5 * minute)
    expect(names(world)).toEqual(['cron-29453764', 'cron-29453765', 'cron-29453766'])
    expect(failures).toEqual([])
  })

  it('tells which jobs are at work', async () => {
    const { world } = await started({}, { [outcomeAnnotation]: 'run' })
    world.advance(2 * minute)
    expect(status(world)).toMatchObject({
      active: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'cron-29453761', namespace }, { name: 'cron-29453762' }],
    })
  })

  it('that forbids more than one waits for the first', async () => {
    const { world } = await started({ concurrencyPolicy: 'Forbid' }, { [outcomeAnnotation]: 'run' })
    world.advance(3 * minute)
    expect(names(world)).toEqual(['cron-29453761'])
  })

  it('that replaces ends the job before', async () => {
    const { world } = await started({ concurrencyPolicy: 'Replace' }, { [outcomeAnnotation]: 'run' })
    world.advance(3 * minute)
    expect(names(world)).toEqual(['cron-29453763'])
    expect(world.list('/pods')).toHaveLength(1)
  })

  it('that was suspended makes up for the last missed time only', async () => {
    const run = await started({ suspend: true })
    run.world.advance(10 * minute + 30_000)
    expect(names(run.world)).toEqual([])
    change(run.world, storage, 'cron', { suspend: false })
    await run.idle()
    expect(names(run.world)).toEqual(['cron-29453770'])
  })

  it('does not make up for what is past its starting deadline', async () => {
    const run = await started({ suspend: true, schedule: '0 * * * *', startingDeadlineSeconds: 60 })
    run.world.advance(65 * minute)
    change(run.world, storage, 'cron', { suspend: false })
    await run.idle()
    expect(names(run.world)).toEqual([])
  })

  it('keeps the time of its zone, also in summer', async () => {
    const { world } = await started({ schedule: '30 9 * * *', timeZone: 'Europe/Berlin' })
    world.advance(9 * 60 * minute)
    expect(world.list('batch/jobs')[0]?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T09:30:00+01:00',
    })
    world.advance(200 * 24 * 60 * minute)
    expect(world.list('batch/jobs').at(-1)?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-07-20T09:30:00+02:00',
    })
  })

  it('runs every so often from its beginning', async () => {
    const { world } = await started({ schedule: '@every 90s' })
    world.advance(200_000)
    expect(status(world)).toMatchObject({ lastScheduleTime: '2026-01-01T00:03:00Z' })
  })
})
