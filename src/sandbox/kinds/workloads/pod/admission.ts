/**
 * What admission adds to a new pod: its service account and token, tolerations of nodes that are away, its priority.
 *
 * (plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority}; registry/core/pod/strategy.go, PrepareForCreate)
 */
import type { KubernetesObject } from '../../../../api/object.ts'
import type { WriteContext } from '../../../registry/resource.ts'
import { forbiddenError } from '../../../status/api-error.ts'
import { same } from '../equality.ts'
import type { Container, LabelSelector, Pod, PodAffinityTerm, PodSpec, Texts, Toleration, Volume } from '../shapes.ts'
import { qualityOfService } from './quality-of-service.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const pods = { group: '', resource: 'pods' }
const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const mirror = 'kubernetes.io/config.mirror'
/** Letters and digits that generated names end with. (apimachinery, util/rand) */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** @throws ApiError (403) where admission refuses the pod */
export function admitPod(pod: Pod, context: WriteContext): void {
  const spec = pod.spec as Mutable<PodSpec>
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  if (!pod.metadata.annotations || !Object.hasOwn(pod.metadata.annotations, mirror)) serviceAccount(pod, spec, context)
  toleratesAbsence(spec)
  priority(pod, spec, context)
  runtimeClass(pod, spec, context)
}

interface ServiceAccount extends KubernetesObject {
  readonly automountServiceAccountToken?: boolean
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
}

function serviceAccount(pod: Pod, spec: Mutable<PodSpec>, context: WriteContext): void {
  spec.serviceAccountName = spec.serviceAccountName || 'default'
  spec.serviceAccount = spec.serviceAccountName
  const { namespace = '' } = pod.metadata
  const account = context.objects.get('/serviceaccounts', namespace, spec.serviceAccountName) as ServiceAccount | undefined
  if (!account) {
    const name = spec.serviceAccountName
    const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`
    throw forbiddenError(pods, pod.metadata.name, why)
  }
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, context)
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
    spec.imagePullSecrets = account.imagePullSecrets.map(({ name = '' }) => ({ name }))
}

function mountToken(spec: Mutable<PodSpec>, context: WriteContext): void {
  const existing = spec.volumes?.find(({ name }) => name?.startsWith('kube-api-access-'))
  const suffix = (): string => Array.from({ length: 5 }, () => alphabet[Math.floor(context.random() * alphabet.length)]).join('')
  const name = existing?.name ?? `kube-api-access-${suffix()}`
  let mounted = false
  const mount = (containers: readonly Container[] | undefined): void => {
    for (const container of (containers ?? []) as Mutable<Container>[]) {
      if (container.volumeMounts?.some(({ mountPath }) => mountPath === tokenMountPath)) continue
      container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: tokenMountPath }]
      mounted = true
    }
  }
  mount(spec.initContainers)
  mount(spec.containers)
  if (mounted && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 420,
  },
})

/** A pod stays for five minutes on a node that is not heard of. */
export function toleratesAbsence(spec: Mutable<PodSpec>): void {
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].flatMap((taint): Toleration[] => {
    const tolerated = spec.tolerations?.some(({ key, effect }) => (key === taint || !key) && (effect === 'NoExecute' || !effect))
    return tolerated ? [] : [{ key: taint, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }]
  })
  if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added]
}

interface PriorityClass extends KubernetesObject {
  readonly value?: number
  readonly globalDefault?: boolean
  readonly preemptionPolicy?: string
}

const systemClasses: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

function priority(pod: Pod, spec: Mutable<PodSpec>, context: WriteContext): void {
  const refuse = (why: string): never => {
    throw forbiddenError(pods, pod.metadata.name, why)
  }
  const { priorityClassName } = spec
  let found: { value: number; policy: string } = { value: 0, policy: 'PreemptLowerPriority' }
  if (priorityClassName) {
    const named = context.objects.get('scheduling.k8s.io/priorityclasses', '', priorityClassName) as PriorityClass | undefined
    const system = Object.hasOwn(systemClasses, priorityClassName) ? systemClasses[priorityClassName] : undefined
    if (!named && system === undefined) refuse(`no PriorityClass with name ${priorityClassName} was found`)
    found = { value: named?.value ?? system ?? 0, policy: named?.preemptionPolicy ?? 'PreemptLowerPriority' }
  } else {
    const defaults = [...context.objects.list('scheduling.k8s.io/priorityclasses')] as PriorityClass[]
    const chosen = defaults
      .filter(({ globalDefault }) => globalDefault)
      .sort((first, second) => (first.value ?? 0) - (second.value ?? 0))[0]
    if (chosen) {
      spec.priorityClassName = chosen.metadata.name
      found = { value: chosen.value ?? 0, policy: chosen.preemptionPolicy ?? 'PreemptLowerPriority' }
    }
  }
  if (spec.priority !== undefined && spec.priority !== found.value) {
    const given = `the integer value of priority (${spec.priority}) must not be provided in pod spec`
    refuse(`${given}; priority admission controller computed ${found.value} from the given PriorityClass name`)
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== found.policy) {
    const given = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec`
    refuse(`${given}; priority admission controller computed ${found.policy} from the given PriorityClass name`)
  }
  spec.priority = found.value
  spec.preemptionPolicy = found.policy
}

