/**
 * The conditions of a definition, and the names that it may use.
 *
 * (apiextensions-apiserver, apihelpers; controller/status/naming_controller.go; controller/apiapproval)
 */
import type { Condition, Definition, DefinitionStatus, Names } from '../definition.ts'

/** The status with the condition in it; the time is kept while the condition's status is. `now`: RFC 3339. */
export function setCondition(status: DefinitionStatus, condition: Condition, now: string): DefinitionStatus {
  const conditions = status.conditions ?? []
  const at = conditions.findIndex(({ type }) => type === condition.type)
  const old = conditions[at]
  const lastTransitionTime = old !== undefined && old.status === condition.status ? (old.lastTransitionTime ?? now) : now
  const next: Condition = { ...condition, lastTransitionTime }
  return { ...status, conditions: old === undefined ? [...conditions, next] : conditions.with(at, next) }
}

export const findCondition = ({ status }: Definition, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

/** Apart from the time. */
export const isSame = (a: Condition | undefined, b: Condition | undefined): boolean =>
  a?.status === b?.status && a?.reason === b?.reason && a?.message === b?.message

export interface Naming {
  readonly names: Names
  readonly accepted: Condition
  readonly established: Condition
}

/** Which names the definition gets. @param others All other definitions; those of other groups do not matter. */
export function nameDefinition(definition: Definition, others: Iterable<Definition>): Naming {
  const { group, names: wanted } = definition.spec
  const had: Partial<Names> = definition.status?.acceptedNames ?? {}
  const resources = new Set<string>()
  const kinds = new Set<string>()
  // The definition's own accepted names count as taken too, but equal ones are no conflict.
  for (const each of [...others, definition]) {
    const taken = each.status?.acceptedNames
    if (each.spec.group !== group || taken === undefined) continue
    for (const name of [taken.plural, taken.singular, ...(taken.shortNames ?? [])]) if (name) resources.add(name)
    for (const name of [taken.kind, taken.listKind]) if (name) kinds.add(name)
  }

  const conflicts: { reason: string; message: string }[] = []
  const claim = (name: string | undefined, own: string | undefined, taken: ReadonlySet<string>, reason: string): string | undefined => {
    if (name === own || name === undefined || !taken.has(name)) return name
    conflicts.push({ reason, message: `"${name}" is already in use` })
    return own
  }
  const plural = claim(wanted.plural, had.plural, resources, 'PluralConflict') ?? ''
  const singular = claim(wanted.singular, had.singular, resources, 'SingularConflict')
  const shortNames = claimShortNames(wanted.shortNames ?? [], had.shortNames ?? [], resources, conflicts)
  const kind = claim(wanted.kind, had.kind, kinds, 'KindConflict') ?? ''
  const listKind = claim(wanted.listKind, had.listKind, kinds, 'ListKindConflict')
  const names: Names = {
    plural,
    ...(singular && { singular }),
    ...(shortNames.length > 0 && { shortNames }),
    kind,
    ...(listKind && { listKind }),
    ...(wanted.categories?.length && { categories: wanted.categories }),
  }

  const conflict = conflicts.at(-1)
  const accepted: Condition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict }
  return { names, accepted, established: establishedAfter(definition, conflict === undefined) }
}

/** Once established, a definition stays so. */
function establishedAfter(definition: Definition, accepted: boolean): Condition {
  const old = findCondition(definition, 'Established')
  if (old?.status === 'True') return old
  if (accepted)
    return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
  return old ?? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
}

function claimShortNames(
  wanted: readonly string[],
  had: readonly string[],
  taken: ReadonlySet<string>,
  conflicts: { reason: string; message: string }[],
): readonly string[] {
  const problems = wanted.filter((name) => !had.includes(name) && taken.has(name)).map((name) => `"${name}" is already in use`)
  if (problems.length === 0) return wanted
  const unique = [...new Set(problems)]
  conflicts.push({ reason: 'ShortNamesConflict', message: unique.length === 1 ? (unique[0] as string) : `[${unique.join(', ')}]` })
  return had
}

const protectedGroup = /(^|\.)(k8s\.io|kubernetes\.io)$/
export const approvalAnnotation = 'api-approved.kubernetes.io'

/** For groups of the Kubernetes community; undefined for all others. */
export function approvalCondition({ spec, metadata }: Definition): Condition | undefined {
  if (!protectedGroup.test(spec.group)) return undefined
  const condition = (status: Condition['status'], reason: string, message: string): Condition => ({
    type: 'KubernetesAPIApprovalPolicyConformant',
    status,
    reason,
    message,
  })
  const approval = approvalOf(metadata.annotations)
  switch (approval.state) {
    case 'missing':
      return condition('False', 'MissingAnnotation', approval.reason)
    case 'invalid':
      return condition('False', 'InvalidAnnotation', approval.reason)
    case 'bypassed':
      return condition('False', 'UnapprovedAnnotation', approval.reason)
    case 'approved':
      return condition('True', 'ApprovedAnnotation', approval.reason)
  }
}

export interface Approval {
  readonly state: 'missing' | 'invalid' | 'bypassed' | 'approved'
  readonly reason: string
}

/** (apihelpers.GetAPIApprovalState) */
export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): Approval {
  const annotation = annotations?.[approvalAnnotation]
  if (annotation === undefined || annotation === '')
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`,
    }
  if (annotation.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: "${annotation}"` }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(annotation)) return { state: 'approved', reason: `approved in ${annotation}` }
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
  }
}

export const isProtectedGroup = (group: string): boolean => protectedGroup.test(group)
