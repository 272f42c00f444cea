/**
 * Conditions: the part of a status that every tool understands. (meta/v1 Condition)
 *
 * A pass says what it wants the conditions to be; merging gives the list to apply. The time of a transition is the one thing that needs
 * the past: it is taken from the previous condition of that type unless the status changed, so an unchanged pass sends the same bytes.
 */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** A condition as a pass wants it: without the parts that depend on the past. */
export interface WantedCondition {
  type: string
  status: ConditionStatus
  /** CamelCase; never empty. */
  reason: string
  message: string
}

export interface MergeConditions {
  /** `status.conditions` as it was read, whatever its shape. */
  previous: unknown
  /** Ours, in the order in which they are listed. Of two with one type the later counts. */
  wanted: readonly WantedCondition[]
  /** The generation of the primary that the pass read. */
  generation: number
  /** Milliseconds since the epoch. */
  now: number
  /**
   * Of which types others' conditions are carried over, after ours, ordered by type: where the list is atomic, and whoever applies owns all
   * of it. Undefined for a list that merges by type: only ours are sent.
   */
  carriesOver?: (type: string) => boolean
}

/** The list to apply. Conditions of others come out as they went in, also with fields that meta/v1 does not have. */
export function mergeConditions({ previous, wanted, generation, now, carriesOver }: MergeConditions): JsonObject[] {
  const known = conditionsOf(previous)
  const ours = new Map<string, JsonObject>()
  for (const { type, status, reason, message } of wanted) {
    const before = known.find((condition) => condition['type'] === type)
    ours.set(type, {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: before?.['status'] === status ? (validTime(before['lastTransitionTime']) ?? timestamp(now)) : timestamp(now),
      reason,
      message: limited(message),
    })
  }
  if (!carriesOver) return [...ours.values()]
  const foreign = known.filter(({ type }) => typeof type === 'string' && !ours.has(type) && carriesOver(type))
  return [...ours.values(), ...foreign.sort((one, other) => (typeOf(one) < typeOf(other) ? -1 : typeOf(one) > typeOf(other) ? 1 : 0))]
}

/** The conditions that a program declared in its status, and what is wrong with those that are left out. */
export function parseConditions(value: JsonValue | undefined): { conditions: WantedCondition[]; problems: Problem[] } {
  if (value === undefined || value === null) return { conditions: [], problems: [] }
  if (!Array.isArray(value)) return { conditions: [], problems: [invalid('status.conditions is not a list')] }
  const conditions: WantedCondition[] = []
  const problems: Problem[] = []
  for (const [index, item] of (value as readonly JsonValue[]).entries()) {
    const where = `status.conditions[${index}]`
    if (!isMap(item)) {
      problems.push(invalid(`${where} is not a map`, 'a condition has: type, status, reason, message'))
      continue
    }
    const { type, status, reason, message = '' } = item as JsonObject
    if (typeof type !== 'string' || type.length > 316 || !typePattern.test(type))
      problems.push(
        invalid(`${where}.type is not the name of a condition`, 'write a CamelCase name such as Available, or example.com/Available'),
      )
    else if (status !== 'True' && status !== 'False' && status !== 'Unknown')
      problems.push(invalid(`${where}.status of ${type} is not a status`, 'it is one of the strings "True", "False", "Unknown"'))
    else if (typeof reason !== 'string' || !isReason(reason))
      problems.push(invalid(`${where}.reason of ${type} is not a reason`, 'write one CamelCase word such as PodsReady'))
    else if (typeof message !== 'string') problems.push(invalid(`${where}.message of ${type} is not a string`))
    else if (conditions.some((condition) => condition.type === type))
      problems.push(invalid(`${where} is a second condition of type ${type}`, 'a type stands in the list once'))
    else conditions.push({ type, status, reason, message })
  }
  return { conditions, problems }
}

/** Whether meta/v1 allows a reason: a CamelCase word of at most 1024 characters. */
export const isReason = (reason: string): boolean => reason.length <= 1024 && /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(reason)

/** The items of a previous `status.conditions` that can be conditions; empty for any other shape. */
export const conditionsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter((item: JsonValue) => isMap(item)) : [])

const typePattern = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/

/** The most that meta/v1 allows in a message, in characters. */
const messageLimit = 32_768

function limited(message: string): string {
  if (message.length <= messageLimit) return message
  const kept = message.slice(0, messageLimit - 1)
  // A half of a surrogate pair is not a character, and is not valid UTF-8 when sent.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** meta/v1 Time has whole seconds: a fraction would come back changed. */
const timestamp = (now: number): string => `${new Date(now).toISOString().slice(0, 19)}Z`

const validTime = (time: unknown): string | undefined => (typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : undefined)

const typeOf = (condition: JsonObject): string => condition['type'] as string

const invalid = (message: string, remedy?: string): Problem => ({ code: 'STATUS_INVALID', message, ...(remedy && { remedy }) })
