/**
 * The state of a sandbox as JSON: every object as it is stored, with the version of the last write and the time.
 *
 * Users, faults and what was advanced are not part of it. The definitions of custom resources are objects like any other, so that their
 * resources come back with them.
 */
import { isMap, type KubernetesObject } from '../../api/object.ts'
import type { Storage } from '../storage/storage.ts'
import { StateError } from './state-error.ts'

/** Plain data: it can be written as JSON and read again. */
export interface SavedState {
  readonly format: typeof stateFormat
  readonly formatVersion: typeof stateVersion
  /** The Kubernetes that the sandbox emulated: `v1.36.3`. */
  readonly kubernetes: string
  /** The version of the last write. */
  readonly resourceVersion: string
  /** The sandbox's time, RFC 3339. */
  readonly time: string
  /** By storage: `/configmaps`, `apps/deployments`; in the form in which they are stored. */
  readonly objects: Readonly<Record<string, readonly KubernetesObject[]>>
}

const stateFormat = 'fairlead-sandbox-state'
const stateVersion = 1

/** A copy of all that is stored. `time`: milliseconds since the epoch. */
export function saveState(storage: Storage, { kubernetes, time }: { readonly kubernetes: string; readonly time: number }): SavedState {
  const objects: [string, readonly KubernetesObject[]][] = []
  for (const name of [...storage.storages()].sort()) {
    const all = [...storage.list(name)]
    if (all.length > 0) objects.push([name, all])
  }
  return {
    format: stateFormat,
    formatVersion: stateVersion,
    kubernetes,
    resourceVersion: String(storage.revision),
    time: new Date(time).toISOString(),
    objects: structuredClone(Object.fromEntries(objects)),
  }
}

/** Puts a checked state into an empty storage. Versions go on above the saved one, so that watches from before are told to list again. */
export function restoreState(storage: Storage, state: SavedState): void {
  const version = Number(state.resourceVersion) + 1
  for (const [name, objects] of Object.entries(structuredClone(state.objects))) storage.restore(name, objects, version)
}

/** @param where what messages call it: a path @throws StateError for anything that is not a state which this version can read */
export function checkState(value: unknown, where: string): SavedState {
  const refuse = (problem: string, remedy: string): never => {
    throw new StateError(where, problem, remedy)
  }
  const again = 'write one with sandbox.save()'
  if (!isMap(value)) return refuse('is not a saved state: it is not a JSON object', again)
  if (value['format'] !== stateFormat)
    return refuse(`is not a saved state: its "format" is ${JSON.stringify(value['format'])}, not "${stateFormat}"`, again)
  const { formatVersion } = value
  if (formatVersion !== stateVersion)
    return refuse(
      `has formatVersion ${JSON.stringify(formatVersion)}, and this version of fairlead reads ${stateVersion}`,
      typeof formatVersion === 'number' && formatVersion > stateVersion
        ? 'use the version of fairlead that saved it, or a later one'
        : again,
    )
  const broken = (field: string, wanted: string): never => refuse(`is damaged: ${field} is not ${wanted}`, again)
  if (typeof value['kubernetes'] !== 'string') return broken('kubernetes', 'a string')
  if (typeof value['resourceVersion'] !== 'string' || !/^\d{1,15}$/.test(value['resourceVersion']))
    return broken('resourceVersion', 'a number as a string')
  if (typeof value['time'] !== 'string' || Number.isNaN(Date.parse(value['time']))) return broken('time', 'an RFC 3339 time')
  const { objects } = value
  if (!isMap(objects)) return broken('objects', 'an object')
  for (const [storage, all] of Object.entries(objects)) {
    const at = `objects[${JSON.stringify(storage)}]`
    if (!Array.isArray(all)) return broken(at, 'an array')
    const seen = new Set<string>()
    for (const [index, object] of (all as unknown[]).entries()) {
      const problem = objectProblem(object, Number(value['resourceVersion']))
      if (problem) return broken(`${at}[${index}]${problem.field}`, problem.wanted)
      const { namespace = '', name } = (object as KubernetesObject).metadata
      if (seen.has(`${namespace}/${name}`))
        return broken(`${at}[${index}]`, `the only one with the name ${namespace ? `${namespace}/` : ''}${name}`)
      seen.add(`${namespace}/${name}`)
    }
  }
  return value as unknown as SavedState
}

interface ObjectProblem {
  readonly field: string
  readonly wanted: string
}

function objectProblem(object: unknown, newest: number): ObjectProblem | undefined {
  if (!isMap(object)) return { field: '', wanted: 'an object' }
  for (const field of ['apiVersion', 'kind']) if (!isText(object[field])) return { field: `.${field}`, wanted: 'a string' }
  const { metadata } = object
  if (!isMap(metadata)) return { field: '.metadata', wanted: 'an object' }
  for (const field of ['name', 'uid', 'creationTimestamp'])
    if (!isText(metadata[field])) return { field: `.metadata.${field}`, wanted: 'a string' }
  if (metadata['namespace'] !== undefined && !isText(metadata['namespace'])) return { field: '.metadata.namespace', wanted: 'a string' }
  const version = metadata['resourceVersion']
  if (typeof version !== 'string' || !/^\d+$/.test(version) || Number(version) > newest)
    return { field: '.metadata.resourceVersion', wanted: `a number as a string, up to ${newest}` }
  return undefined
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
