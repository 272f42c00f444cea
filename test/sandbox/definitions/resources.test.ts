import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../../src/api/object.ts'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'
import { customResources, servedResources } from '../../../src/sandbox/definitions/resources.ts'
import { answer, definitionFor, resourceFor } from './answers.ts'

const spec = (properties: Record<string, SchemaProps>, more: SchemaProps = {}): SchemaProps => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
})
const thing = (content: JsonObject): JsonObject => ({
  apiVersion: 'a.test/v1',
  kind: 'Thing',
  metadata: { name: 'x', namespace: 'x', resourceVersion: '1' },
  spec: content,
})
const messages = (answered: unknown): string[] | undefined =>
  (answered as { details?: { causes?: { message: string }[] } }).details?.causes?.map(({ message }) => message)

describe('the resources of a definition', () => {
  it('are none before it is established', () => {
    expect(servedResources(definitionFor('a.test', 'Thing', spec({})))).toEqual([])
  })

  it('are one for each served version, over the same objects', () => {
    const definition = definitionFor('a.test', 'Thing', spec({ a: { type: 'string' } }))
    const versions = (definition['spec'] as { versions: object[] }).versions
    versions.push({ name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: spec({ b: { type: 'string', default: 'x' } }) } })
    versions.push({ name: 'v0', served: false, storage: false })
    const [first, second] = customResources(definition)
    expect([first?.version, second?.version, second?.storage, second?.storedApiVersion]).toEqual(['v1', 'v2', 'a.test/things', 'a.test/v1'])
    const stored = { ...thing({ a: '1' }) } as unknown as KubernetesObject
    expect(second?.codec.fromStorage(stored)).toMatchObject({ apiVersion: 'a.test/v2', spec: { b: 'x' } })
    expect(second?.codec.fromStorage(stored)).toBe(second?.codec.fromStorage(stored))
  })

  it('refuse to convert by a webhook', () => {
    const definition = definitionFor('a.test', 'Thing', spec({}))
    Object.assign(definition['spec'] as object, { conversion: { strategy: 'Webhook' } })
    ;(definition['spec'] as { versions: object[] }).versions.push({ name: 'v2', served: true, storage: false })
    const second = customResources(definition)[1]
    expect(() => second?.codec.fromStorage(thing({}) as unknown as KubernetesObject)).toThrow(
      'the sandbox does not emulate conversion webhooks',
    )
  })

  it('warn of a deprecated version, and name a better one', () => {
    const definition = definitionFor('a.test', 'Thing', spec({}), { deprecated: true })
    expect(resourceFor(definition).warnings).toEqual(['a.test/v1 Thing is deprecated'])
    ;(definition['spec'] as { versions: object[] }).versions.push({ name: 'v2', served: true, storage: false })
    expect(resourceFor(definition).warnings).toEqual(['a.test/v1 Thing is deprecated; use a.test/v2 Thing'])
  })
})

describe('an update', () => {
  const resource = resourceFor(definitionFor('a.test', 'Thing', spec({ a: { type: 'integer', maximum: 3 }, b: { type: 'string' } })))
  const old = thing({ a: 5, b: 'x' }) as unknown as KubernetesObject

  it('is not held responsible for what it leaves as it was', () => {
    expect(messages(answer(resource, thing({ a: 5, b: 'y' }), old))).toBeUndefined()
  })

  it('is held responsible for what it changes', () => {
    expect(messages(answer(resource, thing({ a: 6, b: 'x' }), old))).toEqual([
      'Invalid value: 6: spec.a in body should be less than or equal to 3',
    ])
  })
})

describe('rules', () => {
  const resource = resourceFor(
    definitionFor(
      'a.test',
      'Thing',
      spec({ a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] }, b: { type: 'string' } }, { required: ['b'] }),
    ),
  )

  it('are told as the server tells them', () => {
    expect(messages(answer(resource, thing({ a: 1, b: 'x' })))).toEqual(['Invalid value: 1: failed rule: self > 1'])
  })

  it('are not asked about an object that lacks what is required', () => {
    expect(messages(answer(resource, thing({ a: 1 })))).toEqual([
      'Required value',
      'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ])
  })
})

describe('columns', () => {
  it('are the name and the age if the definition names none', () => {
    const { columns } = resourceFor(definitionFor('a.test', 'Thing', spec({})))
    const object = { ...thing({}), metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' } } as unknown as KubernetesObject
    expect(columns.definitions.map(({ name, type }) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Age', 'date'],
    ])
    expect(columns.cells(object, Date.parse('2026-01-01T00:05:30Z'))).toEqual(['x', '5m30s'])
  })

  it('have the types that the definition gives them', () => {
    const column = (name: string, type: string, jsonPath: string): object => ({ name, type, jsonPath })
    const { columns } = resourceFor(
      definitionFor('a.test', 'Thing', spec({}), {
        additionalPrinterColumns: [
          column('I', 'integer', '.spec.n'),
          column('S', 'string', '.spec.n'),
          column('B', 'boolean', '.spec.n'),
          column('L', 'string', '.spec.l'),
          column('D', 'date', '.spec.d'),
        ],
      }),
    )
    const object = thing({ n: 2.5, l: [1, 'a'], d: 'never' }) as unknown as KubernetesObject
    expect(columns.cells(object, 0)).toEqual(['x', 2, '2.5', null, '[1,"a"]', '<invalid>'])
  })
})
