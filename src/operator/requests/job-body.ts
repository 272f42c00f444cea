/** The Job that a `job` step asks for. */
import { actAnnotation, actKeepAnnotation, primaryUidLabel } from '../../api/names.ts'
import { isMap, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import { stripped } from '../../api/dns-label.ts'
import type { ApplyBody } from '../../kube/writes.ts'
import type { JobInputs, JobVolume } from '../../reconcile/requests.ts'
import { canOwn } from '../../reconcile/ownership.ts'
import type { EffectRequest } from './request.ts'
import { hasSecrets, isSecretReference } from './secrets.ts'

/** The only container. */
export const mainContainer = 'main'

const longestName = 63
const digestLength = 10

/**
 * The same for each asking for the same try of the same act, and another for each other: so a Job is found again, and one of an earlier time is
 * never taken for it. It is the name of pods' labels too, so it has at most 63 characters.
 */
export function jobName(
  { metadata }: KubernetesObject,
  { id, idempotencyKey, attempt }: EffectRequest,
  sha256: (text: string) => string,
): string {
  const digest = sha256(`${metadata.uid} ${id} ${idempotencyKey} ${attempt}`).slice(0, digestLength)
  const step = stripped(id.split('/')[1] ?? id).slice(0, 20)
  const name = stripped(metadata.name).slice(0, longestName - digestLength - step.length - 2)
  return [stripped(name), stripped(step), digest].filter((part) => part !== '').join('-')
}

/** A problem where the inputs ask for what no Job can have. */
export function jobBody(
  name: string,
  namespace: string,
  inputs: JobInputs,
  { request, primary }: { request: EffectRequest; primary: KubernetesObject },
): ApplyBody | { problem: string } {
  const { image, command, args, env = {}, volumes = {}, serviceAccount, resources, podSpec = {}, keep = 'failed' } = inputs
  for (const [where, value] of Object.entries({ image, command, args, volumes, podSpec, resources }))
    if (hasSecrets(value))
      return { problem: `a value of a Secret stands in ${where}, where everybody could read it; in env it is a reference` }
  const variables: JsonObject[] = []
  for (const [variable, value] of Object.entries(env)) {
    if (typeof value === 'string') variables.push({ name: variable, value })
    else if (!isSecretReference(value))
      return { problem: `the variable ${variable} is a part of a text; a whole value of a Secret can be referred to` }
    else {
      const { namespace: of = namespace, name: secret, key } = value.secretRef
      if (of !== namespace) return { problem: `the variable ${variable} is in a Secret of namespace ${of}, and the Job is in ${namespace}` }
      variables.push({ name: variable, valueFrom: { secretKeyRef: { name: secret, key } } })
    }
  }
  const mounted = Object.entries(volumes).map(([path, volume], at) => mountOf(path, volume, `volume-${at}`))
  const container: JsonObject = {
    name: mainContainer,
    image,
    ...(command && { command }),
    ...(args && { args }),
    ...(variables.length > 0 && { env: variables }),
    ...(mounted.length > 0 && { volumeMounts: mounted.map(({ mount }) => mount) }),
    ...(resources && { resources }),
  }
  const spec: JsonObject = {
    restartPolicy: 'Never',
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    containers: [container],
    ...(mounted.length > 0 && { volumes: mounted.map(({ volume }) => volume) }),
  }
  const { timeout } = request
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels: { [primaryUidLabel]: primary.metadata.uid },
      annotations: { [actAnnotation]: request.id, [actKeepAnnotation]: keep },
      ...(canOwn(primary, namespace) && { ownerReferences: [ownerOf(primary)] }),
    },
    spec: {
      backoffLimit: 0,
      // The cluster ends it also while no operator runs.
      ...(timeout !== undefined && { activeDeadlineSeconds: Math.max(1, Math.ceil(timeout / 1000)) }),
      template: { spec: merged(spec, podSpec) },
    },
  }
}

const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject) => ({
  apiVersion,
  kind,
  name,
  uid: uid as string,
  controller: true,
  blockOwnerDeletion: true,
})

function mountOf(path: string, volume: JobVolume, name: string): { mount: JsonObject; volume: JsonObject } {
  const { key, subPath = key, readOnly } = volume
  const mount = { name, mountPath: path, ...(subPath !== undefined && { subPath }), ...(readOnly && { readOnly }) }
  return { mount, volume: { name, ...sourceOf(volume) } }
}

function sourceOf({ claim, secret, configMap, emptyDir, key, readOnly }: JobVolume): JsonObject {
  const items = key === undefined ? {} : { items: [{ key, path: key }] }
  if (claim !== undefined) return { persistentVolumeClaim: { claimName: claim, ...(readOnly && { readOnly }) } }
  if (secret !== undefined) return { secret: { secretName: secret, ...items } }
  if (configMap !== undefined) return { configMap: { name: configMap, ...items } }
  return { emptyDir: isMap(emptyDir) ? emptyDir : {} }
}

/** Maps are merged; all else is replaced, but for the container and the volumes, which more are added to. */
function merged(own: JsonObject, more: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...own }
  for (const [key, value] of Object.entries(more)) {
    const before = own[key]
    if (isMap(before) && isMap(value)) result[key] = merged(before, value)
    else result[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
  }
  return { ...result, restartPolicy: 'Never' }
}
