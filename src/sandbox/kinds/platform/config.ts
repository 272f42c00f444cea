/**
 * ConfigMaps and Secrets: keys, size, required contents by type, immutability.
 *
 * (pkg/apis/core/validation; pkg/registry/core/configmap and secret)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, forbidden, invalidValue, required, tooLong } from '../../status/field-error.ts'
import { fieldIsImmutable } from '../../registry/object-meta.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { byteLength, isConfigMapKey } from '../names.ts'
import { strategyOf } from './strategy.ts'
import { type Draft, draftAt, entriesOf, fieldsOf, isDraft, sameValue, textOf } from './values.ts'

const sizeLimitBytes = 1024 * 1024
const frozen = 'field is immutable when `immutable` is set'

/** Bytes that base64 text stands for. */
function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return Math.floor((base64.length * 3) / 4) - padding
}

function checkConfigMap(object: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  const binary = fieldsOf(object['binaryData'])
  let size = 0
  for (const [key, value] of entriesOf(object['data'])) {
    for (const message of isConfigMapKey(key)) errors.push(invalidValue(`data[${key}]`, key, message))
    if (Object.hasOwn(binary, key)) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += byteLength(textOf(value))
  }
  for (const [key, value] of Object.entries(binary)) {
    for (const message of isConfigMapKey(key)) errors.push(invalidValue(`binaryData[${key}]`, key, message))
    size += decodedLength(textOf(value))
  }
  if (size > sizeLimitBytes) errors.push(tooLong('[]', sizeLimitBytes))
  return errors
}

function checkFrozen(object: KubernetesObject, old: KubernetesObject, parts: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  const errors: FieldError[] = []
  if (object['immutable'] !== true) errors.push(forbidden('immutable', frozen))
  for (const part of parts) if (!sameValue(object[part], old[part])) errors.push(forbidden(part, frozen))
  return errors
}

/** What a type of Secret demands of its data. */
const secretTypes: Readonly<Record<string, (data: Readonly<Record<string, unknown>>, object: KubernetesObject) => FieldError[]>> = {
  'kubernetes.io/service-account-token': (_data, { metadata }) =>
    metadata.annotations?.['kubernetes.io/service-account.name']
      ? []
      : [required('metadata.annotations[kubernetes.io/service-account.name]')],
  'kubernetes.io/dockercfg': (data) => checkJson(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (data) => checkJson(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (data) =>
    Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password') ? [] : [required('data[username]'), required('data[password]')],
  'kubernetes.io/ssh-auth': (data) => (textOf(data['ssh-privatekey']) ? [] : [required('data[ssh-privatekey]')]),
  'kubernetes.io/tls': (data) => ['tls.crt', 'tls.key'].filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`)),
}

function checkJson(data: Readonly<Record<string, unknown>>, key: string): FieldError[] {
  if (!Object.hasOwn(data, key)) return [required(`data[${key}]`)]
  const problem = goJsonProblem(Buffer.from(textOf(data[key]), 'base64').toString())
  return problem === undefined ? [] : [invalidValue(`data[${key}]`, '<secret contents redacted>', problem)]
}

/** What Go says of a text that is no JSON map. (encoding/json) */
export function goJsonProblem(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const name = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${name} into Go value of type map[string]interface {}`
  } catch (error) {
    if (text.trim() === '' || /Unexpected end/.test(String(error))) return 'unexpected end of JSON input'
    const position = /position (\d+)/.exec(String(error))?.[1]
    const index = position === undefined ? text.search(/\S/) : Number(position)
    if (index >= text.length) return 'unexpected end of JSON input'
    const context = index === text.search(/\S/) ? 'looking for beginning of value' : 'after top-level value'
    return `invalid character '${text.charAt(index)}' ${context}`
  }
}

function checkSecret(object: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  const data = fieldsOf(object['data'])
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const message of isConfigMapKey(key)) errors.push(invalidValue(`data[${key}]`, key, message))
    size += decodedLength(textOf(value))
  }
  if (size > sizeLimitBytes) errors.push(tooLong('data', sizeLimitBytes))
  const type = textOf(object['type'])
  if (Object.hasOwn(secretTypes, type)) errors.push(...(secretTypes[type]?.(data, object) ?? []))
  return errors
}

/** stringData is written into data and forgotten. (pkg/apis/core/v1/conversion.go) */
function mergeStringData(object: KubernetesObject): void {
  const plain = entriesOf(object['stringData'])
  const draft: Draft = object
  delete draft['stringData']
  if (plain.length === 0) return
  const data = draftAt(draft, 'data')
  for (const [key, value] of plain) {
    const encoded = Buffer.from(textOf(value)).toString('base64')
    Object.defineProperty(data, key, { value: encoded, enumerable: true, writable: true, configurable: true })
  }
}

const sizeOf = (value: unknown): number => (isDraft(value) ? Object.keys(value).length : 0)

export const configKinds: Readonly<Record<string, KindBehaviour>> = {
  '/configmaps': {
    strategy: strategyOf({
      validate: checkConfigMap,
      validateChange: (object, old) => checkFrozen(object, old, ['data', 'binaryData']),
    }),
    columns: columnsOf(nameRule, [column('Data'), ({ data, binaryData }) => sizeOf(data) + sizeOf(binaryData)], ageRule),
  },
  '/secrets': {
    complete: mergeStringData,
    strategy: strategyOf({
      prepare(object, old) {
        // A client that leaves the type out of an update means the old one.
        if (old && textOf(object['type']) === '') object['type'] = old['type']
      },
      validate: checkSecret,
      validateChange: (object, old) => [
        ...(object['type'] === old['type'] ? [] : [invalidValue('type', textOf(object['type']), fieldIsImmutable)]),
        ...checkFrozen(object, old, ['data']),
      ],
    }),
    columns: columnsOf(nameRule, [column('Type'), ({ type }) => textOf(type)], [column('Data'), ({ data }) => sizeOf(data)], ageRule),
    selectableFields: new Map([['type', ({ type }: KubernetesObject) => textOf(type)]]),
  },
}
