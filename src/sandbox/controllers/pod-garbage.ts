/** Pods whose node has gone are taken away. A real cluster waits 40 s for the node to come back. (pkg/controller/podgc) */
import type { Controller } from './controller.ts'
import { splitKey } from './ownership.ts'
import { isFinished, type Pod } from './pods.ts'
import { remove } from './remove.ts'
import { writeStatus } from './status-writer.ts'

const quarantine = 40_000

export function podGarbage(): Controller {
  const onNode = new Map<string, Set<string>>()
  /** Node → when it went, in milliseconds. */
  const gone = new Map<string, number>()
  return {
    name: 'pod-garbage-collector',
    watches: ['/pods', '/nodes'],
    keys({ storage, type, object }, world) {
      const { namespace = '', name } = object.metadata
      if (storage === '/nodes') {
        if (type === 'DELETED') gone.set(name, world.now())
        else gone.delete(name)
        return type === 'DELETED' ? (onNode.get(name) ?? []) : []
      }
      const node = (object as Pod).spec.nodeName
      if (!node) return []
      const pods = onNode.get(node) ?? new Set()
      onNode.set(node, pods)
      if (type === 'DELETED') pods.delete(`${namespace}/${name}`)
      else pods.add(`${namespace}/${name}`)
      return []
    },
    reconcile(key, world) {
      const pod = world.get('/pods', ...splitKey(key)) as Pod | undefined
      const since = pod && gone.get(pod.spec.nodeName ?? '')
      if (!pod || since === undefined) return undefined
      const rest = since + quarantine - world.now()
      if (rest > 0) return rest
      const ended = isFinished(pod) ? pod : writeStatus(world, '/pods', pod, { ...pod.status, phase: 'Failed' })
      remove(world, '/pods', ended, { gracePeriodSeconds: 0 })
      return undefined
    },
  }
}
