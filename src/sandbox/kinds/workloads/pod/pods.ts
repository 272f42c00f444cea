/** Pods and templates of pods as kinds. (registry/core/pod and registry/core/podtemplate) */
import type { KubernetesObject } from '../../../../api/object.ts'
import type { KindBehaviour, Strategy, Subresource } from '../../../registry/resource.ts'
import { type Errors } from '../checks.ts'
import { columns, containerCells } from '../columns.ts'
import { formatLabels } from '../selectors.ts'
import type { EphemeralContainer, Pod, PodSpec, PodTemplate } from '../shapes.ts'
import { admitOverhead, admitPod, beginPod, toleratesAbsence } from './admission.ts'
import { binding } from './binding.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { podColumns } from './columns.ts'
import { eviction } from './eviction.ts'
import { keepOnlyResources, validatePodResize } from './resize.ts'
import { keepStatus, validatePodStatus } from './status.ts'
import { validatePodTemplate } from './template.ts'
import { validateEphemeralContainersUpdate, validatePodCreate, validatePodUpdate } from './validation.ts'
import { warnOfHostname, warnOfPodSpec, prepareTemplate } from './warnings.ts'

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  returnsDeleted: true,
  gracePeriod(object, asked) {
    const { spec, status } = object as Pod
    const hasEnded = status?.phase === 'Failed' || status?.phase === 'Succeeded'
    if (!spec.nodeName || hasEnded) return 0
    const period = asked ?? spec.terminationGracePeriodSeconds ?? 0
    return period < 0 ? 1 : period
  },
  prepare(object, old, context) {
    const pod = object as Pod
    dropDisabledFields(pod.spec, (old as Pod | undefined)?.spec)
    if (old) {
      toleratesAbsence(pod.spec)
      return
    }
    admitPod(pod, context)
    beginPod(pod, context.now())
    warnOfHostname(context.warnings, pod.metadata.name, "the Pod's hostname")
    warnOfPodSpec(context.warnings, 'spec', pod.spec)
  },
  validate(object, context) {
    const errors = validatePodCreate(object as Pod)
    if (errors.length === 0) admitOverhead(object as Pod, context)
    return errors
  },
  validateUpdate: (object, old) => validatePodUpdate(object as Pod, old as Pod),
  validateUpdateAlone: true,
  prepareStatus: (object, old) => keepStatus(object as Pod, old as Pod),
  validateStatus: (object, old) => validatePodStatus(object as Pod, old as Pod),
}

/** Only the containers for debugging are taken from the request. */
function keepOnlyEphemeralContainers(object: KubernetesObject, old: KubernetesObject | undefined): void {
  const pod = object as Pod
  const added = pod.spec.ephemeralContainers
  const { ephemeralContainers: _before, ...rest } = (old as Pod).spec
  pod.spec = { ...rest, ...(added && { ephemeralContainers: added as readonly EphemeralContainer[] }) } as PodSpec
  restore(pod, old as Pod)
}

/** The rest of a pod is not written through its subresources. */
function restore(pod: Pod, old: Pod): void {
  if (old.status) pod.status = old.status
  for (const field of ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const) {
    if (old.metadata[field] === undefined) delete pod.metadata[field]
    else pod.metadata[field] = old.metadata[field] as never
  }
}

const { prepareStatus: _prepareStatus, validateStatus: _validateStatus, ...main } = strategy

const ephemeralContainers: Subresource = {
  kind: 'write',
  verbs: ['get', 'patch', 'update'],
  strategy: {
    ...main,
    prepare: keepOnlyEphemeralContainers,
    validateUpdate: (object, old) => validateEphemeralContainersUpdate(object as Pod, old as Pod),
  },
}

const resize: Subresource = {
  kind: 'write',
  verbs: ['get', 'patch', 'update'],
  strategy: {
    ...main,
    prepare(object, old) {
      keepOnlyResources(object as Pod, old as Pod)
      restore(object as Pod, old as Pod)
    },
    validateUpdate: (object, old) => validatePodResize(object as Pod, old as Pod),
  },
}

const stream = (responseKind: string, ...verbs: string[]) => ({ kind: 'connect' as const, responseKind, verbs })
const everyVerb = ['create', 'delete', 'get', 'patch', 'update']

export const pods: KindBehaviour = {
  strategy,
  columns: podColumns,
  selectableFields: new Map<string, (object: KubernetesObject) => string>([
    ['spec.nodeName', (object) => (object as Pod).spec.nodeName ?? ''],
    ['spec.restartPolicy', (object) => (object as Pod).spec.restartPolicy ?? ''],
    ['spec.schedulerName', (object) => (object as Pod).spec.schedulerName ?? ''],
    ['spec.serviceAccountName', (object) => (object as Pod).spec.serviceAccountName ?? ''],
    ['spec.hostNetwork', (object) => String((object as Pod).spec.hostNetwork ?? false)],
    ['status.phase', (object) => (object as Pod).status?.phase ?? ''],
    ['status.podIP', (object) => (object as Pod).status?.podIPs?.[0]?.ip ?? (object as Pod).status?.podIP ?? ''],
    ['status.nominatedNodeName', (object) => (object as Pod).status?.nominatedNodeName ?? ''],
  ]),
  subresources: {
    ephemeralcontainers: ephemeralContainers,
    resize,
    eviction,
    binding,
    log: { ...stream('Pod', 'get'), program: 'log' },
    exec: { ...stream('PodExecOptions', 'create', 'get'), program: 'exec' },
    attach: stream('PodAttachOptions', 'create', 'get'),
    portforward: stream('PodPortForwardOptions', 'create', 'get'),
    proxy: stream('PodProxyOptions', ...everyVerb),
  },
}

interface PodTemplateObject extends KubernetesObject {
  template?: PodTemplate
}

export const podTemplates: KindBehaviour = {
  strategy: {
    generation: 'spec',
    unconditionalUpdate: true,
    createOnUpdate: false,
    hasStatus: false,
    checksMetadataTwice: true,
    returnsDeleted: true,
    prepare(object, old, context) {
      const before = (old as PodTemplateObject | undefined)?.template
      prepareTemplate(context.warnings, 'template', (object as PodTemplateObject).template, before)
    },
    validate(object) {
      const errors: Errors = []
      validatePodTemplate(errors, 'template', (object as PodTemplateObject).template ?? {})
      return errors
    },
  },
  columns: columns<PodTemplateObject>(
    [['Name', 'string', 'name'], ['Containers'], ['Images'], ['Pod Labels']],
    ({ metadata, template }) => [metadata.name, ...containerCells(template?.spec?.containers), formatLabels(template?.metadata?.labels)],
  ),
}
