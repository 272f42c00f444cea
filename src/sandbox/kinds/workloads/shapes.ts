/**
 * The parts of the workload kinds that their rules look at, as decoded objects have them.
 *
 * Types were checked by the decoder; everything is optional, since which fields must be there is what the rules decide.
 * (api/core/v1, apps/v1, batch/v1, autoscaling/v2, policy/v1)
 */
import type { KubernetesObject } from '../../../api/object.ts'

export type Texts = Readonly<Record<string, string>>
export type IntOrString = number | string

export interface SelectorRequirement {
  readonly key?: string
  readonly operator?: string
  readonly values?: readonly string[]
}

export interface LabelSelector {
  readonly matchLabels?: Texts
  readonly matchExpressions?: readonly SelectorRequirement[]
}

export interface TemplateMeta {
  readonly labels?: Texts
  readonly annotations?: Texts
  readonly [field: string]: unknown
}

export interface PodTemplate {
  readonly metadata?: TemplateMeta
  readonly spec?: PodSpec
}

export interface ObjectFieldSelector {
  readonly apiVersion?: string
  readonly fieldPath?: string
}

export interface ResourceFieldSelector {
  readonly containerName?: string
  readonly resource?: string
  readonly divisor?: string
}

export interface KeySelector {
  readonly name?: string
  readonly key?: string
}

export interface FileKeySelector {
  readonly volumeName?: string
  readonly path?: string
  readonly key?: string
}

export interface EnvVar {
  readonly name?: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: ObjectFieldSelector
    readonly resourceFieldRef?: ResourceFieldSelector
    readonly configMapKeyRef?: KeySelector
    readonly secretKeyRef?: KeySelector
    readonly fileKeyRef?: FileKeySelector
  }
}

export interface EnvFromSource {
  readonly prefix?: string
  readonly configMapRef?: { readonly name?: string }
  readonly secretRef?: { readonly name?: string }
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort?: number
  readonly hostPort?: number
  readonly hostIP?: string
  readonly protocol?: string
}

export interface VolumeMount {
  readonly name?: string
  readonly mountPath?: string
  readonly subPath?: string
  readonly subPathExpr?: string
  readonly mountPropagation?: string
  readonly readOnly?: boolean
  readonly recursiveReadOnly?: string
}

export interface VolumeDevice {
  readonly name?: string
  readonly devicePath?: string
}

export interface ResourceClaim {
  readonly name?: string
  readonly request?: string
}

export interface ResourceRequirements {
  readonly limits?: Texts
  readonly requests?: Texts
  readonly claims?: readonly ResourceClaim[]
}

export interface Handler {
  readonly exec?: { readonly command?: readonly string[] }
  readonly httpGet?: {
    readonly path?: string
    readonly port?: IntOrString
    readonly scheme?: string
    readonly httpHeaders?: readonly { readonly name?: string }[]
  }
  readonly tcpSocket?: { readonly port?: IntOrString }
  readonly grpc?: { readonly port?: number }
  readonly sleep?: { readonly seconds?: number }
}

export interface Probe extends Handler {
  readonly initialDelaySeconds?: number
  readonly timeoutSeconds?: number
  readonly periodSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
  readonly terminationGracePeriodSeconds?: number
}

export interface Lifecycle {
  readonly postStart?: Handler
  readonly preStop?: Handler
  readonly stopSignal?: string
}

export interface Profile {
  readonly type?: string
  readonly localhostProfile?: string
}

export interface WindowsOptions {
  readonly gmsaCredentialSpecName?: string
  readonly gmsaCredentialSpec?: string
  readonly runAsUserName?: string
  readonly hostProcess?: boolean
}

export interface SecurityContext {
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly privileged?: boolean
  readonly seLinuxOptions?: object
  readonly windowsOptions?: WindowsOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly procMount?: string
  readonly seccompProfile?: Profile
  readonly appArmorProfile?: Profile
}

export interface PodSecurityContext {
  readonly seLinuxOptions?: object
  readonly windowsOptions?: WindowsOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: string
  readonly fsGroup?: number
  readonly fsGroupChangePolicy?: string
  readonly sysctls?: readonly { readonly name?: string; readonly value?: string }[]
  readonly seccompProfile?: Profile
  readonly appArmorProfile?: Profile
  readonly seLinuxChangePolicy?: string
}

export interface RestartRule {
  readonly action?: string
  readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] }
}

