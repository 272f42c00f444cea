/** Values of Secrets in inputs: read from the server when they are sent, and kept nowhere. */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { decodeBase64, encodeBase64 } from '../../api/base64.ts'
import { ApiError } from '../../kube/errors.ts'
import { findObject } from '../../kube/find.ts'
import type { SecretReference, SecretText } from '../../reconcile/requests.ts'
import { secretResource } from '../secret-kind.ts'
import type { Around } from './request.ts'

/** A Secret that a request needs is not there, or cannot be read. Its message has no value. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing'
}

export const isSecretReference = (value: unknown): value is SecretReference => isMap(value) && isMap(value['secretRef'] as JsonValue)
export const isSecretText = (value: unknown): value is SecretText => isMap(value) && Array.isArray(value['secretText'])

/** Whether a value of a Secret is anywhere in it. */
export const hasSecrets = (value: unknown): boolean =>
  isSecretReference(value) ||
  isSecretText(value) ||
  (Array.isArray(value) ? value.some(hasSecrets) : isMap(value) && Object.values(value).some(hasSecrets))

/** The inputs with the values in the place of their references. Rejects with SecretMissing. */
export async function withSecrets<Inputs>(inputs: Inputs, around: Around): Promise<Inputs> {
  const read = new Map<string, Promise<Data>>()
  const valueOf = async ({ secretRef: { namespace = around.primary.metadata.namespace, name, key } }: SecretReference): Promise<string> => {
    const id = `${namespace ?? ''}/${name}`
    if (!read.has(id)) read.set(id, dataOf({ namespace, name }, around))
    const text = (await (read.get(id) as Promise<Data>))[key]
    const value = text === undefined ? undefined : decodeBase64(text)
    if (value === undefined) throw new SecretMissing(`Secret ${id} has no ${text === undefined ? 'key' : 'text under'} "${key}"`)
    return value
  }
  const resolved = async (value: unknown): Promise<unknown> => {
    if (isSecretReference(value)) return await valueOf(value)
    if (isSecretText(value)) {
      const parts = await Promise.all(value.secretText.map(async (part) => (typeof part === 'string' ? part : await valueOf(part))))
      return value.base64 ? encodeBase64(parts.join('')) : parts.join('')
    }
    if (Array.isArray(value)) return await Promise.all(value.map(resolved))
    if (!isMap(value)) return value
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await resolved(each)] as const)))
  }
  return (await resolved(inputs)) as Inputs
}

type Data = Readonly<Record<string, string>>

/** As base64. Rejects with SecretMissing. */
export async function dataOf(
  reference: { namespace?: string | undefined; name: string },
  { context, signal }: Pick<Around, 'context' | 'signal'>,
): Promise<Data> {
  const title = `Secret ${reference.namespace ? `${reference.namespace}/` : ''}${reference.name}`
  try {
    const found = await findObject(context.client, secretResource(context), reference, signal)
    if (!found) throw new SecretMissing(`${title} is not there`)
    return (found['data'] ?? {}) as Data
  } catch (error) {
    if (error instanceof ApiError) throw new SecretMissing(`${title} cannot be read: ${error.reason || error.class}`)
    throw error
  }
}

export const asInputs = <Inputs>(inputs: JsonObject): Inputs => inputs as unknown as Inputs
