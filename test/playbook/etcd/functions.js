/** The pod that a claim of the volume claim template `data` is for. */
export const podOf = (claim) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: claim.metadata.name.slice('data-'.length), namespace: claim.metadata.namespace } })

/** Since when a pod is not ready, in milliseconds since 1970; Infinity where it is. */
export function notReadySince(pods, name) {
  const pod = pods.items.find((each) => each.metadata.name === name)
  const condition = pod?.status?.conditions?.find((each) => each.type === 'Ready')
  if (condition?.status === 'True') return Infinity
  return condition ? timestamp(condition.lastTransitionTime) : 0
}