export interface Container {
  readonly name?: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly ports?: readonly ContainerPort[]
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFromSource[]
  readonly resources?: ResourceRequirements
  readonly resizePolicy?: readonly { readonly resourceName?: string; readonly restartPolicy?: string }[]
  readonly restartPolicy?: string
  readonly restartPolicyRules?: readonly RestartRule[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly volumeDevices?: readonly VolumeDevice[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
  readonly lifecycle?: Lifecycle
  readonly terminationMessagePolicy?: string
  readonly imagePullPolicy?: string
  readonly securityContext?: SecurityContext
}

export interface EphemeralContainer extends Container {
  readonly targetContainerName?: string
}

export interface KeyToPath {
  readonly key?: string
  readonly path?: string
  readonly mode?: number
}

export interface DownwardFile {
  readonly path?: string
  readonly fieldRef?: ObjectFieldSelector
  readonly resourceFieldRef?: ResourceFieldSelector
  readonly mode?: number
}

export interface ProjectionSource {
  readonly secret?: { readonly name?: string; readonly items?: readonly KeyToPath[] }
  readonly configMap?: { readonly name?: string; readonly items?: readonly KeyToPath[] }
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] }
  readonly serviceAccountToken?: { readonly audience?: string; readonly expirationSeconds?: number; readonly path?: string }
  readonly clusterTrustBundle?: {
    readonly name?: string
    readonly signerName?: string
    readonly labelSelector?: LabelSelector
    readonly path?: string
  }
}

export interface VolumeClaimSpec {
  readonly accessModes?: readonly string[]
  readonly selector?: LabelSelector
  readonly resources?: ResourceRequirements
  readonly storageClassName?: string
  readonly volumeMode?: string
  readonly volumeAttributesClassName?: string
  readonly dataSource?: { readonly apiGroup?: string; readonly kind?: string; readonly name?: string }
  readonly dataSourceRef?: { readonly apiGroup?: string; readonly kind?: string; readonly name?: string; readonly namespace?: string }
}

export interface VolumeClaimTemplate {
  readonly metadata?: TemplateMeta
  readonly spec?: VolumeClaimSpec
}

/** One of the sources of a volume, by its name; `any` other source is told apart by its name only. */
export interface Volume {
  readonly name?: string
  readonly emptyDir?: { readonly sizeLimit?: string; readonly medium?: string }
  readonly hostPath?: { readonly path?: string; readonly type?: string }
  readonly secret?: { readonly secretName?: string; readonly defaultMode?: number; readonly items?: readonly KeyToPath[] }
  readonly configMap?: { readonly name?: string; readonly defaultMode?: number; readonly items?: readonly KeyToPath[] }
  readonly persistentVolumeClaim?: { readonly claimName?: string }
  readonly downwardAPI?: { readonly defaultMode?: number; readonly items?: readonly DownwardFile[] }
  readonly projected?: { readonly defaultMode?: number; readonly sources?: readonly ProjectionSource[] }
  readonly nfs?: { readonly server?: string; readonly path?: string }
  readonly csi?: { readonly driver?: string; readonly nodePublishSecretRef?: { readonly name?: string } }
  readonly ephemeral?: { readonly volumeClaimTemplate?: VolumeClaimTemplate }
  readonly image?: { readonly reference?: string; readonly pullPolicy?: string }
  readonly [source: string]: unknown
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly SelectorRequirement[]
  readonly matchFields?: readonly SelectorRequirement[]
}

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly namespaces?: readonly string[]
  readonly topologyKey?: string
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight?: number
    readonly podAffinityTerm?: PodAffinityTerm
  }[]
}

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] }
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight?: number
    readonly preference?: NodeSelectorTerm
  }[]
}

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity
  readonly podAffinity?: PodAffinity
  readonly podAntiAffinity?: PodAffinity
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export interface TopologySpreadConstraint {
  readonly maxSkew?: number
  readonly topologyKey?: string
  readonly whenUnsatisfiable?: string
  readonly labelSelector?: LabelSelector
  readonly minDomains?: number
  readonly nodeAffinityPolicy?: string
  readonly nodeTaintsPolicy?: string
  readonly matchLabelKeys?: readonly string[]
}

export interface DnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name?: string; readonly value?: string }[]
}

export interface PodResourceClaim {
  readonly name?: string
  readonly resourceClaimName?: string
  readonly resourceClaimTemplateName?: string
}

