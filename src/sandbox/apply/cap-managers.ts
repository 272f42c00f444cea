/**
 * No more than ten managers that update: the oldest of a version become one, `ancient-changes`.
 * (apimachinery, managedfields/internal/capmanagers.go)
 */
import { union } from '../../fields/set.ts'
import { identifierOf, type Manager, type Managers, secondsOf } from './manager.ts'
import { compareText } from './wire-order.ts'

const limit = 10
const ancient = 'ancient-changes'

/** Changes and answers `managers`. */
export function capManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= limit) return managers
  updaters.sort(([left, one], [right, other]) => secondsOf(one.time) - secondsOf(other.time) || compareText(left, right))
  const firstOfVersion = new Map<string, string>()
  let count = updaters.length
  for (const [identifier, manager] of updaters) {
    if (count <= limit) break
    const { apiVersion } = manager
    const first = firstOfVersion.get(apiVersion)
    if (first === undefined) {
      firstOfVersion.set(apiVersion, identifier)
      continue
    }
    const bucket: Omit<Manager, 'set' | 'time'> = { name: ancient, operation: 'Update', apiVersion, subresource: '' }
    const bucketIdentifier = identifierOf(bucket)
    const gathered = managers.get(bucketIdentifier)?.set ?? (managers.get(first) as Manager).set
    if (!managers.has(bucketIdentifier)) managers.delete(first)
    managers.set(bucketIdentifier, { ...bucket, set: union(manager.set, gathered), time: manager.time })
    managers.delete(identifier)
    count--
  }
  return managers
}
