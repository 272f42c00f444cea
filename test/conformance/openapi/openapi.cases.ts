import { cases } from '../case.ts'
import { definition, established } from '../objects.ts'

interface Document {
  openapi?: string
  swagger?: string
  info?: object
  paths: Record<string, Record<string, Record<string, unknown>>>
  components?: { schemas: Record<string, Schema> }
  definitions?: Record<string, Schema>
}

interface Schema {
  type?: string
  required?: string[]
  properties?: Record<string, Record<string, unknown>>
  [key: string]: unknown
}

/** Texts, enumerations and zero values are not emulated. */
const left = new Set(['description', 'default', 'enum', 'x-kubernetes-unions'])

/** A reference with nothing beside it is the same inside of `allOf`; a list that says nothing is atomic. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([key, item]) => !left.has(key) && !(key === 'x-kubernetes-list-type' && item === 'atomic'))
    .map(([key, item]): [string, unknown] => [key, key === 'properties' ? fields(item as object) : plain(item)])
  const { allOf, ...rest } = Object.fromEntries(entries)
  if (!Array.isArray(allOf)) return rest
  return Object.keys(rest).length === 0 ? (allOf as unknown[])[0] : { allOf, ...rest }
}

/** The names of fields are no keywords. */
const fields = (properties: object): object => Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, plain(field)]))

const schema =
  (...names: string[]) =>
  ({ components, definitions }: Document): unknown =>
    names.map((name) => plain((components?.schemas ?? definitions)?.[name]))

const v1 = (path: string) => `GET /openapi/v3/${path}`
const widgets = definition({
  type: 'object',
  description: 'A widget.',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'Its spec.',
      required: ['size'],
      properties: {
        size: { type: 'integer', format: 'int32', minimum: 1, default: 3 },
        port: { 'x-kubernetes-int-or-string': true },
        mode: { type: 'string', enum: ['a', 'b'], nullable: true },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        texts: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  },
})
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const define = [
  [`POST ${definitions}`, widgets],
  [`GET ${definitions}/widgets.{id}.example.com`, undefined, { until: established, pick: () => 'established' }],
] as const

/** The server takes a moment to publish what was defined. */
const published = { until: ({ components }: Document) => components?.schemas !== undefined }

export default cases({
  'the index names every group and version with a hash': [
    [
      'GET /openapi/v3',
      undefined,
      {
        pick: (body: string) =>
          Object.entries((JSON.parse(body) as { paths: Record<string, { serverRelativeURL: string }> }).paths)
            .filter(([path]) => /^apis?\/.*v\d/.test(path) && !/example|test/.test(path))
            .map(([path, { serverRelativeURL }]) => [path, serverRelativeURL.replace(/[0-9A-F]{128}$/, 'hash')]),
      },
    ],
  ],
  'schemas of workloads': [
    [
      v1('apis/apps/v1'),
      undefined,
      {
        pick: schema(
          'io.k8s.api.apps.v1.Deployment',
          'io.k8s.api.apps.v1.DeploymentSpec',
          'io.k8s.api.apps.v1.DeploymentStrategy',
          'io.k8s.api.apps.v1.DeploymentList',
          'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
          'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
        ),
      },
    ],
  ],
  'schemas with quantities, ports and times': [
    [
      v1('api/v1'),
      undefined,
      {
        pick: schema(
          'io.k8s.api.core.v1.ServicePort',
          'io.k8s.api.core.v1.ResourceRequirements',
          'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
          'io.k8s.apimachinery.pkg.api.resource.Quantity',
          'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
          'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
        ),
      },
    ],
  ],
  'the paths of a version': [
    [v1('apis/batch/v1'), undefined, { pick: ({ paths }: Document) => Object.keys(paths).filter((path) => !/\/watch\/|\/$/.test(path)) }],
  ],
  'what a patch takes': [
    [
      v1('apis/apps/v1'),
      undefined,
      {
        pick: ({ paths }: Document) => {
          const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.patch
          return [
            patch?.['x-kubernetes-group-version-kind'],
            patch?.['x-kubernetes-action'],
            ((patch?.parameters ?? []) as { name: string }[]).map(({ name }) => name),
            Object.keys(((patch?.requestBody ?? {}) as { content?: object }).content ?? {}),
          ]
        },
      },
    ],
  ],
  'a document by its hash, and by another one': async (api) => {
    const path = '/openapi/v3/apis/policy/v1'
    const { headers } = await api.send(`GET ${path}`, undefined, { pick: () => 'a document' })
    const hash = String(headers.etag).replaceAll('"', '')
    api.mask(hash, 'HASH')
    await api.send(`GET ${path}?hash=${hash}`, undefined, { pick: () => 'the same' })
    await api.send(`GET ${path}?hash=other`)
    await api.send(`GET ${path}`, undefined, { headers: { 'if-none-match': `"${hash}"` } })
  },
  'a version that is not there': [
    'GET /openapi/v3/apis/none.example.com/v1',
    'GET /openapi/v3/apis/apps/v7',
    'GET /openapi',
    'GET /openapi/v3/',
    'GET /openapi/v4',
  ],
  'a document as something else than JSON': [
    [v1('apis/policy/v1'), undefined, { accept: 'text/html' }],
    ['GET /openapi/v2', undefined, { accept: 'application/yaml' }],
  ],
  'a document that is accepted as anything': [
    [v1('apis/policy/v1'), undefined, { accept: '*/*', pick: schema('io.k8s.api.policy.v1.Eviction') }],
  ],
  'Swagger 2.0': [
    [
      'GET /openapi/v2',
      undefined,
      {
        pick: (body: Document) => [
          body.swagger,
          body.info,
          schema(
            'io.k8s.api.apps.v1.DeploymentSpec',
            'io.k8s.api.core.v1.ContainerPort',
            'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
          )(body),
        ],
      },
    ],
  ],
  'the schema of a kind that was defined': async (api) => {
    for (const step of define) await api.send(...(step as [string, unknown]))
    await api.send('GET /openapi/v3/apis/{id}.example.com/v1', undefined, {
      ...published,
      pick: ({ components, info }: Document) => [
        info,
        Object.keys(components?.schemas ?? {}).filter((name) => name.includes('.Widget')),
        Object.entries(components?.schemas ?? {})
          .filter(([name]) => name.includes('.Widget'))
          .map(([, each]) => withoutTexts(each)),
      ],
    })
  },
  'the operations of a kind that was defined': async (api) => {
    for (const step of define) await api.send(...(step as [string, unknown]))
    await api.send('GET /openapi/v3/apis/{id}.example.com/v1', undefined, {
      ...published,
      pick: ({ paths }: Document) =>
        Object.entries(paths).map(([path, methods]) => [
          path,
          Object.entries(methods).map(([method, each]) => [method, each['x-kubernetes-group-version-kind']]),
        ]),
    })
  },
})

/** What the server adds to a definition's schema has texts, the schema has its own. */
function withoutTexts({ properties: fields = {}, ...rest }: Schema): object {
  const { description, ...own } = rest
  return {
    ...own,
    ...(typeof description === 'string' && description.endsWith('.') && { description }),
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, name === 'spec' || name === 'status' ? field : plain(field)]),
    ),
  }
}