export interface PodSpec {
  readonly volumes?: readonly Volume[]
  readonly initContainers?: readonly Container[]
  readonly containers?: readonly Container[]
  readonly ephemeralContainers?: readonly EphemeralContainer[]
  readonly restartPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly activeDeadlineSeconds?: number
  readonly dnsPolicy?: string
  readonly nodeSelector?: Texts
  readonly serviceAccountName?: string
  readonly serviceAccount?: string
  readonly automountServiceAccountToken?: boolean
  readonly nodeName?: string
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly shareProcessNamespace?: boolean
  readonly securityContext?: PodSecurityContext
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly hostname?: string
  readonly subdomain?: string
  readonly affinity?: Affinity
  readonly schedulerName?: string
  readonly tolerations?: readonly Toleration[]
  readonly hostAliases?: readonly { readonly ip?: string; readonly hostnames?: readonly string[] }[]
  readonly priorityClassName?: string
  readonly priority?: number
  readonly preemptionPolicy?: string
  readonly dnsConfig?: DnsConfig
  readonly readinessGates?: readonly { readonly conditionType?: string }[]
  readonly runtimeClassName?: string
  readonly overhead?: Texts
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[]
  readonly setHostnameAsFQDN?: boolean
  readonly os?: { readonly name?: string }
  readonly hostUsers?: boolean
  readonly schedulingGates?: readonly { readonly name?: string }[]
  readonly resourceClaims?: readonly PodResourceClaim[]
  readonly resources?: ResourceRequirements
  readonly hostnameOverride?: string
}

export interface ContainerState {
  readonly running?: { readonly startedAt?: string }
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly terminated?: {
    readonly exitCode?: number
    readonly signal?: number
    readonly reason?: string
    readonly finishedAt?: string
  }
}

export interface ContainerStatus {
  readonly name?: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface Condition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly qosClass?: string
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[]
  readonly hostIP?: string
  readonly hostIPs?: readonly { readonly ip?: string }[]
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip?: string }[]
  readonly nominatedNodeName?: string
  readonly observedGeneration?: number
  readonly startTime?: string
}

export interface Pod extends KubernetesObject {
  spec: PodSpec
  status?: PodStatus
}

/** What Deployments, ReplicaSets and ReplicationControllers have in common. */
export interface ReplicatedStatus {
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly updatedReplicas?: number
  readonly unavailableReplicas?: number
  readonly terminatingReplicas?: number
  readonly fullyLabeledReplicas?: number
  readonly currentReplicas?: number
  readonly observedGeneration?: number
  readonly collisionCount?: number
  readonly conditions?: readonly Condition[]
}

export interface Deployment extends KubernetesObject {
  spec: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly maxUnavailable?: IntOrString; readonly maxSurge?: IntOrString }
    }
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit?: number
    readonly progressDeadlineSeconds?: number
  }
  status?: ReplicatedStatus
}

export interface ReplicaSet extends KubernetesObject {
  spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
  }
  status?: ReplicatedStatus
}

export interface ReplicationController extends KubernetesObject {
  spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly selector?: Texts
    readonly template?: PodTemplate
  }
  status?: ReplicatedStatus
}

export interface StatefulSet extends KubernetesObject {
  spec: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly volumeClaimTemplates?: readonly VolumeClaimTemplate[]
    readonly serviceName?: string
    readonly podManagementPolicy?: string
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly partition?: number; readonly maxUnavailable?: IntOrString }
    }
    readonly revisionHistoryLimit?: number
    readonly minReadySeconds?: number
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string }
    readonly ordinals?: { readonly start?: number }
  }
  status?: ReplicatedStatus
}

export interface DaemonSet extends KubernetesObject {
  spec: {
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly maxUnavailable?: IntOrString; readonly maxSurge?: IntOrString }
    }
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit?: number
  }
  status?: {
    readonly currentNumberScheduled?: number
    readonly numberMisscheduled?: number
    readonly desiredNumberScheduled?: number
    readonly numberReady?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
    readonly numberUnavailable?: number
    readonly observedGeneration?: number
    readonly collisionCount?: number
  }
}

export interface ControllerRevision extends KubernetesObject {
  data?: unknown
  revision?: number
}

export interface FailurePolicyRule {
  readonly action?: string
  readonly onExitCodes?: { readonly containerName?: string; readonly operator?: string; readonly values?: readonly number[] }
  readonly onPodConditions?: readonly { readonly type?: string; readonly status?: string }[]
}

export interface SuccessPolicyRule {
  readonly succeededIndexes?: string
  readonly succeededCount?: number
}

