/** Jobs with a time to live go when it has passed since they ended. (pkg/controller/ttlafterfinished) */
import { ApiError } from '../status/api-error.ts'
import type { Controller } from './controller.ts'
import { endOf, type Job } from './jobs/job.ts'
import { splitKey } from './ownership.ts'
import { isTerminating } from './pods.ts'

const storage = 'batch/jobs'

export function finishedJobs(): Controller {
  return {
    name: 'ttl-after-finished',
    watches: [storage],
    keys({ type, object }) {
      const { namespace = '', name } = object.metadata
      return type !== 'DELETED' && (object as Job).spec.ttlSecondsAfterFinished !== undefined ? [`${namespace}/${name}`] : []
    },
    reconcile(key, world) {
      const job = world.get(storage, ...splitKey(key)) as Job | undefined
      const end = job && endOf(job)
      const { ttlSecondsAfterFinished } = job?.spec ?? {}
      if (!job || !end || ttlSecondsAfterFinished === undefined || isTerminating(job)) return undefined
      const rest = Date.parse(end.lastTransitionTime ?? '') + ttlSecondsAfterFinished * 1000 - world.now()
      if (rest > 0) return rest
      const { namespace = '', name, uid } = job.metadata
      try {
        world.delete(storage, namespace, name, { propagationPolicy: 'Foreground', ...(uid === undefined ? {} : { uid }) })
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 404)) throw error
      }
      return undefined
    },
  }
}
