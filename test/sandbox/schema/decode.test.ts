import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { decode, strictDecodingError, unmarshal } from '../../../src/sandbox/schema/decode.ts'
import { readJson } from '../../../src/sandbox/schema/json-text.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'

const types = createTypes(typesTable)
const schemaOf = (group: string, kind: string) => {
  const schema = types.typeOf({ group, version: 'v1', kind })
  if (schema === undefined) throw new Error(`no ${kind}`)
  return schema
}
const deployment = schemaOf('apps', 'Deployment')
const configMap = schemaOf('', 'ConfigMap')
const secret = schemaOf('', 'Secret')
const role = schemaOf('rbac.authorization.k8s.io', 'Role')

function read(schema: typeof deployment, text: string): { object: JsonObject; problems: string[] } {
  const problems: string[] = []
  return { object: decode(schema, readJson(text) as JsonObject, problems, text), problems }
}
const spec = (text: string): string => `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":${text}}`
const container = (text: string): string => spec(`{"template":{"spec":{"containers":[${text}]}}}`)
const head = 'Deployment in version "v1" cannot be handled as a Deployment: '

describe('a value of the wrong type is refused in the words of the server', () => {
  const cases: [title: string, text: string, message: string][] = [
    [
      'a text for a number',
      spec('{"replicas":"x"}'),
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a fraction',
      spec('{"replicas":1.5}'),
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a whole number that is written as a fraction',
      spec('{"replicas":1.0}'),
      'json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a number that is too large',
      spec('{"replicas":2147483648}'),
      'json: cannot unmarshal number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    ['a list for an object', spec('[]'), 'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    [
      'an object for a list',
      spec('{"template":{"spec":{"containers":{}}}}'),
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      'a number in a map of texts',
      spec('{"selector":{"matchLabels":{"a":5}}}'),
      'json: cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels of type string',
    ],
    [
      'a type with a name',
      spec('{"strategy":{"type":5}}'),
      'json: cannot unmarshal number into Go struct field DeploymentStrategy.spec.strategy.type of type v1.DeploymentStrategyType',
    ],
    [
      'inside an inlined struct',
      container('{"livenessProbe":{"httpGet":{"port":1.5}}}'),
      'json: cannot unmarshal number 1.5 into Go struct field HTTPGetAction.spec.template.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32',
    ],
    [
      'no quantity',
      container('{"resources":{"limits":{"cpu":"x"}}}'),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ['a quantity with a wrong suffix', container('{"resources":{"limits":{"cpu":"1KiKi"}}}'), "unable to parse quantity's suffix"],
    [
      'the first of two',
      spec('{"replicas":"a","paused":"b"}'),
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a quantity that ends the decoding before the first is told',
      spec('{"replicas":"a","template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"zz"}}}]}}}'),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ]
  it.each(cases)('%s', (_title, text, message) => {
    expect(() => read(deployment, text)).toThrow(expect.objectContaining({ code: 400, reason: 'BadRequest', message: head + message }))
  })

  it.each([
    ['"x"', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['"2026-13-01T00:00:00Z"', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['"2025-02-29T00:00:00Z"', 'parsing time "2025-02-29T00:00:00Z": day out of range'],
    ['"2026-01-02T03:04:05Zx"', 'parsing time "2026-01-02T03:04:05Zx": extra text: "x"'],
    ['5', 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string'],
  ])('the time %s', (time, message) => {
    expect(() => read(configMap, `{"metadata":{"creationTimestamp":${time}}}`)).toThrow(
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: ${message}`,
    )
  })

  it.each([
    ['"YQ"', 'illegal base64 data at input byte 0'],
    ['"YWJj*"', 'illegal base64 data at input byte 4'],
    ['5', 'json: cannot unmarshal number into Go struct field Secret.data of type []uint8'],
  ])('the bytes %s', (bytes, message) => {
    expect(() => read(secret, `{"data":{"k":${bytes}}}`)).toThrow(message)
  })

  it('without the text, with the numbers that JavaScript has', () => {
    expect(() => unmarshal(deployment, { spec: { replicas: 1.5 } }, [])).toThrow(
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    )
  })

  it('that is nested deeper than anybody reads', () => {
    const deep = `${'{"items":'.repeat(20_000)}{}${'}'.repeat(20_000)}`
    const text = `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${deep}}}]}}`
    expect(() => read(schemaOf('apiextensions.k8s.io', 'CustomResourceDefinition'), text)).toThrow('exceeded max depth')
  })
})

describe('strict decoding', () => {
  it('names unknown fields and those that were written twice, in the order of the text, each once', () => {
    const text = spec(
      '{"x":1,"y":{"z":1},"replicas":1,"template":{"spec":{"containers":[{"q":1,"name":"a","name":"b"}]}},"replicas":2,"x":3}',
    )
    const { object, problems } = read(deployment, text)
    expect(problems).toEqual([
      'unknown field "spec.x"',
      'unknown field "spec.y"',
      'unknown field "spec.template.spec.containers[0].q"',
      'duplicate field "spec.template.spec.containers[0].name"',
      'duplicate field "spec.replicas"',
    ])
    expect(object).toMatchObject({ spec: { replicas: 2, template: { spec: { containers: [{ name: 'b' }] } } } })
    expect(strictDecodingError(deployment, object, problems.slice(0, 2)).message).toBe(
      `${head}strict decoding error: unknown field "spec.x", unknown field "spec.y"`,
    )
  })

  it('tells fields by their case', () => {
    expect(read(configMap, '{"Data":{},"metadata":{"Name":"x"}}').problems).toEqual([
      'unknown field "Data"',
      'unknown field "metadata.Name"',
    ])
  })

  it('looks at the keys of maps, but not into what is kept as it is', () => {
    expect(read(configMap, '{"data":{"a":"1","a":"2"}}').problems).toEqual(['duplicate field "data.a"'])
    expect(read(schemaOf('apps', 'ControllerRevision'), '{"revision":1,"data":{"a":1,"a":2}}').problems).toEqual([])
  })

  it('merges an object that was written twice', () => {
    const { object } = read(configMap, '{"metadata":{"name":"a","labels":{"x":"1"}},"metadata":{"namespace":"b"}}')
    expect(object).toEqual({ metadata: { name: 'a', namespace: 'b', labels: { x: '1' } } })
  })
})

describe('what comes out', () => {
  it('stands in the order of the Go type, with the fields that Go always writes', () => {
    const { object } = read(deployment, spec('{"template":{"spec":{"containers":[{"image":"i","name":"c"}]}},"replicas":1}'))
    expect(JSON.stringify(object)).toBe(
      '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"a"},"spec":{"replicas":1,"selector":null,"template":{"metadata":{},"spec":{"containers":[{"name":"c","image":"i","resources":{}}]}},"strategy":{}},"status":{}}',
    )
  })

  it('has no nulls, no empty lists and maps, and no zeros but those that a pointer keeps', () => {
    const text =
      '{"metadata":{"name":"a","labels":{},"finalizers":[],"annotations":null,"generation":0},"immutable":false,"data":{"a":null,"b":""}}'
    expect(read(configMap, text).object).toEqual({ metadata: { name: 'a' }, immutable: false, data: { a: '', b: '' } })
  })

  it('has a null where Go writes an empty list', () => {
    expect(read(role, '{"metadata":{"name":"a"}}').object).toEqual({ metadata: { name: 'a' }, rules: null })
    expect(read(role, '{"metadata":{"name":"a"},"rules":[]}').object).toEqual({ metadata: { name: 'a' }, rules: null })
  })

  it.each([
    ['"0.5Gi"', '512Mi'],
    ['1', '1'],
    ['1.5e3', '1500'],
    ['"1e3"', '1e3'],
    ['"1000m"', '1'],
    ['"1024Ki"', '1Mi'],
    ['"0.1m"', '1m'],
    ['"1.500"', '1.500'],
    ['" 1 "', '1'],
    ['null', '0'],
  ])('has the quantity %s as %s', (written, canonical) => {
    const { object } = read(schemaOf('', 'LimitRange'), `{"spec":{"limits":[{"type":"Pod","max":{"cpu":${written}}}]}}`)
    expect(object).toMatchObject({ spec: { limits: [{ max: { cpu: canonical } }] } })
  })

  it('has times in UTC and bytes without what no byte needs', () => {
    const lease = read(schemaOf('coordination.k8s.io', 'Lease'), '{"spec":{"renewTime":"2026-01-02T03:04:05.123456+01:30"}}').object
    expect(lease).toMatchObject({ spec: { renewTime: '2026-01-02T01:34:05.123456Z' } })
    expect(read(secret, '{"data":{"a":"Y\\nR==","b":[1,255]}}').object).toMatchObject({ data: { a: 'YQ==', b: 'Af8=' } })
  })

  it('is a copy of its own', () => {
    const body = { metadata: { name: 'a', labels: { x: 'y' } }, data: { a: 'b' } }
    const object = decode(configMap, body, []) as unknown as typeof body
    object.metadata.labels.x = 'z'
    object.data.a = 'c'
    expect(body).toEqual({ metadata: { name: 'a', labels: { x: 'y' } }, data: { a: 'b' } })
  })

  it('keeps a key that is called __proto__ a key', () => {
    const { object } = read(configMap, '{"data":{"__proto__":"x"}}')
    expect(Object.getOwnPropertyDescriptor(object.data, '__proto__')?.value).toBe('x')
    expect(read(configMap, '{"__proto__":{"data":{"a":"b"}}}')).toEqual({
      object: { metadata: {} },
      problems: ['unknown field "__proto__"'],
    })
  })
})

describe('integers at the end of 64 bits', () => {
  it('are taken, as the nearest that JavaScript has', () => {
    const { object } = read(configMap, '{"metadata":{"name":"a","generation":9223372036854775807}}')
    expect(object['metadata']).toMatchObject({ generation: 2 ** 63 - 1024 })
  })

  it('are refused beyond it', () => {
    expect(() => read(configMap, '{"metadata":{"generation":9223372036854775808}}')).toThrow('cannot unmarshal number 9223372036854775808')
  })
})
