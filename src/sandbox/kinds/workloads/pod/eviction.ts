/** Evicting a pod: deleting it if its budget allows. (registry/core/pod/storage/eviction.go) */
import type { JsonObject, KubernetesObject } from '../../../../api/object.ts'
import type { ActionContext, Subresource } from '../../../registry/resource.ts'
import { ApiError, badRequest, forbiddenError, type StatusCause } from '../../../status/api-error.ts'
import { isUsable, selects } from '../selectors.ts'
import type { Pod, PodDisruptionBudget } from '../shapes.ts'

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const
const budgets = { group: 'policy', resource: 'poddisruptionbudget' }
const severalBudgets = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'

export const eviction: Subresource = { kind: 'action', responseKind: 'policy/v1/Eviction', run: evict }

function evict(object: KubernetesObject, body: JsonObject, context: ActionContext): JsonObject {
  const pod = object as Pod
  const { name, namespace = '' } = pod.metadata
  const given = body['metadata'] as { readonly name?: string } | undefined
  if (given?.name !== undefined && given.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const phase = pod.status?.phase
  const isEnding = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
  if (!isEnding) {
    const budget = budgetOf(pod, context)
    if (budget && !isExempt(pod, budget)) take(budget, name, context)
  }
  if (!context.dryRun) {
    if (pod.metadata.deletionTimestamp === undefined) markDisrupted(pod, context)
    const { gracePeriodSeconds } = (body['deleteOptions'] ?? {}) as { readonly gracePeriodSeconds?: number }
    context.delete('/pods', namespace, name, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds })
  }
  return success
}

function budgetOf(pod: Pod, context: ActionContext): PodDisruptionBudget | undefined {
  const all = [...context.objects.list('policy/poddisruptionbudgets', pod.metadata.namespace)] as PodDisruptionBudget[]
  const own = all.filter(({ spec }) => spec?.selector && isUsable(spec.selector) && selects(spec.selector, pod.metadata.labels))
  if (own.length > 1) throw new ApiError(500, '', severalBudgets)
  return own[0]
}

/** A pod that is not ready is no loss, if its budget says so or is kept without it. */
function isExempt({ status }: Pod, { spec, status: budget = {} }: PodDisruptionBudget): boolean {
  if (status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')) return false
  const desired = budget.desiredHealthy ?? 0
  return spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || ((budget.currentHealthy ?? 0) >= desired && desired > 0)
}

const refused = (retryAfterSeconds: number, message: string): ApiError => {
  const causes: StatusCause[] = [{ reason: 'DisruptionBudget', message }]
  return new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes,
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  })
}

/** Uses one of the disruptions that a budget allows. */
function take(budget: PodDisruptionBudget, pod: string, context: ActionContext): void {
  const { metadata, status = {} } = budget
  const { name } = metadata
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw refused(10, `The disruption budget ${name} is still being processed by the server.`)
  const allowed = status.disruptionsAllowed ?? 0
  if (allowed < 0) throw forbiddenError(budgets, name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > 2000)
    throw forbiddenError(budgets, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (allowed === 0) throw refused(0, whyNot(budget))
  if (context.dryRun) return
  const conditions = allowed === 1 ? exhausted(budget, context) : status.conditions
  context.update('policy/poddisruptionbudgets', {
    ...budget,
    status: {
      ...status,
      ...(conditions && { conditions }),
      disruptionsAllowed: allowed - 1,
      disruptedPods: { ...status.disruptedPods, [pod]: context.now() },
    },
  })
}

function whyNot({ metadata: { name }, status = {} }: PodDisruptionBudget): string {
  const condition = status.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  const told = condition?.status === 'False' && condition.message ? condition : undefined
  if (told?.reason === 'SyncFailed')
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${told.message}`
  const [current, desired] = [status.currentHealthy ?? 0, status.desiredHealthy ?? 0]
  if (current <= desired) return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`
  return told
    ? `The disruption budget ${name} does not allow evicting pods currently (${told.reason}): ${told.message}`
    : `The disruption budget ${name} does not allow evicting pods currently`
}

function exhausted({ metadata, status = {} }: PodDisruptionBudget, context: ActionContext) {
  const type = 'DisruptionAllowed'
  const before = status.conditions?.find((condition) => condition.type === type)
  const condition = {
    type,
    status: 'False',
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: before?.status === 'False' ? (before.lastTransitionTime ?? context.now()) : context.now(),
    reason: 'InsufficientPods',
    message: '',
  }
  return [...(status.conditions ?? []).filter((each) => each.type !== type), condition]
}

function markDisrupted(pod: Pod, context: ActionContext): void {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: context.now(),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type)
  context.update('/pods', { ...pod, status: { ...pod.status, conditions: [...others, condition] } } as KubernetesObject)
}
