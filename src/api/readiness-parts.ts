/** What the readiness rules share: their result, and reading a status of any shape without trusting it. */
import { isMap, type KubernetesObject } from './object.ts'

export type ReadinessState = 'current' | 'inProgress' | 'failed' | 'terminating'

export interface Readiness {
  state: ReadinessState
  /** A CamelCase word, mostly the one that kstatus uses. */
  reason: string
  /** A clause for people whose subject is the object: `2 of 3 pods are ready`. Contains no text of other writers. */
  message: string
}

type Fields = Readonly<Record<string, unknown>>

/** One object, taken apart once for its rule. */
export interface StatusView {
  object: KubernetesObject
  spec: Fields | undefined
  status: Fields | undefined
  /** Milliseconds since the epoch. */
  now: number | undefined
}

export const current = (message: string): Readiness => ({ state: 'current', reason: 'Current', message })
export const inProgress = (reason: string, message: string): Readiness => ({ state: 'inProgress', reason, message })
export const failed = (reason: string, message: string): Readiness => ({ state: 'failed', reason, message })

export function objectAt(parent: Fields | undefined, key: string): Fields | undefined {
  const value = parent?.[key]
  return isMap(value) ? (value as Fields) : undefined
}

export function listAt(parent: Fields | undefined, key: string): readonly Fields[] {
  const value = parent?.[key]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : []
}

export function numberAt(parent: Fields | undefined, key: string): number | undefined {
  const value = parent?.[key]
  return typeof value === 'number' ? value : undefined
}

export function stringAt(parent: Fields | undefined, key: string): string | undefined {
  const value = parent?.[key]
  return typeof value === 'string' ? value : undefined
}

export const hasStatus = (status: Fields | undefined, key: string): boolean => status?.[key] !== undefined

/** spec.replicas, which the API server defaults to 1. */
export const replicas = (spec: Fields | undefined): number => numberAt(spec, 'replicas') ?? 1

/** The condition of a type, if status.conditions is a list that has one. */
export function condition(status: Fields | undefined, type: string): { status?: unknown; reason?: unknown } | undefined {
  const conditions = status?.['conditions']
  if (!Array.isArray(conditions)) return undefined
  for (const item of conditions) if (item?.type === type) return item
  return undefined
}

/** ` (reason MinimumReplicasUnavailable)`; empty unless the reason is a plain word, since only words are safe to repeat. */
export function reasonOf({ reason }: { reason?: unknown }): string {
  return typeof reason === 'string' && reason.length <= 100 && /^[A-Za-z][A-Za-z0-9_]*$/.test(reason) ? ` (reason ${reason})` : ''
}
