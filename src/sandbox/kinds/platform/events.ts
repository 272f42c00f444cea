/**
 * Events: one storage, seen as core/v1 and as events.k8s.io/v1.
 *
 * (pkg/apis/core/validation/events.go; pkg/apis/events/v1/conversion.go; pkg/registry/core/event)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { fieldIsImmutable, validateObjectMetaUpdate } from '../../registry/object-meta.ts'
import type { KindBehaviour, View } from '../../registry/resource.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { column, columnsOf, elapsed } from '../columns.ts'
import { printed } from './checks.ts'
import { byteLength, isDns1123Subdomain, isQualifiedName } from '../names.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, isSet, numberOf, sameValue, textOf } from './values.ts'

const longestText = 128
const longestNote = 1024

/** core/v1 name → events.k8s.io/v1 name. */
const renamed: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]
const toCore = new Map(renamed.map(([core, events]) => [events, core]))
const toEvents = new Map(renamed)

const convert = (event: KubernetesObject, apiVersion: string, names: ReadonlyMap<string, string>): KubernetesObject => ({
  ...(Object.fromEntries(Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value])) as unknown as KubernetesObject),
  apiVersion,
})

const involvedOf = (event: KubernetesObject): Fields => fieldsOf(event['involvedObject'])
const sourceOf = (event: KubernetesObject): Fields => fieldsOf(event['source'])

const referenceParts = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
const selectors = (prefix: string, component: string) =>
  new Map<string, (event: KubernetesObject) => string>([
    ...referenceParts.map((part) => [`${prefix}.${part}`, (event: KubernetesObject) => textOf(involvedOf(event)[part])] as const),
    ['reason', ({ reason }) => textOf(reason)],
    [component, ({ reportingComponent }) => textOf(reportingComponent)],
    ['type', ({ type }) => textOf(type)],
  ])

/** `reporter`: what the version calls the reporting component. */
function validateEvent(event: KubernetesObject, reporter = 'reportingComponent'): FieldError[] {
  const errors: FieldError[] = []
  const namespace = event.metadata.namespace ?? ''
  const involved = textOf(involvedOf(event)['namespace'])
  const mismatch = (): void => void errors.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'))
  if (!isSet(event['eventTime'])) {
    if (involved ? involved !== namespace : namespace !== 'default') mismatch()
  } else {
    if (!involved && namespace !== 'default' && namespace !== 'kube-system') mismatch()
    const component = textOf(event['reportingComponent'])
    if (!component) errors.push(required(reporter))
    errors.push(...checkText(reporter, component, isQualifiedName))
    for (const name of ['reportingInstance', 'action', 'reason']) {
      const text = textOf(event[name])
      if (!text) errors.push(required(name))
      if (byteLength(text) > longestText) errors.push(invalidValue(name, '', `can have at most ${longestText} characters`))
    }
    if (byteLength(textOf(event['message'])) > longestNote)
      errors.push(invalidValue('message', '', `can have at most ${longestNote} characters`))
  }
  return [...errors, ...checkText('namespace', namespace, isDns1123Subdomain)]
}

const types: ReadonlySet<string> = new Set(['Normal', 'Warning'])

