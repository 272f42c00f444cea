/** Requests that a hostile client could send: mostly almost right, so that they get far. */
import { type JsonObject, apiVersionOf } from '../../../src/api/object.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'
import recorded from '../protobuf/kubectl.json' with { type: 'json' }
import { samples } from '../protobuf/samples.ts'
import type { Chance } from './chance.ts'
import { anything, damaged, mutated, valueOf } from './values.ts'

export interface FuzzRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
}

interface Target {
  readonly collection: string
  readonly kind: string
  readonly apiVersion: string
  readonly subresources: readonly string[]
  /** JSON texts of objects that are right, but for their names. */
  readonly valid: readonly string[]
}

const types = createTypes(typesTable)
const namespace = 'fuzz'

const widget =
  '{"apiVersion":"fuzz.example.com/v1","kind":"Widget","metadata":{"name":"web"},"spec":{"size":1,"list":[{"name":"a"}],"any":{"a":1},"pattern":"a"}}'

/** With rules, defaults, patterns, a scale and free fields. */
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.fuzz.example.com' },
  spec: {
    group: 'fuzz.example.com',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                size: { type: 'integer', default: 1, maximum: 100 },
                pattern: { type: 'string', pattern: '^a+$', maxLength: 50 },
                when: { type: 'string', format: 'date-time' },
                any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                port: { 'x-kubernetes-int-or-string': true },
                list: {
                  type: 'array',
                  maxItems: 20,
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name'],
                  items: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 20 } } },
                },
              },
              'x-kubernetes-validations': [
                { rule: '!has(self.size) || self.size >= 0', messageExpression: '"size is " + string(self.size)' },
                { rule: '!has(self.list) || self.list.all(item, item.name != "bad")' },
              ],
            },
            status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    })),
  },
}

const targets: readonly Target[] = makeTargets()

function makeTargets(): Target[] {
  const all: Target[] = []
  for (const { name: group, versions } of resourcesTable.groups)
    for (const { version, resources } of versions)
      for (const { resource, kind, namespaced, subresources = {} } of resources) {
        const root = group ? `/apis/${group}/${version}` : `/api/${version}`
        const collection = `${root}/${namespaced ? `namespaces/${namespace}/` : ''}${resource}`
        const apiVersion = apiVersionOf({ group, version })
        const valid = samples
          .filter((sample) => sample[0].replace('NS', namespace) === collection)
          .map(([, , fields]) =>
            JSON.stringify({ apiVersion, kind, metadata: { name: 'web' }, ...fields }).replaceAll('"NS"', `"${namespace}"`),
          )
        if (kind === 'CustomResourceDefinition') valid.push(JSON.stringify(widgetDefinition))
        all.push({ collection, kind, apiVersion, subresources: Object.keys(subresources), valid })
      }
  for (const version of ['v1', 'v2'])
    all.push({
      collection: `/apis/fuzz.example.com/${version}/namespaces/${namespace}/widgets`,
      kind: 'Widget',
      apiVersion: `fuzz.example.com/${version}`,
      subresources: ['status', 'scale'],
      valid: [widget.replace('/v1', `/${version}`)],
    })
  return all
}

