/** Rules of roles, and whether one of them allows a request. (pkg/apis/rbac/v1/evaluation_helpers.go) */
import { type Attributes, fullResource } from './attributes.ts'

/** (rbac.authorization.k8s.io/v1 PolicyRule) */
export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

const has = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed !== undefined && (allowed.includes('*') || allowed.includes(value))

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if ('path' in attributes) return pathAllowed(rule.nonResourceURLs, attributes.path)
  const { group, resource, subresource, name } = attributes
  return (
    has(rule.apiGroups, group) &&
    resourceAllowed(rule.resources, resource, subresource, fullResource(attributes)) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  )
}

/** `*` is everything, `*` and a subresource that part of everything. */
function resourceAllowed(allowed: readonly string[] | undefined, _resource: string, subresource: string, full: string): boolean {
  if (has(allowed, full)) return true
  return subresource !== '' && allowed !== undefined && allowed.includes(`*/${subresource}`)
}

function pathAllowed(allowed: readonly string[] | undefined, path: string): boolean {
  return (allowed ?? []).some(
    (pattern) => pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
  )
}

/** One verb on one resource or path each. */
export function* simpleRules({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): Generator<PolicyRule> {
  for (const verb of verbs) {
    for (const group of apiGroups)
      for (const resource of resources) {
        const rule = { verbs: [verb], apiGroups: [group], resources: [resource] }
        if (resourceNames.length === 0) yield rule
        for (const name of resourceNames) yield { ...rule, resourceNames: [name] }
      }
    for (const url of nonResourceURLs) yield { verbs: [verb], nonResourceURLs: [url] }
  }
}

/** Whether a simple rule is held by somebody who holds these. */
export function covers(held: readonly PolicyRule[], wanted: PolicyRule): boolean {
  const [verb = ''] = wanted.verbs
  return held.some((rule) => {
    if (!has(rule.verbs, verb)) return false
    if (wanted.nonResourceURLs) return wanted.nonResourceURLs.every((url) => pathCovered(rule.nonResourceURLs, url))
    const [group = ''] = wanted.apiGroups ?? []
    const [resource = ''] = wanted.resources ?? []
    const [, subresource = ''] = resource.split('/')
    return (
      has(rule.apiGroups, group) &&
      resourceAllowed(rule.resources, resource, subresource, resource) &&
      (!rule.resourceNames?.length || (wanted.resourceNames?.every((name) => rule.resourceNames?.includes(name)) ?? false))
    )
  })
}

const pathCovered = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  (allowed ?? []).some(
    (pattern) => pattern === wanted || pattern === '*' || (pattern.endsWith('*') && wanted.startsWith(pattern.slice(0, -1))),
  )

/** `{APIGroups:["x"], Resources:["ys"], Verbs:["get"]}` */
export function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['ResourceNames', resourceNames],
    ['NonResourceURLs', nonResourceURLs],
    ['Verbs', verbs],
  ] as const
  const shown = parts.flatMap(([name, values]) =>
    values?.length ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : [],
  )
  return `{${shown.join(', ')}}`
}
