/**
 * From rendered documents to the bodies that are sent.
 *
 * A body is the document plus what makes it the primary's: the namespace, a controller owner reference where one can reach, and the two
 * marks on its own metadata. The `fairlead.dev/applied` annotation carries the hash of the body, so that a later pass, also of another process, can tell
 * from the object alone whether it was asked for exactly this.
 */
import { encodeBase64 } from '../api/base64.ts'
import { canonicalJson } from '../api/canonical.ts'
import { appliedAnnotation, primaryUidLabel } from '../api/names.ts'
import {
  apiVersionOf,
  displayName,
  groupKind,
  type GroupVersionKind,
  gvkOf,
  isMap,
  type KubernetesObject,
  objectKey,
  type OwnerReference,
} from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { type FieldPolicy, fieldPolicyOf } from './field-policy.ts'
import { canOwn, namingPrimary } from './ownership.ts'
import type { RenderedDocument } from './program.ts'

/** One object that the primary wants, as it is sent. */
export interface DesiredObject {
  kind: GroupVersionKind
  /** `namespace/name` within the kind. */
  key: string
  /** Complete but for `metadata.uid` and `metadata.resourceVersion`, which bind a write to one incarnation. */
  body: KubernetesObject
  /** What `fairlead.dev/applied` holds. */
  applied: string
  document: RenderedDocument
  /** What becomes of fields that others want too. */
  fieldPolicy: FieldPolicy
}

/** Whether a kind's objects live in namespaces; undefined where the cluster does not know the kind. */
export type ScopeOf = (kind: GroupVersionKind) => 'Namespaced' | 'Cluster' | undefined

export interface DesiredOptions {
  scopeOf: ScopeOf
  /** The namespaces that the operator is limited to; empty or left out: all. */
  namespaces?: readonly string[]
  /** The watch's; default `force`. */
  fieldPolicy?: FieldPolicy
  sha256: (text: string) => string
}

/** The bodies for a primary's documents, in their order, or every reason why one of them cannot be sent. */
export function desiredObjects(
  primary: KubernetesObject,
  documents: readonly RenderedDocument[],
  options: DesiredOptions,
): { objects: DesiredObject[]; problems: Problem[] } {
  const objects: DesiredObject[] = []
  const problems: Problem[] = []
  const seen = new Map<string, RenderedDocument>()
  for (const document of documents) {
    const placed = place(document, primary, options)
    const misowned = foreignController(document, primary)
    if (misowned) problems.push(misowned)
    if ('problem' in placed) problems.push(placed.problem)
    const fieldPolicy = fieldPolicyOf(document, options.fieldPolicy ?? 'force')
    if (typeof fieldPolicy !== 'string') problems.push(fieldPolicy)
    if (misowned || 'problem' in placed || typeof fieldPolicy !== 'string') continue
    const { namespace } = placed
    const kind = gvkOf(document.object)
    const key = objectKey({ namespace, name: document.object.metadata.name })
    const identity = `${groupKind(kind)} ${key}`
    const first = seen.get(identity)
    if (first) problems.push(duplicate(document, first))
    seen.set(identity, document)
    objects.push(desiredObject(primary, document, { kind, key, namespace, fieldPolicy, sha256: options.sha256 }))
  }
  return { objects, problems }
}

/** The same object under another spec, with its hash made anew: for fields that are handed over. */
export function withBody(desired: DesiredObject, body: KubernetesObject, sha256: DesiredOptions['sha256']): DesiredObject {
  const applied = appliedHash(body, sha256)
  return { ...desired, applied, body: stamped(body, applied) }
}

function desiredObject(
  primary: KubernetesObject,
  document: RenderedDocument,
  {
    kind,
    key,
    namespace,
    fieldPolicy,
    sha256,
  }: {
    kind: GroupVersionKind
    key: string
    namespace: string | undefined
    fieldPolicy: FieldPolicy
    sha256: DesiredOptions['sha256']
  },
): DesiredObject {
  const { apiVersion, kind: kindName, metadata, ...content } = document.object
  const marked: KubernetesObject = {
    apiVersion,
    kind: kindName,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      // A custom resource that was read from a file has no UID yet: what needs one is left out.
      ...(primary.metadata.uid === undefined
        ? {}
        : {
            labels: { ...metadata.labels, [primaryUidLabel]: primary.metadata.uid },
            ...ties(metadata, primary, namespace),
          }),
    },
    ...(isSecret(document.object) ? foldStringData(content) : content),
  }
  if (primary.metadata.uid === undefined) return { kind, key, body: marked, applied: '', document, fieldPolicy }
  const applied = appliedHash(marked, sha256)
  return { kind, key, body: stamped(marked, applied), applied, document, fieldPolicy }
}

function stamped(body: KubernetesObject, applied: string): KubernetesObject {
  return { ...body, metadata: { ...body.metadata, annotations: { ...body.metadata.annotations, [appliedAnnotation]: applied } } }
}

/**
 * `v1:` and the hash of the canonical body. The annotation itself and the binding to an incarnation are left out, and so are the values of
 * a Secret, which are compared with the live ones instead: a hash that everybody can read must not help to guess them.
 */
function appliedHash(body: KubernetesObject, sha256: DesiredOptions['sha256']): string {
  const { uid: _uid, resourceVersion: _version, annotations, ...metadata } = body.metadata
  const { [appliedAnnotation]: _applied, ...others } = annotations ?? {}
  const hashed: Record<string, unknown> = {
    ...body,
    metadata: Object.keys(others).length > 0 ? { ...metadata, annotations: others } : metadata,
  }
  if (isSecret(body) && isMap(hashed['data'])) hashed['data'] = Object.keys(hashed['data']).sort()
  return `v1:${sha256(canonicalJson(hashed))}`
}