const names = ['a', 'b', 'web', 'node-1', 'nowhere']
const oddNames = [
  '__proto__',
  'constructor',
  '.',
  '..',
  '%2e%2e',
  '%2F',
  '%',
  '%zz',
  '%00',
  'A_B',
  'a%20b',
  'é',
  '%C3%A9',
  '%ff',
  'a'.repeat(300),
  'x'.repeat(9000),
  'a;b',
  "a'b",
  'a:b',
  '*',
  '-',
  ':',
  '@',
  '//',
  '~',
]
const methods = ['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE']
const oddMethods = ['HEAD', 'OPTIONS', 'PROPFIND', ...methods]
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const documents = [
  '/',
  '/api',
  '/apis',
  '/version',
  '/healthz',
  '/livez/ping',
  '/readyz?verbose',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/metrics',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/.well-known/openid-configuration',
  '/logs',
  '/debug/pprof',
  '/apis/nowhere.example.com/v1/things',
  '/api/v2/pods',
  '/apis/fuzz.example.com',
  '*',
]
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;',
  ';',
  'multipart/form-data',
  'APPLICATION/JSON',
  ...patchTypes,
]
const accepts = [
  '*/*',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=__proto__;v=v1;g=meta.k8s.io',
  'application/yaml;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
  ',',
  ';;;',
  'text/html',
  'application/json;=;==',
  'a/b;c',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
]
const queries: Readonly<Record<string, readonly string[]>> = {
  labelSelector: [
    'a=b',
    'a in (b,c)',
    'a,!b',
    'a=',
    '=',
    'a in',
    'a in (',
    '!',
    ',',
    'a==b==c',
    'a>1',
    'a>x',
    '__proto__=x',
    'x'.repeat(300),
    'a notin (b)',
    'a/b/c=d',
    '(',
    'é=é',
  ],
  fieldSelector: [
    'metadata.name=a',
    'metadata.name!=a',
    'status.phase=Running',
    'spec.nodeName=',
    'a=b',
    '=',
    'metadata.name',
    'metadata.name=a,metadata.namespace=fuzz',
    '__proto__=a',
    '\\',
    'metadata.name=a\\',
    ',',
    'type=Opaque',
  ],
  limit: ['0', '1', '2', '-1', '99999999999999999999', 'x', '1.5', ''],
  continue: [
    'a',
    '',
    'e30',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiXHUwMDAwIn0',
    'bnVsbA',
    'W10',
    '%%%',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6InEiLCJzdGFydCI6e319',
  ],
  resourceVersion: ['0', '1', '-1', 'x', '99999999999999999999999', '', ' 1'],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x', ''],
  sendInitialEvents: ['true', 'false', 'x'],
  allowWatchBookmarks: ['true', 'x'],
  timeoutSeconds: ['1', '0', '-1', '99999999999', 'x'],
  dryRun: ['All', 'all', '', 'x'],
  fieldManager: ['a', '', 'x'.repeat(200), '\u0000', 'é', '__proto__'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'x', ''],
  force: ['true', 'false', 'x', ''],
  pretty: ['true', 'false', 'x'],
  gracePeriodSeconds: ['0', '1', '-1', 'x', '99999999999999999999'],
  propagationPolicy: ['Orphan', 'Foreground', 'Background', 'x', ''],
  orphanDependents: ['true', 'x'],
  includeObject: ['None', 'Object', 'Metadata', 'x', ''],
  __proto__x: ['1'],
  'a;b': ['1'],
  '%': ['%', '%zz', '%ff'],
}

/** `token`: of a user that may do everything. `stored`: paths of objects that are there. */
export function randomRequest(chance: Chance, token: string, stored: readonly string[]): FuzzRequest {
  const isOdd = chance.one(0.08)
  const method = chance.pick(isOdd ? oddMethods : methods)
  const known = method !== 'POST' && stored.length > 0 && chance.one(0.65) ? chance.pick(stored) : undefined
  const target = targetOf(known) ?? chance.pick(targets)
  const path = withQuery(pathOf(target, isOdd ? '' : method, known, chance), method, chance)
  const headers: Record<string, string> = { ...credentials(chance, token) }
  if (chance.one(0.12)) headers['accept'] = chance.pick(accepts)
  if (chance.one(0.05)) headers['user-agent'] = chance.pick(['kubectl/v1', 'curl/8', '/', 'x'.repeat(300), 'Mozilla/5.0'])
  if (method === 'GET' || method === 'HEAD') return { method, path, headers, body: undefined }
  const { type, body } = bodyOf(target, method, path, chance)
  if (type !== undefined) headers['content-type'] = type
  return { method, path, headers, body }
}

function credentials(chance: Chance, token: string): Record<string, string> {
  if (chance.one(0.03)) {
    const authorization = chance.pick([
      'Bearer',
      'Bearer ',
      'Bearer x',
      'Basic YTpi',
      'bearer  x y',
      '__proto__',
      `Bearer ${'x'.repeat(5000)}`,
      'Bearer a.b.c',
      'Bearer eyJhbGciOiJub25lIn0.e30.',
    ])
    return chance.one(0.2) ? {} : { authorization }
  }
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (!chance.one(0.05)) return headers
  headers[
    chance.pick([
      'impersonate-user',
      'impersonate-group',
      'impersonate-uid',
      'impersonate-extra-a%2fb',
      'impersonate-extra-%zz',
      'impersonate-extra-',
    ])
  ] = chance.pick(['a', '', 'system:masters', 'system:serviceaccount:a:b', 'system:serviceaccount:', '__proto__', 'system:anonymous'])
  if (chance.one(0.5)) headers['impersonate-user'] = 'a'
  return headers
}

