/** Which nodes a pod may run on by their labels and names. (component-helpers, scheduling/corev1/nodeaffinity) */
import type { Node } from './nodes.ts'
import type { PodSpec } from './pods.ts'

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Term {
  readonly matchExpressions?: readonly Requirement[]
  readonly matchFields?: readonly Requirement[]
}

interface Affinity {
  readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] } }
}

/** Whether the node has the labels of the selector and fits at least one required term of the affinity. */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = (spec['affinity'] as Affinity | undefined)?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node))
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: Term, { metadata }: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const labels = metadata.labels ?? {}
  return (
    matchExpressions.every((requirement) =>
      holds(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined),
    ) && matchFields.every((requirement) => holds(requirement, requirement.key === 'metadata.name' ? metadata.name : undefined))
  )
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
