/** Binding a pod to a node, as the scheduler does. (registry/core/pod/storage, BindingREST) */
import type { JsonObject, KubernetesObject } from '../../../../api/object.ts'
import type { ActionContext, Subresource } from '../../../registry/resource.ts'
import { conflict, plainError } from '../../../status/api-error.ts'
import { type FieldError, formatFieldError, notSupported, required } from '../../../status/field-error.ts'
import type { Pod } from '../shapes.ts'

export const binding: Subresource = { kind: 'action', responseKind: 'Binding', run: bind }

/** Labels of a node that its pods carry. */
const topologyLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'] as const

function bind(object: KubernetesObject, body: JsonObject, context: ActionContext): JsonObject {
  const pod = object as Pod
  const { name } = pod.metadata
  const target = (body['target'] ?? {}) as { readonly kind?: string; readonly name?: string }
  const errors: FieldError[] = []
  if (target.kind && target.kind !== 'Node') errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  if (!target.name) errors.push(required('target.name'))
  const problems = errors.map(formatFieldError)
  if (problems.length > 0) throw plainError(problems.length === 1 ? (problems[0] as string) : `[${problems.join(', ')}]`)
  const refuse = (why: string): never => {
    throw conflict({ group: '', resource: 'pods/binding' }, name, why)
  }
  if (pod.metadata.deletionTimestamp !== undefined) refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
  if (pod.spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  if (!context.dryRun) context.update('/pods', bound(pod, target.name as string, body, context))
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}

function bound(pod: Pod, nodeName: string, body: JsonObject, context: ActionContext): KubernetesObject {
  const given = body['metadata'] as
    | { readonly annotations?: Readonly<Record<string, string>>; readonly labels?: Readonly<Record<string, string>> }
    | undefined
  const node = context.objects.get('/nodes', '', nodeName)
  const topology = Object.fromEntries(
    topologyLabels.flatMap((label) => {
      const value = node?.metadata.labels?.[label]
      return value === undefined ? [] : [[label, value] as const]
    }),
  )
  const labels = { ...pod.metadata.labels, ...given?.labels, ...topology }
  const annotations = { ...pod.metadata.annotations, ...given?.annotations }
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: context.now() }
  const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'), scheduled]
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: { ...pod.spec, nodeName },
    status: withConditions(pod, conditions),
  }
}

/** In the order in which the server writes them. */
function withConditions({ status = {} }: Pod, conditions: readonly object[]): object {
  const { phase, conditions: _before, qosClass, ...rest } = status
  return { ...(phase && { phase }), conditions, ...rest, ...(qosClass && { qosClass }) }
}
