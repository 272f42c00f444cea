// What the expressions of etcd.yaml call beside the library. Plain functions of their arguments.

/** By the peer URL that the member was added with, since one that has not started has no name. */
export const ordinalOfMember = (member) => ordinalOf(member.peerURLs[0])

export const withOrdinal = (objects, ordinal) => objects.find((object) => ordinalOf(object.metadata.name) === ordinal)

export const podOf = (member, pods) => withOrdinal(pods, ordinalOfMember(member)) ?? null

/** `quay.io/coreos/etcd:v3.6.8` → 3.6.8 */
export const versionOf = (pod) => pod.spec.containers.find((container) => container.name === 'etcd').image.split(':v').at(-1)

export const newestOf = (pods) => pods.map(versionOf).sort((one, other) => semverCompare(one, other)).at(-1)

/** Whether members of that version can be in a cluster that has agreed on this one: it goes up one minor version at a time, and never down. */
export const mayRun = (version, agreed) => {
  const [major, minor] = version.split('.').map(Number)
  const [agreedMajor, agreedMinor] = agreed.split('.').map(Number)
  return major === agreedMajor && (minor === agreedMinor || minor === agreedMinor + 1)
}

/** Since when each member without a pod has had none, by its ID. */
export const missingSince = (members, pods, before, now) => {
  const missing = members.filter((member) => !podOf(member, pods))
  return missing.length === 0 ? null : Object.fromEntries(missing.map((member) => [member.ID, before?.[member.ID] ?? now()]))
}

/** Whether a member has not been ready since a time that is too long ago. Only of one that is not ready the time is asked. */
export const isSilent = (member, pods, missing, isTooLong) => {
  const pod = podOf(member, pods)
  if (!pod) return missing?.[member.ID] !== undefined && isTooLong(missing[member.ID])
  if (isReady(pod)) return false
  const ready = (pod.status?.conditions ?? []).find((condition) => condition.type === 'Ready')
  const { deletionTimestamp, creationTimestamp } = pod.metadata
  return isTooLong(timestamp(ready && ready.status !== 'True' ? ready.lastTransitionTime : (deletionTimestamp ?? creationTimestamp)))
}