/** The last check, of a pod that is valid otherwise. */
export function admitOverhead(pod: Pod, context: WriteContext): void {
  const { runtimeClassName: name, overhead } = pod.spec
  const found = name === undefined ? undefined : (context.objects.get('node.k8s.io/runtimeclasses', '', name) as RuntimeClass | undefined)
  if (overhead && !found?.overhead)
    throw forbiddenError(pods, pod.metadata.name, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
}

interface RuntimeClass extends KubernetesObject {
  readonly overhead?: { readonly podFixed?: Texts }
  readonly scheduling?: { readonly nodeSelector?: Texts; readonly tolerations?: readonly Toleration[] }
}

/** What a runtime takes for itself, and where it is to be found. (plugin/pkg/admission/runtimeclass) */
function runtimeClass(pod: Pod, spec: Mutable<PodSpec>, context: WriteContext): void {
  const refuse = (why: string): never => {
    throw forbiddenError(pods, pod.metadata.name, why)
  }
  const name = spec.runtimeClassName
  const found = name === undefined ? undefined : (context.objects.get('node.k8s.io/runtimeclasses', '', name) as RuntimeClass | undefined)
  if (name !== undefined && !found) refuse(`pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  const overhead = found?.overhead?.podFixed
  if (found?.overhead) {
    if (Object.keys(spec.overhead ?? {}).length > 0 && !same({ limits: spec.overhead }, { limits: overhead }))
      refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    if (overhead) spec.overhead = overhead
  }
  for (const [key, value] of Object.entries(found?.scheduling?.nodeSelector ?? {})) {
    const own = spec.nodeSelector && Object.hasOwn(spec.nodeSelector, key) ? spec.nodeSelector[key] : undefined
    if (own !== undefined && own !== value)
      refuse(`conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
    spec.nodeSelector = { ...spec.nodeSelector, ...Object.fromEntries([[key, value]]) }
  }
  const added = (found?.scheduling?.tolerations ?? []).filter((toleration) => !spec.tolerations?.some((own) => same(own, toleration)))
  if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added]
}

/** The state in which every pod begins, and the selectors that its labels complete. */
export function beginPod(pod: Pod, now: string): void {
  const gated = (pod.spec.schedulingGates?.length ?? 0) > 0
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
  pod.status = {
    phase: 'Pending',
    ...(gated && { conditions: [condition as never] }),
    qosClass: qualityOfService(pod.spec),
  }
  const labels = pod.metadata.labels ?? {}
  for (const affinity of [pod.spec.affinity?.podAffinity, pod.spec.affinity?.podAntiAffinity]) {
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) completeSelector(term, labels)
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      if (podAffinityTerm) completeSelector(podAffinityTerm, labels)
  }
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) completeSelector(constraint, labels)
}

/** Keys whose values are those of the pod itself become requirements. (mutatePodAffinity) */
function completeSelector(term: Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>, labels: Texts): void {
  const selector = term.labelSelector as Mutable<LabelSelector> | undefined
  if (!selector) return
  const requirement = (operator: string) => (key: string) =>
    Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key] as string] }] : []
  const added = [...(term.matchLabelKeys ?? []).flatMap(requirement('In')), ...(term.mismatchLabelKeys ?? []).flatMap(requirement('NotIn'))]
  if (added.length > 0) selector.matchExpressions = [...(selector.matchExpressions ?? []), ...added]
}
