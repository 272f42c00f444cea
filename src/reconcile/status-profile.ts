/**
 * Status profile: how much of a status the CustomResourceDefinition of a primary has room for.
 *
 * A server-side apply of a field that the schema does not declare is answered by a 500, and one through a missing status subresource by
 * a 404; a merge patch drops such fields without a word. So the schema is read once, what does not fit is dropped before it is sent,
 * and the user is told what to change in the CRD.
 *
 *   full             /status takes conditions, observedGeneration and observedRevision
 *   conditionsOnly   /status takes conditions, but lacks one of the other two
 *   annotationOnly   no status subresource, or no room for conditions: ours go into an annotation of the primary; declared fields of
 *                    the program still go into /status if there is one
 *   none             a kind of Kubernetes itself, whose objects belong to others, or a version that the CRD does not have: nothing is
 *                    written
 */
import { statusAnnotation } from '../api/names.ts'
import type { JsonObject, JsonValue, KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { childSchema, fit, itemSchema, objectOf } from './schema-fit.ts'
import type { Schema } from './schema-fit.ts'

export interface StatusProfile {
  kind: 'full' | 'conditionsOnly' | 'annotationOnly' | 'none'
  /** Whether there is a /status to write to. */
  subresource: boolean
  /** The fields that status declares; `any` where it keeps unknown ones. */
  fields: 'any' | readonly string[]
  /** `map`: merged by type by the server. `atomic`: whoever applies owns the whole list. `absent`: no room for ours. */
  conditions: 'map' | 'atomic' | 'absent'
  /** Fields without which the schema refuses a condition. */
  requiredConditionFields: readonly string[]
  /** Schema of status; undefined where there is none. */
  schema: Schema | undefined
  /** What to change in the CRD. All of severity `warning`. */
  warnings: readonly Problem[]
}

const nothing = { subresource: false, fields: [], conditions: 'absent', requiredConditionFields: [], schema: undefined } as const

/** The profile of a kind without a CRD. Who only reads its objects needs no permission to write them. */
export const readOnlyProfile: StatusProfile = { ...nothing, kind: 'none', warnings: [] }

/**
 * Chooses the profile of a CRD's version.
 *
 * @param crd undefined where there is one that cannot be read: ours goes into the annotation.
 */
export function statusProfile(crd: KubernetesObject | undefined, version: string): StatusProfile {
  if (!crd) return { ...nothing, kind: 'annotationOnly', warnings: [] }
  const versions = listOfObjects(objectOf(crd['spec'])?.['versions'])
  const served = versions.find(({ name }) => name === version)
  const warn = (message: string, remedy: string): Problem => ({
    code: 'CRD_STATUS',
    severity: 'warning',
    message: `CustomResourceDefinition ${crd.metadata.name}, version ${version}: ${message}`,
    remedy,
  })
  if (!served) {
    const names = versions.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])).join(', ')
    return {
      ...nothing,
      kind: 'none',
      warnings: [warn('there is no such version, so no status is written', `it has: ${names || 'no version'}`)],
    }
  }

  const root = objectOf(objectOf(served['schema'])?.['openAPIV3Schema'])
  const schema = root && childSchema(root, 'status')
  if (!objectOf(objectOf(served['subresources'])?.['status'])) {
    const warning = warn(
      `there is no status subresource, so the status goes into the annotation ${statusAnnotation}`,
      'add "subresources: { status: {} }" to the version',
    )
    return { ...nothing, kind: 'annotationOnly', schema, fields: fieldsOf(schema), warnings: [warning] }
  }

  const { conditions, required, complaint } = conditionRoom(schema)
  const missing = ['observedGeneration', 'observedRevision'].filter(
    (field) => schema === undefined || childSchema(schema, field) === undefined,
  )
  const warnings: Problem[] = []
  if (conditions === 'absent')
    warnings.push(
      warn(`${complaint}, so conditions go into the annotation ${statusAnnotation}`, `declare status.conditions as ${properList}`),
    )
  if (conditions === 'atomic')
    warnings.push(warn('status.conditions is an atomic list, so another writer can erase conditions', `declare it as ${properList}`))
  if (conditions !== 'absent' && missing.length > 0)
    warnings.push(
      warn(
        `the schema does not declare ${missing.map((field) => `status.${field}`).join(' and ')}`,
        'declare "observedGeneration: { type: integer, format: int64 }" and "observedRevision: { type: string }"',
      ),
    )
  return {
    kind: conditions === 'absent' ? 'annotationOnly' : missing.length > 0 ? 'conditionsOnly' : 'full',
    subresource: true,
    fields: fieldsOf(schema),
    conditions,
    requiredConditionFields: required,
    schema,
    warnings,
  }
}

/** A status cut to its profile. */
export interface FittedStatus {
  /** Body for /status; undefined where nothing may be sent there. */
  status?: JsonObject
  /** What goes, as JSON, into the annotation of the primary; undefined where status has the room. */
  annotation?: JsonObject
  /** Paths that the schema does not take, such as `status.url`: undeclared or of another type. */
  dropped: string[]
}