function validateSeries({ series }: KubernetesObject): FieldError[] {
  if (!isSet(series)) return []
  const { count: times, lastObservedTime } = fieldsOf(series)
  return [
    ...(numberOf(times) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(isSet(lastObservedTime) ? [] : [required('series.lastObservedTime')]),
  ]
}

/** What only the newer version demands of a new event. */
function validateNewEvent(event: KubernetesObject): FieldError[] {
  const { component, host } = sourceOf(event)
  const type = textOf(event['type'])
  const unwanted: readonly (readonly [name: string, isThere: boolean])[] = [
    ['firstTimestamp', isSet(event['firstTimestamp'])],
    ['lastTimestamp', isSet(event['lastTimestamp'])],
    ['count', numberOf(event['count']) !== 0],
    ['source', textOf(component) !== '' || textOf(host) !== ''],
  ]
  return [
    ...validateSeries(event),
    ...(isSet(event['eventTime']) ? [] : [required('eventTime')]),
    ...(types.has(type) ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...unwanted.filter(([, isThere]) => isThere).map(([name]) => invalidValue(name, '', 'needs to be unset')),
  ]
}

/** Fields that stay, by their names in storage and in messages, in the order in which they are checked. */
const immutable: readonly (readonly [name: string, shown: string])[] = [
  ...['involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'reason', 'type', 'eventTime'].map(
    (name) => [name, name] as const,
  ),
  ['action', 'action'],
  ['related', 'related'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
]

const referenceNames: ReadonlySet<string> = new Set(['involvedObject', 'related'])

/** A reference with the names of its fields in the server's own form. */
const shownReference = (reference: unknown): ReturnType<typeof printed> =>
  printed(
    Object.fromEntries(
      ['Kind', 'Namespace', 'Name', 'UID', 'APIVersion', 'ResourceVersion', 'FieldPath'].map((name) => [
        name,
        textOf(
          fieldsOf(reference)[name === 'UID' ? 'uid' : name === 'APIVersion' ? 'apiVersion' : name.charAt(0).toLowerCase() + name.slice(1)],
        ),
      ]),
    ),
  )

function validateEventChange(event: KubernetesObject, old: KubernetesObject): FieldError[] {
  return [
    ...validateObjectMetaUpdate(event.metadata, old.metadata),
    ...(sameValue(event['series'], old['series']) ? [] : validateSeries(event)),
    ...immutable
      .filter(([name]) => !sameValue(event[name], old[name]))
      .map(([name, shown]) =>
        invalidValue(shown, referenceNames.has(name) ? shownReference(event[name]) : (event[name] ?? ''), fieldIsImmutable),
      ),
  ]
}

/** events.k8s.io/v1, kept as core/v1. */
export const eventsView: View = {
  toStorage: (event) => ({ reportingComponent: '', reportingInstance: '', ...convert(event, 'v1', toCore) }),
  fromStorage(event) {
    const shown = convert(event, 'events.k8s.io/v1', toEvents)
    for (const name of ['reportingController', 'reportingInstance']) if (shown[name] === '') delete shown[name]
    return shown
  },
  selectableFields: selectors('regarding', 'reportingController'),
  strategy: strategyOf({
    createOnUpdate: true,
    validate: (event) => [...validateEvent(event, 'reportingController'), ...validateNewEvent(event)],
    update: ['change'],
    validateChange: (event, old) => [...validateEvent(event, 'reportingController'), ...validateEventChange(event, old)],
  }),
}

const first = (event: KubernetesObject, now: number): string =>
  elapsed(isSet(event['firstTimestamp']) ? event['firstTimestamp'] : event['eventTime'], now)

function last(event: KubernetesObject, now: number): string {
  if (isSet(event['series'])) return elapsed(fieldsOf(event['series'])['lastObservedTime'], now)
  return isSet(event['lastTimestamp']) ? elapsed(event['lastTimestamp'], now) : first(event, now)
}

function target(event: KubernetesObject): string {
  const { kind, name } = involvedOf(event)
  return textOf(name) ? `${textOf(kind).toLowerCase()}/${textOf(name)}` : textOf(kind).toLowerCase()
}

function source(event: KubernetesObject): string {
  const { component, host } = sourceOf(event)
  const instance = textOf(host) || textOf(event['reportingInstance'])
  const name = textOf(component) || textOf(event['reportingComponent'])
  return instance ? `${name}, ${instance}` : name
}

const count = (event: KubernetesObject): number =>
  isSet(event['series']) ? numberOf(fieldsOf(event['series'])['count']) : numberOf(event['count']) || 1

export const eventKinds: Readonly<Record<string, KindBehaviour>> = {
  '/events': {
    views: { 'events.k8s.io/v1': eventsView },
    strategy: strategyOf({ createOnUpdate: true, validate: (event) => validateEvent(event), update: ['object'] }),
    columns: columnsOf(
      [column('Last Seen'), last],
      [column('Type'), ({ type }) => textOf(type)],
      [column('Reason'), ({ reason }) => textOf(reason)],
      [column('Object'), target],
      [column('Subobject', 'string', 'wide'), (event) => textOf(involvedOf(event)['fieldPath'])],
      [column('Source', 'string', 'wide'), source],
      [column('Message'), ({ message }) => textOf(message).trim()],
      [column('First Seen', 'string', 'wide'), first],
      [column('Count', 'string', 'wide'), count],
      [{ ...column('Name', 'string', 'wide'), format: 'name' }, ({ metadata }) => metadata.name],
    ),
    selectableFields: new Map([
      ...selectors('involvedObject', 'reportingComponent'),
      ['source', (event: KubernetesObject) => textOf(sourceOf(event)['component']) || textOf(event['reportingComponent'])],
    ]),
  },
}
