/**
 * Alternatives: fields of which an object takes only one, such as an environment variable's `value` and `valueFrom`.
 *
 * Somebody who puts another one in the place of ours takes ours away. An apply would bring ours back beside it, and the server would
 * refuse the two for ever; the same goes for what the server once filled in beside a field that we render now. So the other one is
 * removed, by this closed table. (core/v1 EnvVar, EnvVarSource, Volume, Probe, LifecycleHandler; apps/v1 DeploymentStrategy; policy/v1
 * PodDisruptionBudgetSpec; core/v1 ServiceSpec)
 */
import { isMap, type JsonValue, type KubernetesObject } from '../api/object.ts'
import { field, item as itemElement, type Path as FieldPath } from '../fields/path.ts'
import { podSpecPath } from './pod-spec.ts'

/** A map in an object of the API. */
export type Item = Readonly<Record<string, JsonValue>>

/** The fields of the live object that stand in the way of ours. */
type Excludes = (ours: Item, found: Item) => string[]

interface Rule {
  /** Where the object is; `*` is each item of a list that is keyed by name. */
  at: readonly string[]
  excludes: Excludes
}

const oneOf =
  (...names: string[]): Excludes =>
  (ours, found) =>
    names.some((name) => isSet(ours, name)) ? names.filter((name) => !isSet(ours, name) && isSet(found, name)) : []

const oneBesideName: Excludes = (ours, found) => oneOf(...Object.keys({ ...ours, ...found }).filter((name) => name !== 'name'))(ours, found)

const onlyRollingUpdate: Excludes = (ours, found) =>
  ours['type'] !== undefined && ours['type'] !== 'RollingUpdate' && isSet(found, 'rollingUpdate') && !isSet(ours, 'rollingUpdate')
    ? ['rollingUpdate']
    : []

/** The server itself removes what else is for a LoadBalancer alone. */
const onlyBalanced: Excludes = (ours, found) =>
  ours['type'] !== undefined && ours['type'] !== 'LoadBalancer' && isSet(found, 'loadBalancerSourceRanges')
    ? ['loadBalancerSourceRanges'].filter((name) => !isSet(ours, name))
    : []

const isSet = (of: Item, name: string): boolean => of[name] !== undefined && of[name] !== null

const handlers = ['exec', 'grpc', 'httpGet', 'sleep', 'tcpSocket']
const sources = ['configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef']
const containerRules: readonly Rule[] = [
  { at: ['env', '*'], excludes: oneOf('value', 'valueFrom') },
  { at: ['env', '*', 'valueFrom'], excludes: oneOf(...sources) },
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe): Rule => ({ at: [probe], excludes: oneOf(...handlers) })),
  ...['postStart', 'preStop'].map((hook): Rule => ({ at: ['lifecycle', hook], excludes: oneOf(...handlers) })),
]
const podRules: readonly Rule[] = [
  { at: ['volumes', '*'], excludes: oneBesideName },
  ...['containers', 'initContainers'].flatMap((list) =>
    containerRules.map(({ at, excludes }): Rule => ({ at: [list, '*', ...at], excludes })),
  ),
]
const strategies: readonly Rule[] = [
  { at: ['spec', 'strategy'], excludes: onlyRollingUpdate },
  { at: ['spec', 'updateStrategy'], excludes: onlyRollingUpdate },
]

const specRules: ReadonlyMap<string, Excludes> = new Map([
  ['policy/v1 PodDisruptionBudget', oneOf('minAvailable', 'maxUnavailable')],
  ['v1 Service', onlyBalanced],
])

function rulesOf(body: KubernetesObject): readonly Rule[] {
  const ofSpec = specRules.get(`${body.apiVersion} ${body.kind}`)
  if (ofSpec) return [{ at: ['spec'], excludes: ofSpec }]
  const pod = podSpecPath(body)
  return pod ? [...podRules.map(({ at, excludes }): Rule => ({ at: [...pod, ...at], excludes })), ...strategies] : []
}

/** An object within the live one that has fields beside which ours is refused. */
export interface Excluded {
  /** Where it is in the live object, lists by index. */
  path: readonly (string | number)[]
  ours: Item
  found: Item
  fields: readonly { name: string; path: FieldPath }[]
}

/** What of the live object excludes what the body has. */
export function excludedFields(body: KubernetesObject, live: KubernetesObject): Excluded[] {
  return rulesOf(body).flatMap(({ at, excludes }) => find(at, excludes, { ours: body, found: live, path: [], fields: [] }))
}

interface Place {
  ours: unknown
  found: unknown
  path: Excluded['path']
  fields: FieldPath
}

function find([step, ...rest]: readonly string[], excludes: Excludes, { ours, found, path, fields }: Place): Excluded[] {
  if (step === '*') {
    if (!Array.isArray(ours) || !Array.isArray(found)) return []
    return found.flatMap((each: unknown, index) => {
      const name = isItem(each) ? each['name'] : undefined
      const same = typeof name === 'string' ? ours.find((candidate: unknown) => isItem(candidate) && candidate['name'] === name) : undefined
      if (!same || typeof name !== 'string') return []
      return find(rest, excludes, { ours: same, found: each, path: [...path, index], fields: [...fields, itemElement({ name })] })
    })
  }
  if (!isItem(ours) || !isItem(found)) return []
  if (step !== undefined)
    return find(rest, excludes, { ours: ours[step], found: found[step], path: [...path, step], fields: [...fields, field(step)] })
  const names = excludes(ours, found)
  return names.length === 0 ? [] : [{ path, ours, found, fields: names.map((name) => ({ name, path: [...fields, field(name)] })) }]
}

export const isItem = (value: unknown): value is Item => isMap(value)
