/** Pods as a whole, when they are made and when they change. (core/validation, ValidatePodCreate and ValidatePodUpdate) */
import { type FieldError, forbidden, invalidValue, required } from '../../../status/field-error.ts'
import { type Errors, inRange } from '../checks.ts'
import { same } from '../equality.ts'
import { unifiedDiff } from '../../platform/unified-diff.ts'
import { prettyPrinted, printedAs } from '../internal-types.ts'
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Texts, Toleration } from '../shapes.ts'
import { validateAnnotationUpdates, validatePodAnnotations, validateProfilesAgree } from './annotations.ts'
import { validateImageText } from './containers.ts'
import { validatePodSpec } from './spec.ts'
import { validateTolerations } from './scheduling.ts'
import { sortedTexts } from '../selectors.ts'

function validatePod(pod: Pod): Errors {
  const errors: Errors = []
  const { metadata, spec } = pod
  validatePodAnnotations(errors, 'metadata.annotations', metadata.annotations ?? {}, spec)
  validatePodSpec(errors, 'spec', spec, { name: metadata.name })
  if (!spec.serviceAccountName)
    spec.volumes?.forEach(({ projected }, index) =>
      projected?.sources?.forEach((source, position) => {
        const path = `spec.volumes[${index}].projected.sources[${position}].serviceAccountToken`
        if (source.serviceAccountToken) errors.push(forbidden(path, 'must not be specified when serviceAccountName is not set'))
      }),
    )
  for (const field of ['containers', 'initContainers'] as const)
    spec[field]?.forEach((container, index) => validateImageText(errors, `spec.${field}[${index}]`, container))
  return errors
}

export function validatePodCreate(pod: Pod): FieldError[] {
  const errors = validatePod(pod)
  const { spec, metadata } = pod
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  validateProfilesAgree(errors, 'spec', metadata.annotations ?? {}, spec)
  return errors
}

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validatePod(pod)
  validateAnnotationUpdates(errors, 'metadata.annotations', pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}, pod.spec)
  const [spec, before] = [pod.spec, old.spec]
  if (!sameContainers(errors, 'spec.containers', spec.containers, before.containers)) return errors
  if (!sameContainers(errors, 'spec.initContainers', spec.initContainers, before.initContainers)) return errors
  if (!validateDeadline(errors, 'spec.activeDeadlineSeconds', spec.activeDeadlineSeconds, before.activeDeadlineSeconds)) return errors
  onlyAddedTolerations(errors, spec.tolerations ?? [], before.tolerations ?? [])
  onlyRemovedGates(errors, spec, before)
  if (same(spec, before)) return errors
  let rest: PodSpec = withOldImages(spec, before)
  if (before.schedulingGates?.length) rest = withPlacement(errors, rest, before)
  if (!same(rest, before))
    errors.push(forbidden('spec', `pod updates may not change fields other than ${updatable}\n${difference(before, rest)}`))
  return errors
}

const difference = (before: PodSpec, after: PodSpec): string =>
  unifiedDiff(prettyPrinted('PodSpec', before), prettyPrinted('PodSpec', after))

/** Whether there are as many containers as before. */
function sameContainers(
  errors: Errors,
  path: string,
  given: readonly Container[] | null | undefined,
  before: readonly Container[] | null | undefined,
): boolean {
  const [next, old] = [given ?? [], before ?? []]
  if (next.length !== old.length) {
    errors.push(forbidden(path, 'pod updates may not add or remove containers'))
    return false
  }
  next.forEach((container, index) => {
    if (!container.image) errors.push(required(`${path}[${index}].image`))
    validateImageText(errors, `${path}[${index}]`, container)
  })
  return true
}

/** Whether it makes sense to look further. */
function validateDeadline(errors: Errors, path: string, next: number | undefined, old: number | undefined): boolean {
  if (next === undefined) {
    if (old !== undefined) errors.push(invalidValue(path, null, 'must not update from a positive integer to nil value'))
    return true
  }
  const count = errors.length
  inRange(errors, path, next, 0, 2147483647)
  if (errors.length === count && old !== undefined && old < next)
    errors.push(invalidValue(path, next, 'must be less than or equal to previous value'))
  return errors.length === count
}

function onlyAddedTolerations(errors: Errors, next: readonly Toleration[], old: readonly Toleration[]): void {
  const timeless = ({ tolerationSeconds: _seconds, ...rest }: Toleration): Toleration => rest
  if (!old.every((toleration) => next.some((other) => same(timeless(other), timeless(toleration)))))
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
  else validateTolerations(errors, 'spec.tolerations', next)
}