/** Owners that the template names beside its primary, which is added in any case. */
const otherOwners = ({ ownerReferences }: KubernetesObject['metadata'], primary: KubernetesObject): OwnerReference[] =>
  (ownerReferences ?? []).filter(({ uid }) => uid !== primary.metadata.uid)

/** The owners of the template, and the primary where it can be one. */
function ties(metadata: KubernetesObject['metadata'], primary: KubernetesObject, namespace: string | undefined) {
  const others = otherOwners(metadata, primary)
  if (canOwn(primary, namespace)) return { ownerReferences: [...others, ownerReference(primary, primary.metadata.uid as string)] }
  return { ...(others.length > 0 && { ownerReferences: others }), annotations: namingPrimary(metadata.annotations, primary) }
}

/** An object has one controller, and that is its primary. */
function foreignController({ object, positionOf }: RenderedDocument, primary: KubernetesObject): Problem | undefined {
  const owners: unknown = object.metadata.ownerReferences ?? []
  const refuse = (message: string, remedy: string): Problem => ({
    code: 'DOCUMENT_INVALID',
    message: `${displayName(object)}: ${message}`,
    at: positionOf(['metadata', 'ownerReferences']),
    remedy,
  })
  if (!Array.isArray(owners) || !owners.every(isMap))
    return refuse('metadata.ownerReferences has to be a list of maps', 'leave it out: the primary is added by itself')
  const controller = owners.find((owner) => owner['controller'] === true && owner['uid'] !== primary.metadata.uid)
  return (
    controller &&
    refuse(`metadata.ownerReferences names another controller than ${displayName(primary)}`, 'set its controller to false, or leave it out')
  )
}

/** The controller owner reference: deletion of the primary removes the dependent, and nothing else may control it. */
function ownerReference(primary: KubernetesObject, uid: string) {
  return {
    apiVersion: primary.apiVersion,
    kind: primary.kind,
    name: primary.metadata.name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/**
 * `stringData` is write-only: drift of it cannot be seen and a key dropped from it stays, so it is sent as `data`. Values of `data` are
 * spelled as the server spells them, so that they can be compared. (core/v1 Secret: stringData overrides data.)
 */
function foldStringData(content: Record<string, unknown>): Record<string, unknown> {
  const { stringData, data, ...others } = content
  if (!isMap(stringData) && !isMap(data)) return content
  const spelled = mapValues(isMap(data) ? data : {}, (value) => (typeof value === 'string' ? canonicalBase64(value) : value))
  const encoded = mapValues(isMap(stringData) ? stringData : {}, (value) => (typeof value === 'string' ? encodeBase64(value) : value))
  return { ...others, data: { ...spelled, ...encoded } }
}

const mapValues = (record: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

/** Without line breaks and with padding; text that is no base64 is left for the server to refuse. */
function canonicalBase64(text: string): string {
  try {
    return btoa(atob(text))
  } catch {
    return text
  }
}

/**
 * The same text for the same body. It holds a Secret's values, which the hash leaves out: it is for the memory of one process, and never to
 * be shown.
 */
export const wishOf = ({ applied, body }: DesiredObject): string =>
  isSecret(body) ? `${applied} ${canonicalJson(body['data'] ?? {})}` : applied

export const isSecret = (object: { apiVersion: string; kind: string }): boolean => object.kind === 'Secret' && object.apiVersion === 'v1'

/** Where the object goes: where its template says, else to its primary. */
function place(
  document: RenderedDocument,
  primary: KubernetesObject,
  { scopeOf, namespaces = [] }: DesiredOptions,
): { namespace: string | undefined } | { problem: Problem } {
  const { object, position } = document
  const own = primary.metadata.namespace
  const asked = object.metadata.namespace
  const scope = scopeOf(gvkOf(object)) ?? (asked === undefined && own === undefined ? 'Cluster' : 'Namespaced')
  if (scope === 'Cluster') return { namespace: undefined }
  const refuse = (message: string, remedy: string): { problem: Problem } => ({
    problem: { code: 'DOCUMENT_OUT_OF_SCOPE', message, remedy, at: position },
  })
  const namespace = asked ?? own
  if (namespace === undefined)
    return refuse(`${displayName(object)} needs a namespace, and ${displayName(primary)} is in none`, 'set metadata.namespace')
  // What the caches do not hold could be made, but never healed or pruned.
  if (namespace !== own && namespaces.length > 0 && !namespaces.includes(namespace))
    return refuse(
      `${displayName(object)} asks for namespace ${namespace}, and this operator watches only ${namespaces.join(', ')}`,
      `run it with --namespace ${namespace} too, or without --namespace`,
    )
  return { namespace }
}

function duplicate(document: RenderedDocument, first: RenderedDocument): Problem {
  return {
    code: 'DOCUMENT_DUPLICATE',
    message: `${displayName(document.object)} is rendered twice`,
    at: document.position,
    remedy: `the first one is at ${first.position.file}${first.position.line === undefined ? '' : `:${first.position.line}`}`,
  }
}

/** `apps/v1 Deployment`: the kind as a manifest spells it. */
export const kindName = (kind: GroupVersionKind): string => `${apiVersionOf(kind)} ${kind.kind}`