const targetOf = (path: string | undefined): Target | undefined =>
  path === undefined ? undefined : targets.find(({ collection }) => collection === path.slice(0, path.lastIndexOf('/')))

function pathOf({ collection, subresources }: Target, method: string, known: string | undefined, chance: Chance): string {
  if (chance.one(0.03)) return chance.pick(documents)
  let path = known ?? collection
  if (known === undefined && (method === 'POST' ? chance.one(0.05) : chance.one(method === 'GET' ? 0.5 : 0.95)))
    path += `/${chance.one(0.05) ? chance.pick(oddNames) : chance.pick(names)}`
  if (path !== collection && chance.one(0.15))
    path += `/${subresources.length > 0 && chance.one(0.8) ? chance.pick(subresources) : chance.pick([...oddNames, 'status', 'scale'])}`
  if (chance.one(0.03))
    path = path.replace(
      '/namespaces/fuzz',
      chance.pick(['', '/namespaces/nowhere', `/namespaces/${chance.pick(oddNames)}`, '/watch/namespaces/fuzz']),
    )
  if (chance.one(0.02)) {
    const segments = path.split('/')
    segments[1 + chance.integer(segments.length)] = chance.pick(oddNames)
    path = segments.join('/')
  }
  if (chance.one(0.02)) path += chance.pick(['/', '//', '/a/b/c/d', '/log', '/exec', '/proxy/a'])
  return path
}

function withQuery(path: string, method: string, chance: Chance): string {
  const parts: string[] = []
  if (method === 'PATCH' && !chance.one(0.1)) parts.push('fieldManager=fuzz')
  while (chance.one(0.3)) {
    const name = chance.pick(Object.keys(queries))
    const value = chance.pick(queries[name] as readonly string[])
    parts.push(name === '%' ? value : `${encodeURIComponent(name)}=${chance.one(0.9) ? encodeURIComponent(value) : value}`)
  }
  // A watch that nobody ends would be one more stream for each of the requests after it.
  if (method === 'GET' && chance.one(0.05)) parts.push('watch=1', 'timeoutSeconds=1')
  return parts.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${parts.join('&')}`
}

function bodyOf(target: Target, method: string, path: string, chance: Chance): { type: string | undefined; body: FuzzRequest['body'] } {
  if (chance.one(0.02)) return { type: undefined, body: undefined }
  const patch = method === 'PATCH'
  let type = patch ? chance.pick(patchTypes) : 'application/json'
  if (chance.one(0.04)) type = chance.pick(contentTypes)
  if (!patch && chance.one(0.06)) return { type: 'application/vnd.kubernetes.protobuf', body: protobuf(chance) }
  if (method === 'DELETE') return { type, body: chance.one(0.5) ? undefined : deletion(chance) }
  let text: string
  if (type === 'application/json-patch+json') text = jsonPatch(target, chance)
  else {
    text = objectText(target, path, chance)
    if (patch && type !== 'application/apply-patch+yaml' && chance.one(0.5)) text = fragment(text, chance)
    if (chance.one(0.4)) text = mutated(text, chance)
  }
  if (chance.one(0.05)) text = damaged(text, chance)
  if (chance.one(0.01)) text = anything(chance)
  return { type: chance.one(0.05) && !patch ? 'application/yaml' : type, body: text }
}

/** An object of the target's kind with the name that the path has, as JSON text. */
function objectText(target: Target, path: string, chance: Chance): string {
  const { kind, apiVersion, valid, collection } = target
  const [, name = chance.pick(names)] = path.startsWith(`${collection}/`) ? (/^\/([^/?]*)/.exec(path.slice(collection.length)) ?? []) : []
  const text = valid.length > 0 && chance.one(0.6) ? chance.pick(valid) : made(apiVersion, kind, chance)
  return text.replace('"name":"web"', `"name":${JSON.stringify(name)}`)
}

function made(apiVersion: string, kind: string, chance: Chance): string {
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  const schema = types.typeOf({ group, version, kind })
  if (!schema) return anything(chance)
  const members = [`"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"web"${chance.one(0.3) ? metadata(chance) : ''}}`]
  for (const field of schema.fields.values())
    if (!['apiVersion', 'kind', 'metadata'].includes(field.name) && !chance.one(0.15))
      members.push(`"${field.name}":${valueOf(field.schema, chance)}`)
  return `{${members.join(',')}}`
}

