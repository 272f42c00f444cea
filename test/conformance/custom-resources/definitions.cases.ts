import { cases, differs } from '../case.ts'
import { definition, established } from '../objects.ts'
import { comparable } from '../../sandbox/definitions/answers.ts'
import { definitionCases, definitionOfCase } from '../../sandbox/definitions/definition-cases.ts'
import { definitions, install, installed, own, schemaOf, updateDefinition, widget, widgets } from './widgets.ts'

const text = { type: 'string' }
const twoVersions = definition(
  schemaOf({ size: { type: 'integer' } }),
  {},
  {
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemaOf({ size: { type: 'integer' }, a: text }) } },
      { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: schemaOf({ size: { type: 'integer' }, b: text }) } },
      { name: 'v2', served: false, storage: false, schema: { openAPIV3Schema: schemaOf({ c: text }) } },
    ],
  },
)
const conditions = (body: { status: { conditions: { type: string }[] } }): unknown => ({
  ...body.status,
  conditions: [...body.status.conditions].sort((first, second) => (first.type < second.type ? -1 : 1)),
})

export default cases({
  ...Object.fromEntries(
    definitionCases.map((each) => [
      `a definition: ${each.name}`,
      [[`POST ${definitions}?dryRun=All`, definitionOfCase(each, '{id}.example.com'), { pick: comparable }]] as const,
    ]),
  ),
  'a definition is established': [
    [`POST ${definitions}`, definition(schemaOf({}))],
    [`GET ${own}`, undefined, { until: established, pick: conditions }],
    ['GET /apis/{id}.example.com', undefined, { until: ({ kind }: { kind: string }) => kind === 'APIGroup' }],
    ['GET /apis/{id}.example.com/v1', undefined, { until: ({ resources }: { resources?: unknown[] }) => (resources?.length ?? 0) > 0 }],
    [`GET ${widgets}`, undefined, { until: ({ kind }: { kind: string }) => kind === 'WidgetList' }],
    `TABLE ${own}`,
  ],
  'two definitions want the same names': async (api) => {
    await install(api, schemaOf({}), {}, { names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], singular: 'widget' } })
    const other = (names: object): object => ({
      ...definition(schemaOf({})),
      metadata: { name: 'others.{id}.example.com' },
      spec: { ...(definition(schemaOf({})) as { spec: object }).spec, names: { plural: 'others', kind: 'Other', ...names } },
    })
    const named = `${definitions}/others.{id}.example.com`
    const decided = (body: { status?: { conditions?: unknown[] } }): boolean => (body.status?.conditions?.length ?? 0) >= 2
    await api.prepare(`POST ${definitions}`, other({ shortNames: ['wd'], singular: 'widget', listKind: 'WidgetList' }))
    await api.send(`GET ${named}`, undefined, { until: decided, pick: conditions })
    await api.send('GET {id}.example.com/v1/others')
  },
  'an object is read in another version': differs(
    'a write at another version keeps the owners of fields that the version does not have',
    async (api) => {
      await installed(api, twoVersions)
      await api.send(`POST ${widgets}`, widget('a', { size: 1, a: 'x' }))
      await api.send('GET {id}.example.com/v1beta1/widgets/a')
      await api.send('GET {id}.example.com/v1beta1/widgets')
      await api.send('MERGE {id}.example.com/v1beta1/widgets/a', { spec: { b: 'y', size: 2 } })
      await api.send(`GET ${widgets}/a`)
      await api.send('GET {id}.example.com/v2/widgets/a')
      await api.send('POST {id}.example.com/v1beta1/widgets', widget('b', {}))
      await api.send('POST {id}.example.com/v1beta1/widgets', { kind: 'Widget', metadata: { name: 'c' } })
      await api.send(`POST ${widgets}`, { apiVersion: '{id}.example.com/v1', kind: 'Gadget', metadata: { name: 'd' } })
      await api.send(`POST ${widgets}`, { apiVersion: 'other.example.com/v1', kind: 'Widget', metadata: { name: 'd' } })
      await api.send(`POST ${widgets}`, { metadata: { name: 'd' } })
    },
  ),
  'the stored version changes': async (api) => {
    await installed(api, twoVersions)
    await api.prepare(`POST ${widgets}`, widget('a', { size: 1, a: 'x' }))
    await api.send(
      `JSONPATCH ${own}`,
      [
        { op: 'replace', path: '/spec/versions/0/storage', value: false },
        { op: 'replace', path: '/spec/versions/1/storage', value: true },
      ],
      {
        pick: ({ spec }: { spec: { versions: { name: string; storage: boolean }[] } }) =>
          spec.versions.map(({ name, storage }) => [name, storage]),
      },
    )
    await api.send(`GET ${own}`, undefined, {
      until: ({ status }: { status: { storedVersions: string[] } }) => status.storedVersions.length === 2,
      pick: ({ status }: { status: { storedVersions: string[] } }) => status.storedVersions,
    })
    await api.send('GET {id}.example.com/v1beta1/widgets/a')
    await api.send(`JSONPATCH ${own}`, [{ op: 'remove', path: '/spec/versions/0' }])
    await api.send(`MERGE ${own}/status`, { status: { storedVersions: ['v1beta1'] } }, { pick: ({ status }) => status['storedVersions'] })
    await api.send(`MERGE ${own}/status`, { status: { storedVersions: [] } })
    await api.send(`MERGE ${own}/status`, { status: { storedVersions: ['v9'] } })
  },
  'a version that is not served any more': async (api) => {
    await installed(api, twoVersions)
    await api.send(`JSONPATCH ${own}`, [{ op: 'replace', path: '/spec/versions/1/served', value: false }], { pick: ({ kind }) => kind })
    await api.send('GET {id}.example.com/v1beta1/widgets', undefined, {
      until: (body: unknown) => typeof body === 'string' || (body as { code?: number }).code === 404,
    })
  },
  'a definition goes with its objects': async (api) => {
    await install(api, schemaOf({}))
    await api.prepare(`POST ${widgets}`, widget('a', {}))
    await api.send(`DELETE ${own}`, undefined, {
      pick: ({ kind, metadata }) => [kind, metadata['finalizers'], typeof metadata['deletionTimestamp']],
    })
  },
  'objects with finalizers go with their definition': async (api) => {
    await install(api, schemaOf({}))
    await api.prepare(`POST ${widgets}`, widget('a', {}, { metadata: { name: 'a', finalizers: ['x.io/hold'] } }))
    await api.send(`DELETE ${own}`, undefined, {
      pick: ({ kind, metadata }) => [kind, metadata['generation'], metadata['deletionGracePeriodSeconds'], metadata['finalizers']],
    })
    await api.prepare(`GET ${own}`, undefined, {
      until: ({ status }: { status: { conditions: { reason: string }[] } }) =>
        status.conditions.some(({ reason }) => reason === 'InstanceDeletionInProgress'),
    })
    await api.prepare(`GET ${widgets}/a`, undefined, {
      until: ({ metadata }: { metadata: { deletionTimestamp?: string } }) => metadata.deletionTimestamp !== undefined,
    })
    await api.send(`POST ${widgets}`, widget('b', {}))
    await api.send(`APPLY ${widgets}/c?fieldManager=m`, widget('c', {}))
    await api.send(`MERGE ${widgets}/a`, { spec: { x: 1 } })
    await api.send(`MERGE ${widgets}/a`, { metadata: { finalizers: null } }, { pick: ({ kind }) => kind })
    await api.send(`GET ${widgets}/a`, undefined, {
      until: (body: unknown) => typeof body === 'string' || (body as { code?: number }).code === 404,
      pick: () => 'gone',
    })
  },
  'the schema changes under objects': async (api) => {
    await install(api, schemaOf({ size: { type: 'integer' }, gone: text }))
    await api.prepare(`POST ${widgets}`, widget('a', { size: 50, gone: 'x' }))
    await updateDefinition(api, (body) => ({
      ...body,
      spec: {
        ...body.spec,
        versions: [
          {
            ...body.spec.versions[0],
            schema: { openAPIV3Schema: schemaOf({ size: { type: 'integer', maximum: 10 }, added: { type: 'string', default: 'here' } }) },
          },
        ],
      },
    }))
    await api.send(`GET ${widgets}/a`, undefined, { until: ({ spec }: { spec: { added?: string } }) => spec.added === 'here' })
    await api.send(`POST ${widgets}`, widget('b', { size: 50 }), { until: ({ code }: { code: number }) => code === 422 })
    // What was wrong before stays allowed where it is not changed.
    await api.send(`MERGE ${widgets}/a`, { metadata: { labels: { a: 'b' } } })
    await api.send(`MERGE ${widgets}/a`, { spec: { size: 51 } })
    await api.send(`MERGE ${widgets}/a`, { spec: { size: 5 } })
  },
  'what of a definition cannot change': async (api) => {
    await install(api, schemaOf({}))
    await api.send(`MERGE ${own}`, { spec: { scope: 'Cluster' } })
    await api.send(`MERGE ${own}`, { spec: { group: 'other.example.com' } })
    await api.send(`MERGE ${own}`, { spec: { names: { plural: 'gadgets' } } })
    await api.send(
      `MERGE ${own}`,
      { spec: { names: { kind: 'Gadget' } } },
      { pick: ({ status, message }) => message ?? status['acceptedNames'] },
    )
    await api.send(`MERGE ${own}`, { spec: { preserveUnknownFields: true } })
    await api.send(
      `MERGE ${own}`,
      { metadata: { labels: { a: 'b' } } },
      { pick: ({ metadata, kind }) => [kind, metadata['generation'], metadata['labels']] },
    )
    await api.send(`MERGE ${own}`, { status: { storedVersions: ['v7'] } }, { pick: ({ status }) => status['storedVersions'] })
    await api.send(`PUT ${own}`, definition(schemaOf({})))
  },
  'a cluster-scoped kind': async (api) => {
    await api.namespace()
    await api.prepare(`POST ${definitions}`, definition(schemaOf({ a: text }), {}, { scope: 'Cluster' }))
    const all = '/apis/{id}.example.com/v1/widgets'
    await api.prepare(`GET ${all}`, undefined, { until: ({ kind }: { kind: string }) => kind === 'WidgetList' })
    await api.send(`POST ${all}`, widget('a', { a: 'x' }))
    await api.send(`GET ${all}/a`)
    await api.send(`POST ${widgets}`, widget('b', {}))
    await api.send(`GET ${widgets}`)
    await api.send(`POST ${all}`, widget('c', {}, { metadata: { name: 'c', namespace: 'default' } }))
  },
  'a deprecated version warns': async (api) => {
    await install(api, schemaOf({}), { deprecated: true })
    await api.send(`GET ${widgets}`)
    await api.send(`POST ${widgets}`, widget('a', {}))
    await api.send(`DELETE ${widgets}/a`)
    await api.send(`GET ${widgets}/none`)
  },
  'a deprecated version warns in its own words': async (api) => {
    await install(api, schemaOf({}), { deprecated: true, deprecationWarning: 'widgets are "old"; use gadgets' })
    await api.send(`GET ${widgets}`)
    await api.send(`POST ${widgets}`, widget('a', {}))
    await api.send(`WATCH ${widgets}?timeoutSeconds=1&sendInitialEvents=false`)
  },
})
