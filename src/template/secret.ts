/**
 * Secret values as templates hold them: handles, which can be passed on and inserted, and not read.
 *
 * A handle has bytes, the spelling in which it was found, and the name of its source for messages. Whatever would make a text of it stops the
 * render: a template expression, JSON, YAML, a digest. Where it was inserted decides later whether it may stand there (see secret-places.ts).
 */
import { decodeBase64, encodeBase64 } from '../api/base64.ts'
import type { KubernetesObject } from '../api/object.ts'
import { TemplateError } from './error.ts'

/** Nothing can be read from it but by the functions of this file. */
export interface SecretHandle {
  readonly [brand]: true
}
declare const brand: unique symbol

export interface SecretContent {
  /** The value's bytes, as base64. */
  bytes: string
  /** How it stands where its spelling matters: as `data` of a Secret has it, or as text. */
  spelled: 'base64' | 'text'
  /** `Secret eu/db, key password`: never what it holds. */
  source: string
  /** The key of which it is the whole value, if it is one; the spelling is its own. */
  ref?: SecretKey
  /** Of a text that was made with secrets: what it was made of. */
  parts?: readonly (string | SecretHandle)[]
}

/** A value of a Secret by where it stands. */
export interface SecretKey {
  readonly namespace: string
  readonly name: string
  readonly key: string
}

const contents = new WeakMap<object, SecretContent>()

export const isSecretHandle = (value: unknown): value is SecretHandle => typeof value === 'object' && value !== null && contents.has(value)

export const secretOf = (handle: SecretHandle): SecretContent => contents.get(handle) as SecretContent

export function secretHandle(content: SecretContent): SecretHandle {
  const refuse = (): never => {
    throw new TemplateError('SECRET_EXPOSED', `the value of ${content.source} is a secret and cannot be read here`, {
      remedy: 'insert it in the data or stringData of a Secret; reveal() makes a text of it',
    })
  }
  const handle = new Proxy(Object.create(null) as SecretHandle, {
    get: (_target, key) => (typeof key === 'symbol' && key !== Symbol.toPrimitive ? undefined : refuse()),
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  })
  contents.set(handle, content)
  return handle
}

export const textSecret = (text: string, source: string, parts: readonly (string | SecretHandle)[]): SecretHandle =>
  secretHandle({ bytes: encodeBase64(text), spelled: 'text', source, parts })

/** The value as its spelling has it; undefined where that would be text and the bytes are none. */
export function textOfSecret(handle: SecretHandle): string | undefined {
  const { bytes, spelled } = secretOf(handle)
  return spelled === 'base64' ? bytes : decodeBase64(bytes)
}

/** `base64Encode` of a handle: the same value once more in base64. */
export function encodedSecret(handle: SecretHandle): SecretHandle {
  const content = secretOf(handle)
  if (content.spelled === 'text') return secretHandle({ ...content, spelled: 'base64' })
  const { source } = content
  return secretHandle({ source, bytes: encodeBase64(content.bytes), spelled: 'base64' })
}

/** `base64Decode` of a handle; undefined if it holds no base64. */
export function decodedSecret(handle: SecretHandle): SecretHandle | undefined {
  const content = secretOf(handle)
  if (content.spelled === 'base64') return secretHandle({ ...content, spelled: 'text' })
  const text = decodeBase64(content.bytes)
  try {
    return text === undefined ? undefined : secretHandle({ source: content.source, spelled: 'text', bytes: btoa(atob(text)) })
  } catch {
    return undefined
  }
}

/** A Secret with handles in the place of its values; any other object as it is. `readSecret` is told of it. */
export function withSecretHandles(object: KubernetesObject, readSecret: () => void): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object
  readSecret()
  const { namespace, name } = object.metadata
  const handles: Record<string, SecretHandle> = {}
  for (const [key, value] of Object.entries((object['data'] ?? {}) as Record<string, unknown>))
    handles[key] = secretHandle({
      bytes: String(value),
      spelled: 'base64',
      source: `Secret ${namespace}/${name}, key ${key}`,
      ...(namespace !== undefined && { ref: { namespace, name, key } }),
    })
  // What clients remember of a former apply repeats the values.
  const { 'kubectl.kubernetes.io/last-applied-configuration': _last, ...annotations } = object.metadata.annotations ?? {}
  return { ...object, metadata: { ...object.metadata, annotations }, data: handles }
}

/** The text that base64 holds; an empty one where it holds none. */
export const decodedText = (bytes: string): string => decodeBase64(bytes) ?? ''