function metadata(chance: Chance): string {
  const schema = types.type('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  const fields = [...schema.fields.values()].filter(({ name }) => name !== 'name' && chance.one(0.3))
  return fields.map((field) => `,"${field.name}":${valueOf(field.schema, chance, 2)}`).join('')
}

/** A part of an object, as a merge patch. */
function fragment(text: string, chance: Chance): string {
  const value = text.length < 10_000 ? parsed(text) : undefined
  if (value === undefined) return text
  const kept = Object.entries(value).filter(() => chance.one(0.5))
  const directives = [
    '{"$patch":"delete"}',
    '{"$patch":"replace","a":1}',
    '{"$retainKeys":["a"]}',
    '{"$setElementOrder/containers":[{"name":"a"}]}',
    '{"$deleteFromPrimitiveList/finalizers":["a"]}',
    '{"$patch":"x"}',
    '[{"$patch":"delete"}]',
    '[{"$patch":"replace"}]',
    '{"$setElementOrder/ports":5}',
    '{"ports":[{"$patch":"delete"}]}',
  ]
  const members = kept.map(
    ([name, member]) => `${JSON.stringify(name)}:${chance.one(0.2) ? chance.pick(directives) : JSON.stringify(member)}`,
  )
  return `{${members.join(',')}}`
}

function jsonPatch(target: Target, chance: Chance): string {
  const places = [
    '/metadata/labels',
    '/metadata/labels/a',
    '/metadata/annotations',
    '/spec',
    '/spec/replicas',
    '/data/a',
    '/spec/ports/0',
    '/spec/ports/-',
    '/spec/ports/99999999999',
    '/metadata/finalizers/-',
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/metadata/__proto__',
    '',
    '/',
    'a',
    '/~2',
    '/a~',
    '/metadata/name',
    '/kind',
    '/status',
    '/spec/template/spec/containers/0',
    '/metadata/managedFields',
    '/spec/ports/-1',
    '/spec/ports/01',
  ]
  const operation = (): string => {
    const parts = [
      `"op":${JSON.stringify(chance.pick(['add', 'add', 'replace', 'remove', 'test', 'copy', 'move', 'x', '']))}`,
      `"path":${JSON.stringify(chance.pick(places))}`,
    ]
    if (chance.one(0.8)) parts.push(`"value":${chance.one(0.3) && target.valid.length > 0 ? chance.pick(target.valid) : anything(chance)}`)
    if (chance.one(0.3)) parts.push(`"from":${JSON.stringify(chance.pick(places))}`)
    return chance.one(0.03) ? anything(chance) : `{${parts.join(',')}}`
  }
  return chance.one(0.04) ? anything(chance) : `[${Array.from({ length: 1 + chance.integer(3) }, operation).join(',')}]`
}

const deletion = (chance: Chance): string => {
  const schema = types.type('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')
  const options = valueOf(schema, chance, 1)
  return chance.one(0.3)
    ? options
    : options.replace(/"kind":"[^"]*"/, '"kind":"DeleteOptions"').replace(/"apiVersion":"[^"]*"/, '"apiVersion":"v1"')
}

function protobuf(chance: Chance): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Buffer.from(chance.pick(recorded).body, 'base64'))
  for (let change = chance.integer(4); change > 0; change--) bytes[chance.integer(bytes.length)] = chance.integer(256)
  return chance.one(0.2) ? bytes.slice(0, chance.integer(bytes.length)) : bytes
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
