/** The status of a pod, which its kubelet writes. (core/validation, ValidatePodStatusUpdate; registry/core/pod/strategy.go) */
import { isIP } from 'node:net'
import { type FieldError, forbidden, invalidValue } from '../../../status/field-error.ts'
import { validateLegacyIp } from '../../addresses.ts'
import { nameIsDnsSubdomain } from '../../names.ts'
import { type Errors, each, immutableMessage, qualifiedName } from '../checks.ts'
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../shapes.ts'
import { validateAnnotationUpdates } from './annotations.ts'

/** Kubelets may forget what the server knows. */
export function keepStatus(pod: Pod, old: Pod): void {
  const status = (pod.status ?? {}) as { -readonly [K in keyof PodStatus]: PodStatus[K] }
  const before = old.status ?? {}
  if (!status.qosClass && before.qosClass) status.qosClass = before.qosClass
  if (!status.observedGeneration && before.observedGeneration) status.observedGeneration = before.observedGeneration
  const remembered = [...(before.conditions ?? [])]
  status.conditions?.forEach((condition) => {
    const index = remembered.findIndex(({ type }) => type === condition.type)
    const [found] = index < 0 ? [] : remembered.splice(index, 1)
    if (!condition.observedGeneration && found?.observedGeneration)
      (condition as { observedGeneration?: number }).observedGeneration = found.observedGeneration
  })
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }]
  if (status.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip
  pod.status = status
  if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences
  else delete pod.metadata.ownerReferences
}

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized'])

export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const errors: Errors = []
  const [status, before] = [pod.status ?? {}, old.status ?? {}]
  validateAnnotationUpdates(errors, 'metadata.annotations', pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}, pod.spec)
  status.conditions?.forEach(({ type = '', observedGeneration = 0 }, index) => {
    const path = `status.conditions[${index}]`
    if (observedGeneration < 0)
      errors.push(invalidValue(`${path}.observedGeneration`, observedGeneration, 'must be a non-negative integer'))
    if (!systemConditions.has(type)) qualifiedName(errors, `${path}.Type`, type)
  })
  const nominated = status.nominatedNodeName ?? ''
  if (nominated !== '' && nominated !== before.nominatedNodeName) {
    each(errors, 'status.nominatedNodeName', nominated, nameIsDnsSubdomain(nominated, false))
    if (old.spec.nodeName) errors.push(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'))
  }
  if ((status.observedGeneration ?? 0) < 0)
    errors.push(invalidValue('status.observedGeneration', status.observedGeneration, 'must be a non-negative integer'))
  if ((status.qosClass ?? '') !== (before.qosClass ?? ''))
    errors.push(invalidValue('status.qosClass', status.qosClass ?? '', immutableMessage))
  staysTerminated(errors, 'status.containerStatuses', status.containerStatuses, before.containerStatuses, (exitCode, name) =>
    mayRestart(old.spec, name, exitCode),
  )
  staysTerminated(errors, 'status.initContainerStatuses', status.initContainerStatuses, before.initContainerStatuses, (exitCode, name) =>
    mayRestartInit(old.spec, name, exitCode),
  )
  staysTerminated(
    errors,
    'status.ephemeralContainerStatuses',
    status.ephemeralContainerStatuses,
    before.ephemeralContainerStatuses,
    () => false,
  )
  addresses(errors, 'podIPs', status.podIPs ?? [])
  if (status.hostIPs?.length && status.hostIP !== status.hostIPs[0]?.ip)
    errors.push(invalidValue('status.hostIPs[0].ip', status.hostIPs[0]?.ip ?? '', 'must be equal to `hostIP`'))
  addresses(errors, 'hostIPs', status.hostIPs ?? [])
  return errors
}

function staysTerminated(
  errors: Errors,
  path: string,
  next: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  restarts: (exitCode: number, name: string | undefined) => boolean,
): void {
  old.forEach(({ name, state }, index) => {
    if (!state?.terminated || restarts(state.terminated.exitCode ?? 0, name)) return
    if (next.some((status) => status.name === name && !status.state?.terminated))
      errors.push(forbidden(`${path}[${index}].state`, 'may not be transitioned to non-terminated state'))
  })
}

const byPolicy = (policy: string | undefined, exitCode: number): boolean =>
  policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)

function mayRestart(spec: PodSpec, name: string | undefined, exitCode: number): boolean {
  const container = spec.containers?.find((each) => each.name === name)
  for (const { exitCodes } of container?.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    if (exitCodes?.operator === 'In' ? listed : !listed) return true
  }
  return byPolicy(container?.restartPolicy ?? spec.restartPolicy, exitCode)
}

function mayRestartInit(spec: PodSpec, name: string | undefined, exitCode: number): boolean {
  const container = spec.initContainers?.find((each) => each.name === name)
  return byPolicy(container?.restartPolicy ?? (spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure'), exitCode)
}

function addresses(errors: Errors, field: 'podIPs' | 'hostIPs', list: readonly { readonly ip?: string }[]): void {
  list.forEach(({ ip = '' }, index) => void errors.push(...validateLegacyIp(`status.${field}[${index}]`, ip)))
  const families = new Set(list.map(({ ip = '' }) => isIP(ip)))
  if (list.length > 1 && (families.size < 2 || list.length > 2))
    errors.push(
      invalidValue(
        `status.${field}`,
        list.map(({ ip = '' }) => ({ IP: ip })),
        'may specify no more than one IP for each IP family',
      ),
    )
}
