// What the expressions of etcd.yaml call beside the library. Plain functions of their arguments.

/** `https://demo-2.demo.shop.svc:2380` → 2 */
export const ordinalOf = (name) => Number(/-(\d+)(?:\.|$)/.exec(name)?.[1])

/** The member's ordinal: by the peer URL that it was added with, since one that has not started has no name. */
export const ordinalOfMember = (member) => ordinalOf(member.peerURLs[0])

export const imageOf = (pod) => pod.spec.containers.find((container) => container.name === 'etcd').image

/** Since when a pod has not been ready; undefined while it is. One that is not there counts from the time that is given. */
export const notReadySince = (pod, missingSince) => {
  if (!pod) return missingSince
  const ready = (pod.status.conditions ?? []).find((condition) => condition.type === 'Ready')
  return ready?.status === 'True' ? undefined : (ready?.lastTransitionTime ?? pod.metadata.creationTimestamp)
}

/** Whether an update from one version to the other goes up at most one minor version; a cluster version never goes down. */
export const mayUpdate = (from, to) => {
  const [major, minor] = from.split('.').map(Number)
  const [newMajor, newMinor] = to.split('.').map(Number)
  return newMajor === major && (newMinor === minor || newMinor === minor + 1)
}
