/**
 * Conditions in the style of another operator, beside our own: what scripts and dashboards wait for that were written for it.
 *
 *   helm      Initialized, Deployed, ReleaseFailed, Irreconcilable, Paused: of the Helm operator
 *   ansible   Running, Successful, Failure: of the Ansible operator
 *
 * Types, reasons and what they mean are theirs: `Deployed` and `Successful` say that everything is applied, not that it is ready, and
 * `Running` stays True after a success. Differences: a condition that does not hold is there with False, since an absent one cannot be waited for;
 * where theirs has an empty reason, which meta/v1 refuses, ours stands; a message is ours, never the server's.
 * (operator-framework, helm-operator-plugins pkg/reconciler/internal/conditions, ansible-operator-plugins internal/ansible/controller/status)
 */
import type { JsonObject } from '../api/object.ts'
import { conditionsOf, type WantedCondition } from './conditions.ts'
import { readObservedRevision } from './observed-revision.ts'
import { type StatusReason, statusReasons } from './status-reasons.ts'

export const conditionStyles = {
  helm: ['Initialized', 'Deployed', 'ReleaseFailed', 'Irreconcilable', 'Paused'],
  ansible: ['Running', 'Successful', 'Failure'],
} as const satisfies Record<string, readonly string[]>

export type ConditionStyle = keyof typeof conditionStyles

/** What a pass came to, as the style has to tell it. */
export interface Told {
  reason: StatusReason
  message: string
  /** Everything that was rendered is applied; deletes can be held. */
  applied: boolean
  deleting: boolean
  generation: number
  revision: string
  /** The status as it was before. */
  previous: JsonObject
}

/** The conditions of the style, in the order of `conditionStyles`. Those about which a pass has nothing new to say stay as they were. */
export function styledConditions(style: ConditionStyle, told: Told): WantedCondition[] {
  switch (style) {
    case 'helm':
      return helmConditions(told)
    case 'ansible':
      return ansibleConditions(told)
  }
}

function helmConditions(told: Told): WantedCondition[] {
  const { reason, message, deleting } = told
  const failure = releaseFailure(told)
  const irreconcilable = failure === undefined && isFailed(told)
  const paused = reason === 'Suspended'
  const initialized = condition('Initialized', 'True', 'Initialized', '')
  const deployed = deployedCondition(told, failure)
  if (paused)
    return [
      initialized,
      ...before(told, 'Deployed', 'ReleaseFailed', 'Irreconcilable'),
      condition('Paused', 'True', 'PauseReconcileAnnotationTrue', message),
    ]
  return [
    initialized,
    ...(deployed ? [deployed] : []),
    failure ? condition('ReleaseFailed', 'True', failure, message) : condition('ReleaseFailed', 'False', reason, ''),
    irreconcilable ? condition('Irreconcilable', 'True', 'ReconcileError', message) : condition('Irreconcilable', 'False', reason, ''),
    condition('Paused', 'False', deleting ? 'Deleting' : reason, ''),
  ]
}

/** What the server or another owner refused is a release that failed; what could not be rendered or kept right cannot be reconciled. */
function releaseFailure(told: Told): 'InstallError' | 'UpgradeError' | 'UninstallError' | undefined {
  if (!isFailed(told) || !['ApplyFailed', 'Conflict', 'DeletionStuck'].includes(told.reason)) return undefined
  if (told.deleting) return 'UninstallError'
  return wasDeployed(told) ? 'UpgradeError' : 'InstallError'
}

function deployedCondition(told: Told, failure: string | undefined): WantedCondition | undefined {
  const { deleting, applied, generation, revision, previous } = told
  const [known] = before(told, 'Deployed')
  if (deleting && failure === undefined)
    return condition('Deployed', 'False', 'UninstallSuccessful', 'Waiting until all resources are deleted.')
  if (!applied || deleting) return known ?? (failure ? condition('Deployed', 'False', failure, '') : undefined)
  const changed =
    isOther(previous['observedGeneration'], generation) || isOther(readObservedRevision(previous['observedRevision']).revision, revision)
  if (known?.status === 'True' && !changed) return known
  return condition('Deployed', 'True', wasDeployed(told) ? 'UpgradeSuccessful' : 'InstallSuccessful', 'everything is applied')
}

/** A status without room for it tells nothing. */
const isOther = (recorded: unknown, now: unknown): boolean => recorded !== undefined && recorded !== now

const wasDeployed = (told: Told): boolean =>
  told.previous['observedGeneration'] !== undefined || before(told, 'Deployed').some(({ status }) => status === 'True')

function ansibleConditions(told: Told): WantedCondition[] {
  const { reason, message, applied } = told
  if (reason === 'Suspended') return before(told, 'Running', 'Successful', 'Failure')
  if (isFailed(told))
    return [
      condition('Running', 'False', 'Failed', ''),
      condition('Successful', 'False', 'Failed', ''),
      condition('Failure', 'True', 'Failed', message),
    ]
  if (applied)
    return [
      condition('Running', 'True', 'Successful', 'Awaiting next reconciliation'),
      condition('Successful', 'True', 'Successful', 'Last reconciliation succeeded'),
      condition('Failure', 'False', 'Successful', ''),
    ]
  const [failure] = before(told, 'Failure')
  return [
    condition('Running', 'True', 'Running', 'Running reconciliation'),
    condition('Successful', 'False', 'Running', ''),
    failure ?? condition('Failure', 'False', 'Running', ''),
  ]
}

/** Somebody has to act. Dependents that fail by themselves are applied all the same, and neither operator looked at them. */
const isFailed = ({ reason }: Told): boolean => statusReasons[reason].outcome === 'stalled' && reason !== 'DependentsFailed'

/** Those that were there, as they were. */
function before({ previous }: Told, ...types: string[]): WantedCondition[] {
  const known = conditionsOf(previous['conditions'])
  return types.flatMap((type) => {
    const { status, reason, message } = known.find((each) => each['type'] === type) ?? {}
    if (status !== 'True' && status !== 'False' && status !== 'Unknown') return []
    return typeof reason === 'string' && reason !== '' ? [condition(type, status, reason, typeof message === 'string' ? message : '')] : []
  })
}

const condition = (type: string, status: WantedCondition['status'], reason: string, message: string): WantedCondition => ({
  type,
  status,
  reason,
  message,
})