function onlyRemovedGates(errors: Errors, { schedulingGates: next = [] }: PodSpec, { schedulingGates: old = [] }: PodSpec): void {
  next.forEach(({ name = '' }, index) => {
    if (!old.some((gate) => gate.name === name))
      errors.push(forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`))
  })
}

/** The new spec with the old values of what may change. */
function withOldImages(spec: PodSpec, old: PodSpec): PodSpec {
  const { activeDeadlineSeconds: _deadline, schedulingGates: _gates, tolerations: _tolerations, ...rest } = spec
  const images = (
    containers: readonly Container[] | undefined,
    before: readonly Container[] | undefined,
  ): readonly Container[] | undefined => containers?.map((container, index) => ({ ...container, image: before?.[index]?.image ?? '' }))
  const containers = images(spec.containers, old.containers)
  const initContainers = images(spec.initContainers, old.initContainers)
  const ending = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
  return {
    ...rest,
    ...(containers && { containers }),
    ...(initContainers && { initContainers }),
    ...(old.activeDeadlineSeconds !== undefined && { activeDeadlineSeconds: old.activeDeadlineSeconds }),
    ...(old.schedulingGates && { schedulingGates: old.schedulingGates }),
    ...(old.tolerations && { tolerations: old.tolerations }),
    ...(ending && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds as number }),
  }
}

/** While a pod waits behind a gate, where it may run can be narrowed. */
function withPlacement(errors: Errors, spec: PodSpec, old: PodSpec): PodSpec {
  const { nodeSelector, affinity, ...rest } = spec
  if (!same(nodeSelector ?? {}, old.nodeSelector ?? {})) {
    const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => nodeSelector?.[key] === value)
    const printed: Texts | null = nodeSelector ? sortedTexts(nodeSelector) : null
    if (!kept)
      errors.push(invalidValue('spec.nodeSelector', printed, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'))
  }
  const before = old.affinity?.nodeAffinity
  if (!same(affinity?.nodeAffinity, before)) nodeAffinityNarrowed(errors, affinity?.nodeAffinity, before)
  const { nodeAffinity: _node, ...others } = affinity ?? {}
  const keeps = before !== undefined || (old.affinity !== undefined && affinity !== undefined) || Object.keys(others).length > 0
  return {
    ...rest,
    ...(old.nodeSelector && { nodeSelector: old.nodeSelector }),
    ...(keeps && { affinity: { ...others, ...(before && { nodeAffinity: before }) } }),
  }
}

function nodeAffinityNarrowed(errors: Errors, next: NodeAffinity | undefined, old: NodeAffinity | undefined): void {
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const terms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const newTerms = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms.length === 0) return
  if (terms.length !== (newTerms?.length ?? 0)) {
    const problem = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    errors.push(invalidValue(path, printedAs('[]NodeSelectorTerm', newTerms), problem))
    return
  }
  terms.forEach((term, index) => {
    const other = newTerms?.[index] ?? {}
    if (!onlyAdds(other, term))
      errors.push(
        invalidValue(`${path}[${index}]`, printedAs('NodeSelectorTerm', other), 'only additions are allowed (no mutations or deletions)'),
      )
  })
}

function onlyAdds(next: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const [expressions, fields] = [old.matchExpressions ?? [], old.matchFields ?? []]
  if (expressions.length + fields.length === 0) return !next.matchExpressions?.length && !next.matchFields?.length
  return same(next.matchExpressions?.slice(0, expressions.length), expressions) && same(next.matchFields?.slice(0, fields.length), fields)
}

export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validatePod(pod)
  validateAnnotationUpdates(errors, 'metadata.annotations', pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}, pod.spec)
  const path = 'spec.ephemeralContainers'
  for (const container of old.spec.ephemeralContainers ?? []) {
    const next = pod.spec.ephemeralContainers?.findLast(({ name }) => name === container.name)
    const named = `existing ephemeral containers ${JSON.stringify(container.name)}`
    if (!next) errors.push(forbidden(path, `${named} may not be removed\n`))
    else if (!same(next, container)) {
      const difference = unifiedDiff(prettyPrinted('EphemeralContainer', container), prettyPrinted('EphemeralContainer', next))
      errors.push(forbidden(path, `${named} may not be changed\n${difference}`))
    }
  }
  return errors
}