/** Cuts a status to what can be written. A dropped part never takes its siblings with it, but a condition goes whole. */
export function fitStatus(profile: StatusProfile, status: JsonObject): FittedStatus {
  const dropped: string[] = []
  if (profile.kind === 'none') return { dropped: Object.keys(status).map((field) => `status.${field}`) }
  if (!profile.subresource) return { annotation: status, dropped }

  const fitted: Record<string, JsonValue> = {}
  for (const [field, value] of Object.entries(status)) {
    if (value === undefined || (profile.conditions === 'absent' && annotated.includes(field))) continue
    const schema = profile.schema && childSchema(profile.schema, field)
    const told = field === 'conditions' && schema !== undefined ? withShortMessages(schema, value) : value
    const result = schema === undefined ? undefined : fit(schema, told, `status.${field}`, dropped)
    if (result === undefined) {
      if (schema === undefined) dropped.push(`status.${field}`)
    } else fitted[field] = field === 'conditions' ? wholeConditions(profile, result, dropped) : result
  }
  const body = Object.keys(fitted).length > 0 ? { status: fitted } : {}
  if (profile.conditions !== 'absent') return { ...body, dropped }
  return { ...body, annotation: ownPart(status), dropped }
}

/**
 * The status that was written before, from where its profile puts it; empty where there is none or it cannot be read. An annotation stands
 * for what the status has no room for, or for a status that the server has refused: as long as it is there, it is what holds.
 */
export const previousStatus = ({ subresource }: Pick<StatusProfile, 'subresource'>, primary: KubernetesObject): JsonObject => ({
  ...(subresource ? objectOf(primary['status']) : {}),
  ...annotatedStatus(primary),
})

/** What the annotation says; nothing where somebody edited it: the next status replaces it. */
export function annotatedStatus({ metadata }: KubernetesObject): JsonObject {
  const text = metadata.annotations?.[statusAnnotation]
  try {
    return objectOf(text === undefined ? undefined : JSON.parse(text)) ?? {}
  } catch {
    return {}
  }
}

/** What the runtime itself reports of a status. */
export const ownPart = (status: JsonObject): JsonObject =>
  Object.fromEntries(annotated.filter((field) => status[field] !== undefined).map((field) => [field, status[field]]))

/** What the runtime itself reports; it stays together, so that a reader finds it in one place. */
const annotated = ['observedGeneration', 'observedRevision', 'lastHandledReconcileAt', 'conditions']

const properList = 'a list with "x-kubernetes-list-type: map" and "x-kubernetes-list-map-keys: [type]"'

/** A condition with every field that is ever sent: what a schema does not take of it shows what it has room for. */
const probe: JsonObject = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2006-01-02T15:04:05Z',
  reason: 'Ready',
  message: 'ready',
}

function conditionRoom(status: Schema | undefined): {
  conditions: StatusProfile['conditions']
  required: readonly string[]
  complaint: string
} {
  const absent = (complaint: string, required: readonly string[] = []) => ({ conditions: 'absent', required, complaint }) as const
  const list = status && childSchema(status, 'conditions')
  if (list === undefined) return absent('the schema does not declare status.conditions')
  if (list === 'any') return { conditions: 'atomic', required: [], complaint: '' }
  const items = itemSchema(list)
  if (items === undefined) return absent('status.conditions is not a list')
  const keys = list['x-kubernetes-list-type'] === 'map' ? stringsOf(list['x-kubernetes-list-map-keys']) : undefined
  const required = items === 'any' ? [] : requiredOf(items)
  const fitted = objectOf(fit(items, probe, '', []))
  if (fitted === undefined) return absent('items of status.conditions are not maps', required)
  const lacking = ['type', 'status', ...(keys ?? []), ...required].find((field) => fitted[field] === undefined)
  if (lacking !== undefined)
    return absent(
      probe[lacking] === undefined
        ? `a condition needs "${lacking}", which is not ours to give`
        : `a condition has no place for our "${lacking}"`,
      required,
    )
  return { conditions: keys?.includes('type') ? 'map' : 'atomic', required, complaint: '' }
}

/** Messages as long as the schema lets them be. */
function withShortMessages(schema: Schema, conditions: JsonValue): JsonValue {
  const items = itemSchema(schema)
  const message = items === undefined ? undefined : childSchema(items, 'message')
  const most = message === undefined || message === 'any' ? undefined : message['maxLength']
  if (typeof most !== 'number' || !Array.isArray(conditions)) return conditions
  return (conditions as readonly JsonObject[]).map((condition) => {
    const text = [...String(condition['message'] ?? '')]
    return text.length > most ? { ...condition, message: [...text.slice(0, most - 1), '…'].slice(0, most).join('') } : condition
  })
}

/** Conditions that lost a part without which the schema refuses them are left out, so that they do not take the others down. */
function wholeConditions({ requiredConditionFields }: StatusProfile, conditions: JsonValue, dropped: string[]): JsonValue {
  if (!Array.isArray(conditions)) return conditions
  const needed = ['type', 'status', ...requiredConditionFields]
  return (conditions as readonly JsonValue[]).filter((condition, index) => {
    const whole = needed.every((field) => objectOf(condition)?.[field] !== undefined)
    if (!whole) dropped.push(`status.conditions[${index}]`)
    return whole
  })
}

/** Required fields that the server does not default. */
const requiredOf = (schema: JsonObject): string[] =>
  stringsOf(schema['required']).filter((field) => objectOf(objectOf(schema['properties'])?.[field])?.['default'] === undefined)

/** A field that no schema can name by chance stands for any undeclared one. */
function fieldsOf(schema: Schema | undefined): StatusProfile['fields'] {
  if (schema === undefined) return []
  if (schema === 'any' || childSchema(schema, '\0') !== undefined) return 'any'
  return Object.keys(objectOf(schema['properties']) ?? {})
}

const stringsOf = (value: JsonValue | undefined): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [])

const listOfObjects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter((item) => objectOf(item) !== undefined) : [])
