/**
 * Events: one storage, seen as core/v1 and as events.k8s.io/v1.
 *
 * (pkg/apis/core/validation/events.go; pkg/apis/events/v1/conversion.go; pkg/registry/core/event)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, View } from '../../registry/resource.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { column, columnsOf, elapsed } from '../columns.ts'
import { byteLength, isDns1123Subdomain, isQualifiedName } from '../names.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, isSet, numberOf, textOf } from './values.ts'

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

/** events.k8s.io/v1, kept as core/v1. */
export const eventsView: View = {
  toStorage: (event) => ({ reportingComponent: '', reportingInstance: '', ...convert(event, 'v1', toCore) }),
  fromStorage(event) {
    const shown = convert(event, 'events.k8s.io/v1', toEvents)
    for (const name of ['reportingController', 'reportingInstance']) if (shown[name] === '') delete shown[name]
    return shown
  },
  selectableFields: selectors('regarding', 'reportingController'),
}

function validateEvent(event: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  const namespace = event.metadata.namespace ?? ''
  const involved = textOf(involvedOf(event)['namespace'])
  const mismatch = (): void => void errors.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'))
  if (!isSet(event['eventTime'])) {
    if (involved ? involved !== namespace : namespace !== 'default') mismatch()
  } else {
    if (!involved && namespace !== 'default' && namespace !== 'kube-system') mismatch()
    const component = textOf(event['reportingComponent'])
    if (!component) errors.push(required('reportingComponent'))
    errors.push(...checkText('reportingComponent', component, isQualifiedName))
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
    strategy: strategyOf({ createOnUpdate: true, validate: validateEvent, update: ['object'] }),
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
