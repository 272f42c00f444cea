import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Api } from '../api.ts'
import { cases, differs, generated } from '../case.ts'
import { definition, established } from '../objects.ts'

interface Sent {
  readonly command: string
  readonly body: string
  readonly object: { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly namespace?: string } }
}

/** What kubectl sends, byte for byte. */
const recorded = JSON.parse(readFileSync(new URL('../../sandbox/protobuf/kubectl.json', import.meta.url), 'utf8')) as Sent[]

const type = 'application/vnd.kubernetes.protobuf'
const plurals: Readonly<Record<string, string>> = { Ingress: 'ingresses', PriorityClass: 'priorityclasses' }

function pathOf({ object: { apiVersion, kind, metadata } }: Sent): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  return `${root}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`
}

/** The recorded bodies name the namespace `ns`. */
const ready = async (api: Api): Promise<unknown> =>
  await api.prepare('POST /api/v1/namespaces', { metadata: { name: 'ns' } }).catch(() => {})

const bytes = (...parts: (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
const field = (number: number, value: Buffer): Buffer => bytes([number * 8 + 2, value.length], [...value])
/** A message that holds a ConfigMap. */
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([bytes('k8s\0'), field(1, Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))])), field(2, raw)])
const named = (name: string): Buffer => field(1, field(1, Buffer.from(name)))
const entry = (key: string, value: string): Buffer => field(2, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]))
const send = async (api: Api, body: Uint8Array, line = 'POST v1/configmaps?dryRun=All', more: object = {}): Promise<unknown> =>
  await api.send(line, body, { contentType: type, ...more })
const whole = envelope('v1', 'ConfigMap', Buffer.concat([named('a'), entry('k', 'v')]))

export default cases({
  ...Object.fromEntries(
    recorded.map((sent) => [
      sent.command,
      async (api: Api) => {
        await ready(api)
        await send(
          api,
          Buffer.from(sent.body, 'base64'),
          `POST ${pathOf(sent)}?dryRun=All&fieldManager=kubectl-create&fieldValidation=Strict`,
        )
      },
    ]),
  ),
  'an object': async (api) => await send(api, whole),
  'an object is stored and read': async (api) => {
    await send(api, whole, 'POST v1/configmaps')
    await api.send('GET v1/configmaps/a')
    await send(api, envelope('v1', 'ConfigMap', Buffer.concat([named('a'), entry('k', 'w')])), 'PUT v1/configmaps/a')
    await send(api, envelope('v1', 'DeleteOptions', Buffer.alloc(0)), 'DELETE v1/configmaps/a')
  },
  'another magic': async (api) => {
    for (const magic of ['k8s\u0001', 'K8S\0', 'k8s', '', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}'])
      await send(api, bytes(magic))
  },
  'an empty message': async (api) => await send(api, bytes('k8s\0')),
  'the kind is left out': async (api) => {
    await send(api, Buffer.concat([bytes('k8s\0'), field(2, Buffer.concat([named('a'), entry('k', 'v')]))]))
    await send(api, envelope('', 'ConfigMap', named('a')))
    await send(api, envelope('v1', '', named('a')))
  },
  'another kind': async (api) => {
    await send(api, envelope('v1', 'Secret', named('a')))
    await send(api, envelope('apps/v1', 'Deployment', named('a')))
    await send(api, envelope('v2', 'ConfigMap', named('a')))
    await send(api, envelope('v1', 'Nothing', named('a')))
    await send(api, envelope('example.com/v1', 'Widget', named('a')))
  },
  'a message that ends early': async (api) => {
    for (const length of [5, 8, 12, 18, 24, whole.length - 1]) await send(api, whole.subarray(0, length))
  },
  'unknown fields': async (api) => {
    const raw = Buffer.concat([named('a'), field(15, Buffer.from('unknown')), entry('k', 'v')])
    for (const validation of ['Ignore', 'Warn', 'Strict'])
      await send(api, envelope('v1', 'ConfigMap', raw), `POST v1/configmaps?dryRun=All&fieldValidation=${validation}`)
  },
  'a key that comes twice': async (api) => {
    const raw = Buffer.concat([named('a'), entry('k', 'v'), entry('k', 'w')])
    await send(api, envelope('v1', 'ConfigMap', raw))
    await send(api, envelope('v1', 'ConfigMap', Buffer.concat([named('a'), named('b')])))
  },
  'an object that is not valid': async (api) => {
    await send(api, envelope('v1', 'ConfigMap', named('A B')))
    await send(api, envelope('v1', 'ConfigMap', Buffer.alloc(0)))
    await send(api, envelope('v1', 'ConfigMap', Buffer.concat([named('a'), entry('not a key', 'v')])))
  },
  'a custom resource': differs('errors are told in JSON, whatever was asked for', async (api) => {
    await api.prepare('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition({ type: 'object' }))
    await api.prepare('GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{id}.example.com', undefined, {
      until: established,
    })
    await api.prepare('GET {id}.example.com/v1/widgets', undefined, { until: ({ kind }: { kind: string }) => kind === 'WidgetList' })
    await api.send('GET {id}.example.com/v1/widgets', undefined, { accept: type })
    await api.send('GET {id}.example.com/v1/widgets', undefined, { accept: `${type},application/json` })
  }),
  'a patch': async (api) => await send(api, whole, 'PATCH v1/configmaps/a'),
  'an answer in the same encoding': differs('the sandbox reads the encoding and does not write it', async (api) => {
    const kind = (body: unknown): string => typeof body
    await api.send('GET v1/configmaps?fieldSelector=metadata.name=none', undefined, { accept: type, pick: kind })
  }),
  'an answer in the same encoding or JSON': differs('the sandbox reads the encoding and answers in JSON', async (api) => {
    await api.send('GET v1/configmaps?fieldSelector=metadata.name=none', undefined, {
      accept: `${type},application/json`,
      pick: (body: unknown) => typeof body,
    })
  }),
  'JSON or the encoding': [
    'GET v1/configmaps/none',
    ['GET v1/configmaps?fieldSelector=metadata.name=none', undefined, { accept: `application/json,${type}` }],
  ],
  'parameters of the content type': async (api) => {
    for (const contentType of [
      `${type};stream=watch`,
      `${type}; charset=utf-8`,
      'application/vnd.kubernetes.protobuf2',
      'application/protobuf',
      'APPLICATION/VND.KUBERNETES.PROTOBUF',
    ])
      await send(api, whole, undefined, { contentType })
  },
  'any texts': generated({
    values: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((key) => /^[-._a-zA-Z0-9]+$/.test(key)),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      { maxKeys: 4 },
    ),
    runs: 15,
    run: async (api, data) => {
      await send(
        api,
        envelope(
          'v1',
          'ConfigMap',
          Buffer.concat([named('a'), ...Object.entries(data).map(([key, value]) => entry(key, value))]).subarray(0, 127),
        ),
      )
    },
  }),
})
