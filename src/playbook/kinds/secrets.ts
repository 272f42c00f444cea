/**
 * Secret values in the inputs of requests: as references, which are read when they are sent.
 *
 * A handle becomes `{ secretRef: { namespace, name, key } }`, a text with one `{ secretText: [ … ] }`.
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { TemplateError } from '../../template/error.ts'
import { isSecretHandle, type SecretHandle, secretOf } from '../../template/secret.ts'

/** The value with references in the place of handles. Throws TemplateError for one that stands nowhere in the cluster. */
export function withReferences(value: unknown): JsonValue {
  if (isSecretHandle(value)) return referenceTo(value)
  if (Array.isArray(value)) return value.map(withReferences)
  if (!isMap(value)) return value as JsonValue
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withReferences(item)]))
}

/** The value with a text in the place of each handle: what a schema is to see. */
export function withoutHandles(value: unknown): unknown {
  if (isSecretHandle(value)) return '***'
  if (Array.isArray(value)) return value.map(withoutHandles)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutHandles(item)]))
}

/** The key of a Secret that a handle stands for as a whole. */
export const keyOfSecret = (handle: SecretHandle): JsonObject => {
  const { ref, source } = secretOf(handle)
  if (ref) return { secretRef: { ...ref } }
  throw new TemplateError('SECRET_EXPOSED', `${source} is not the whole value of a key of a Secret here`, {
    remedy: 'insert the value alone, as it stands in the Secret',
  })
}

function referenceTo(handle: SecretHandle): JsonObject {
  const { ref, parts, spelled, source } = secretOf(handle)
  if (ref) return spelled === 'text' ? { secretRef: { ...ref } } : { secretText: [{ secretRef: { ...ref } }], base64: true }
  if (parts && spelled === 'text') return { secretText: parts.flatMap(partsOf) }
  throw new TemplateError('SECRET_EXPOSED', `${source} cannot be sent as it was made here`, {
    remedy: 'a text may hold values of Secrets, and base64Encode() stands around one of them',
  })
}

function partsOf(part: string | SecretHandle): JsonValue[] {
  if (typeof part === 'string') return [part]
  const reference = referenceTo(part)
  const { secretText, base64 } = reference
  if (secretText === undefined) return [reference]
  if (base64 === true)
    throw new TemplateError('SECRET_EXPOSED', 'the base64 form of a secret cannot stand within a text', {
      remedy: 'base64Decode() gives its text',
    })
  return secretText as JsonValue[]
}

/** Throws where a value of a Secret stands in what everybody can read. */
export function refuseSecrets(value: unknown): void {
  if (isSecretHandle(value))
    throw new TemplateError('SECRET_EXPOSED', `the value of ${secretOf(value).source} would be for everybody to read here`, {
      remedy: 'refer to the Secret by its name and key; reveal() makes a text of the value',
    })
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) refuseSecrets(item)
}

/** A problem for data that would be taken for a reference. */
export function refuseReferences(value: unknown, what: string): void {
  if (isSecretHandle(value) || typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (key === 'secretRef' || key === 'secretText')
      throw new TemplateError('STEP_INVALID', `${what} has the key ${key}, which stands for values of Secrets`, {
        remedy: 'write it as a text: toJson() makes one',
      })
    refuseReferences(item, what)
  }
}