export interface JobSpec {
  readonly parallelism?: number
  readonly completions?: number
  readonly activeDeadlineSeconds?: number
  readonly podFailurePolicy?: { readonly rules?: readonly FailurePolicyRule[] }
  readonly successPolicy?: { readonly rules?: readonly SuccessPolicyRule[] }
  readonly backoffLimit?: number
  readonly backoffLimitPerIndex?: number
  readonly maxFailedIndexes?: number
  readonly selector?: LabelSelector
  readonly manualSelector?: boolean
  readonly template?: PodTemplate
  readonly ttlSecondsAfterFinished?: number
  readonly completionMode?: string
  readonly suspend?: boolean
  readonly podReplacementPolicy?: string
  readonly managedBy?: string
}

export interface JobStatus {
  readonly conditions?: readonly Condition[]
  readonly startTime?: string
  readonly completionTime?: string
  readonly active?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly terminating?: number
  readonly completedIndexes?: string
  readonly failedIndexes?: string
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] }
  readonly ready?: number
}

export interface Job extends KubernetesObject {
  spec: JobSpec
  status?: JobStatus
}

export interface CronJobSpec {
  readonly schedule?: string
  readonly timeZone?: string
  readonly startingDeadlineSeconds?: number
  readonly concurrencyPolicy?: string
  readonly suspend?: boolean
  readonly jobTemplate?: { readonly metadata?: TemplateMeta; readonly spec?: JobSpec }
  readonly successfulJobsHistoryLimit?: number
  readonly failedJobsHistoryLimit?: number
}

export interface CronJob extends KubernetesObject {
  spec: CronJobSpec
  status?: { readonly active?: readonly unknown[]; readonly lastScheduleTime?: string; readonly lastSuccessfulTime?: string }
}

export interface CrossVersionObjectReference {
  readonly kind?: string
  readonly name?: string
  readonly apiVersion?: string
}

export interface MetricIdentifier {
  readonly name?: string
  readonly selector?: LabelSelector
}

export interface MetricTarget {
  readonly type?: string
  readonly value?: string
  readonly averageValue?: string
  readonly averageUtilization?: number
}

export interface MetricSpec {
  readonly type?: string
  readonly object?: {
    readonly describedObject?: CrossVersionObjectReference
    readonly metric?: MetricIdentifier
    readonly target?: MetricTarget
  }
  readonly pods?: { readonly metric?: MetricIdentifier; readonly target?: MetricTarget }
  readonly resource?: { readonly name?: string; readonly target?: MetricTarget }
  readonly containerResource?: { readonly name?: string; readonly container?: string; readonly target?: MetricTarget }
  readonly external?: { readonly metric?: MetricIdentifier; readonly target?: MetricTarget }
}

export interface MetricStatus {
  readonly type?: string
  readonly object?: {
    readonly describedObject?: CrossVersionObjectReference
    readonly metric?: MetricIdentifier
    readonly current?: MetricTarget
  }
  readonly pods?: { readonly metric?: MetricIdentifier; readonly current?: MetricTarget }
  readonly resource?: { readonly name?: string; readonly current?: MetricTarget }
  readonly containerResource?: { readonly name?: string; readonly container?: string; readonly current?: MetricTarget }
  readonly external?: { readonly metric?: MetricIdentifier; readonly current?: MetricTarget }
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: string
  readonly policies?: readonly { readonly type?: string; readonly value?: number; readonly periodSeconds?: number }[]
  readonly tolerance?: string
}

export interface HorizontalPodAutoscaler extends KubernetesObject {
  spec: {
    readonly scaleTargetRef?: CrossVersionObjectReference
    readonly minReplicas?: number
    readonly maxReplicas?: number
    readonly metrics?: readonly MetricSpec[]
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules }
  }
  status?: {
    readonly observedGeneration?: number
    readonly lastScaleTime?: string
    readonly currentReplicas?: number
    readonly desiredReplicas?: number
    readonly currentMetrics?: readonly MetricStatus[]
    readonly conditions?: readonly Condition[]
  }
}

export interface PodDisruptionBudget extends KubernetesObject {
  spec?: {
    readonly minAvailable?: IntOrString
    readonly maxUnavailable?: IntOrString
    readonly selector?: LabelSelector
    readonly unhealthyPodEvictionPolicy?: string
  }
  status?: {
    readonly observedGeneration?: number
    readonly disruptedPods?: Readonly<Record<string, string>>
    readonly disruptionsAllowed?: number
    readonly currentHealthy?: number
    readonly desiredHealthy?: number
    readonly expectedPods?: number
    readonly conditions?: readonly Condition[]
  }
}
