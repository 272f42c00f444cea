import { describe, expect, it } from 'vitest'
import { finishAfterAnnotation, kubelets, outcomeAnnotation, stopAfterAnnotation } from '../../../../src/sandbox/controllers/kubelet.ts'
import { jobs } from '../../../../src/sandbox/controllers/jobs/controller.ts'
import type { Job } from '../../../../src/sandbox/controllers/jobs/job.ts'
import { scheduler } from '../../../../src/sandbox/controllers/scheduler.ts'
import { change, namespace, podTemplate, withNodes } from '../objects.ts'
import { type MemoryWorld, type Running, running } from '../memory-world.ts'

const storage = 'batch/jobs'
const status = (world: MemoryWorld) => (world.get(storage, namespace, 'job') as Job).status
const conditions = (world: MemoryWorld) => status(world)?.conditions?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`)
const phases = (world: MemoryWorld) => world.list('/pods').map((pod) => (pod['status'] as { phase: string }).phase)

async function started(spec: Partial<Job['spec']> = {}, annotations: Record<string, string> = {}): Promise<Running> {
  const run = running([jobs(), scheduler(), kubelets()])
  withNodes(run.world)
  run.world.create(storage, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job', namespace },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { job: 'job' } },
      template: podTemplate({ job: 'job' }, 'work:1', { annotations }),
      ...spec,
    },
  })
  await run.idle()
  expect(run.failures).toEqual([])
  return run
}

describe('a Job', () => {
  it('is complete when enough pods have succeeded, and lets go of them', async () => {
    const { world } = await started({ completions: 3, parallelism: 2 })
    expect(status(world)).toMatchObject({
      succeeded: 3,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      completionTime: '2026-01-01T00:00:00Z',
    })
    expect(conditions(world)).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached'])
    expect(phases(world)).toEqual(['Succeeded', 'Succeeded', 'Succeeded'])
    expect(world.list('/pods').flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([])
  })

  it('never has more pods at work than may be', async () => {
    const run = await started({ completions: 5, parallelism: 2 }, { [finishAfterAnnotation]: '1s' })
    const counts: number[] = []
    run.world.subscribe(() => void counts.push(phases(run.world).filter((phase) => phase === 'Running').length))
    run.world.advance(10_000)
    expect(Math.max(...counts)).toBe(2)
    expect(status(run.world)).toMatchObject({ succeeded: 5 })
  })

  it('that is indexed has one pod for each index', async () => {
    const { world } = await started({ completions: 3, parallelism: 3, completionMode: 'Indexed' })
    expect(status(world)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
    expect(
      world.list('/pods').map(({ metadata }) => [metadata['generateName'], metadata.labels?.['batch.kubernetes.io/job-completion-index']]),
    ).toEqual([
      ['job-0-', '0'],
      ['job-1-', '1'],
      ['job-2-', '2'],
    ])
  })

  it('tries again after a pause that doubles, and fails beyond its limit', async () => {
    const { world } = await started({ backoffLimit: 2 }, { [outcomeAnnotation]: 'fail' })
    expect(status(world)).toMatchObject({ failed: 1 })
    world.advance(9_999)
    expect(status(world)).toMatchObject({ failed: 1 })
    world.advance(1)
    expect(status(world)).toMatchObject({ failed: 2 })
    world.advance(19_999)
    expect(status(world)).toMatchObject({ failed: 2 })
    world.advance(1)
    expect(status(world)).toMatchObject({ failed: 3 })
    expect(conditions(world)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
    expect(world.waits).toBe(0)
  })

  it('fails when its deadline has passed, and ends its pods', async () => {
    const { world } = await started({ activeDeadlineSeconds: 5, parallelism: 2, completions: 2 }, { [outcomeAnnotation]: 'run' })
    expect(status(world)).toMatchObject({ active: 2, ready: 2 })
    world.advance(5_000)
    expect(conditions(world)).toEqual(['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded'])
    expect(status(world)).toMatchObject({ failed: 2 })
    expect(world.list('/pods')).toEqual([])
  })

  it('that is suspended has no pods, and starts anew when it goes on', async () => {
    const run = await started({}, { [outcomeAnnotation]: 'run' })
    change(run.world, storage, 'job', { suspend: true })
    await run.idle()
    expect(run.world.list('/pods')).toEqual([])
    expect(status(run.world)).not.toHaveProperty('startTime')
    expect(conditions(run.world)).toEqual(['Suspended=True JobSuspended'])
    run.world.advance(60_000)
    change(run.world, storage, 'job', { suspend: false })
    await run.idle()
    expect(status(run.world)).toMatchObject({ active: 1, startTime: '2026-01-01T00:01:00Z' })
    expect(conditions(run.world)).toEqual(['Suspended=False JobResumed'])
  })

  it('makes a new pod for one that somebody deleted', async () => {
    const run = await started({}, { [outcomeAnnotation]: 'run' })
    const [first] = run.world.list('/pods')
    run.world.delete('/pods', namespace, first?.metadata.name ?? '')
    await run.idle()
    expect(run.world.list('/pods').map(({ metadata }) => metadata.uid)).not.toContain(first?.metadata.uid)
    expect(status(run.world)).toMatchObject({ active: 1, failed: 1 })
  })

  it('that replaces pods once they have failed waits for how a deleted one ends', async () => {
    const annotations = { [outcomeAnnotation]: 'run', [stopAfterAnnotation]: '5s' }
    const run = await started({ podReplacementPolicy: 'Failed' }, annotations)
    const [first] = run.world.list('/pods')
    run.world.delete('/pods', namespace, first?.metadata.name ?? '')
    await run.idle()
    expect(status(run.world)).toMatchObject({ terminating: 1 })
    expect(status(run.world)).not.toHaveProperty('active')
    run.world.advance(5_000 + 10_000)
    await run.idle()
    expect(status(run.world)).toMatchObject({ active: 1, failed: 1, terminating: 0 })
  })

  it('has failed only when the last of its pods has gone, though somebody suspends it', async () => {
    const run = await started({ activeDeadlineSeconds: 5 }, { [outcomeAnnotation]: 'run', [stopAfterAnnotation]: '3s' })
    const { world } = run
    world.advance(5_000)
    expect(conditions(world)).toEqual(['FailureTarget=True DeadlineExceeded'])
    change(world, storage, 'job', { suspend: true })
    await run.idle()
    expect(status(world)).toMatchObject({ failed: 1, terminating: 1 })
    world.advance(3_000)
    expect(conditions(world)).toEqual(['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded'])
    expect(status(world)).toMatchObject({ failed: 1, terminating: 0, startTime: '2026-01-01T00:00:00Z' })
  })
})
