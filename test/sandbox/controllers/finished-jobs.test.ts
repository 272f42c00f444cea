import { expect, it } from 'vitest'
import { finishedJobs } from '../../../src/sandbox/controllers/finished-jobs.ts'
import { namespace } from './objects.ts'
import { running } from './memory-world.ts'

it('a job goes in the foreground when its time to live has passed since its end', async () => {
  const run = running([finishedJobs()])
  const job = run.world.create('batch/jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job', namespace },
    spec: { ttlSecondsAfterFinished: 60 },
  })
  await run.idle()
  run.world.advance(120_000)
  expect(run.world.get('batch/jobs', namespace, 'job')?.metadata.deletionTimestamp).toBeUndefined()
  run.world.updateStatus('batch/jobs', {
    ...job,
    status: { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: '2026-01-01T00:02:00Z' }] },
  })
  await run.idle()
  run.world.advance(59_999)
  expect(run.world.get('batch/jobs', namespace, 'job')?.metadata.deletionTimestamp).toBeUndefined()
  run.world.advance(1)
  expect(run.world.get('batch/jobs', namespace, 'job')?.metadata.finalizers).toEqual(['foregroundDeletion'])
})
