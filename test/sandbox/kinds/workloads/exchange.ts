/** Writes a case to a server and tells what it answered, without what is the server's or the run's own. */
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { type BaseName, bases, collections } from './bases.ts'
import type { Case, Changes } from './cases.ts'

/** Sends a request; the answer is the HTTP status, the body and the warnings. */
export type Send = (method: string, path: string, body?: unknown) => Promise<Answer>

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly warnings: readonly string[]
}

export const describeCase = ({ base, changes, stored, subresource }: Case): string => {
  const text = (value: Changes): string => JSON.stringify(value, (_key, each: unknown) => (each === undefined ? '(none)' : each))
  return `${base}${subresource ? `/${subresource}` : ''}${stored ? ` that is stored${Object.keys(stored).length > 0 ? ` as ${text(stored)}` : ''}` : ''}: ${text(changes)}`
}

/** A copy with the changes. */
export function changed<T>(object: T, changes: Changes): T {
  const copy = structuredClone(object) as Record<string, unknown>
  for (const [pointer, value] of Object.entries(changes)) {
    const parts = pointer.slice(1).split('/')
    const last = parts.pop() as string
    let target = copy
    for (const part of parts) {
      target[part] ??= {}
      target = target[part] as Record<string, unknown>
    }
    if (value === undefined) delete target[last]
    else target[last] = structuredClone(value)
  }
  return copy as T
}

const collectionOf = (object: { apiVersion: string; kind: string }, namespace: string): string =>
  (collections[object.kind] as string).replace('{namespace}', namespace).replace('{version}', object.apiVersion.replace(/^.*\//, ''))

/** Names of one server are not those of the other. */
function mask(value: unknown, namespace: string, name: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-TOKEN')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => (time.startsWith('2026-01-') || time.startsWith('2026-02-') ? time : 'TIME'))
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'NAME')
  return sorted(JSON.parse(text))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([first], [second]) => (first < second ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}

export interface Outcome {
  readonly code: number
  readonly message?: unknown
  readonly causes?: unknown
  /** What was accepted, without metadata but for what the kinds decide. */
  readonly object?: unknown
  readonly warnings?: readonly string[]
}

/** `serial`: tells the objects of one run apart. */
export async function outcomeOf(send: Send, namespace: string, each: Case, serial: number): Promise<Outcome> {
  const base = bases[each.base as BaseName] as unknown as KubernetesObject
  const collection = collectionOf(base, namespace)
  const name = `case-${serial}x`
  const dryRun = 'dryRun=All&fieldManager=test'
  if (!each.stored) {
    const object = changed(changed(base, { '/metadata/name': name }), each.changes)
    return summarized(await send('POST', `${collection}?${dryRun}`, object), namespace, object.metadata.name)
  }
  const stored = changed(changed(base, { '/metadata/name': name }), each.stored)
  const created = await send('POST', collection, stored)
  if (created.status !== 201) throw new Error(`the stored object was refused: ${JSON.stringify(created.body)}`)
  const path = `${collection}/${name}`
  // Controllers may write meanwhile.
  let answer: Answer
  do {
    const live = (await send('GET', path)).body as KubernetesObject
    answer = await send('PUT', `${path}${each.subresource ? `/${each.subresource}` : ''}?${dryRun}`, changed(live, each.changes))
  } while (answer.status === 409 && JSON.stringify(answer.body).includes(outdated))
  await send('DELETE', `${path}?gracePeriodSeconds=0&propagationPolicy=Background`)
  const outcome = summarized(answer, namespace, name)
  return withoutControllers(outcome, each.subresource === 'status')
}

const outdated = 'the object has been modified; please apply'

/** What controllers write as soon as an object is there is not compared. */
function withoutControllers({ object, ...outcome }: Outcome, keepsStatus: boolean): Outcome {
  if (object === undefined) return outcome
  const { status, annotations, ...rest } = object as { status?: unknown; annotations?: Record<string, string> }
  const { 'deployment.kubernetes.io/revision': _revision, ...kept } = annotations ?? {}
  return { ...outcome, object: { ...rest, ...(keepsStatus && { status }), ...(Object.keys(kept).length > 0 && { annotations: kept }) } }
}

function summarized({ status, body, warnings }: Answer, namespace: string, name: string): Outcome {
  const masked = mask(body, namespace, name) as Record<string, unknown>
  const told = warnings.length > 0 ? { warnings: mask(warnings, namespace, name) as string[] } : {}
  if (status >= 400) {
    const details = masked['details'] as { causes?: unknown } | undefined
    return { code: status, message: masked['message'], ...(details?.causes !== undefined && { causes: details.causes }), ...told }
  }
  const { metadata, apiVersion: _version, kind: _kind, ...object } = masked
  const { generation, labels, annotations } = metadata as Record<string, unknown>
  return { code: status, object: { ...object, ...JSON.parse(JSON.stringify({ generation, labels, annotations })) }, ...told }
}

/** `299 - "a", 299 - "b"` */
export const splitWarnings = (header: string): string[] => (header === '' ? [] : header.split(/, (?=299 )/))
