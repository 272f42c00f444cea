import { cases, differs, type Run } from '../case.ts'
import { configMap } from '../objects.ts'

const megabyte = 1024 * 1024
const a = configMap('a')
const text = JSON.stringify(a)
const nested = (depth: number, open: string, close: string): string =>
  `{"metadata":{"name":"a"},"x":${open.repeat(depth)}${close.repeat(depth)}}`
const isStatus = ({ status, reason, code }: Record<string, unknown>): unknown => ({ status, reason, code })

/** A ConfigMap `a`, then these patches of one content type. */
const patches =
  (method: string, ...bodies: unknown[]): Run =>
  async (api) => {
    await api.prepare('POST v1/configmaps', a)
    for (const body of bodies) await api.send(`${method} v1/configmaps/a`, body)
    await api.send('GET v1/configmaps/a')
  }

/** Ten times as much on each line as on the one before. */
const aliases = (levels: number): string =>
  [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: { name: a }',
    `x0: &x0 [${Array(10).fill('x').join(', ')}]`,
    ...Array.from({ length: levels }, (_, level) => `x${level + 1}: &x${level + 1} [${Array(10).fill(`*x${level}`).join(', ')}]`),
  ].join('\n')
/** Without the bytes of the body, which an error shows. */
const withoutBytes = ({ message, ...rest }: { message?: string }): unknown => ({ ...rest, message: message?.replace(/ \([^)]*\)?$/, '') })

export default cases({
  'owners that are nothing': [
    null,
    [null],
    [{}],
    [null, { fieldsV1: { a: 1 } }],
    [{ manager: 'x', operation: 'Update', fieldsV1: null }, null],
  ].flatMap((managedFields) => [
    ['PUT v1/configmaps/a', { metadata: { name: 'a', managedFields }, data: { a: 'b' } }] as const,
    ['POST v1/configmaps', { metadata: { generateName: 'a', managedFields }, data: { a: 'b' } }] as const,
  ]),
  'what an object says it is is no text': ['v1/configmaps/a', 'apps/v1/deployments/a', 'apps/v1/deployments/a/scale'].flatMap((path) =>
    ['{"kind":{"toString":1}}', '{"apiVersion":[1],"kind":{}}', '{"kind":5,"apiVersion":{}}', '{"kind":null,"apiVersion":true}'].flatMap(
      (text) => [
        [`PUT ${path}`, text, { contentType: 'application/json' }] as const,
        [`PUT ${path}`, text, { contentType: 'application/yaml' }] as const,
      ],
    ),
  ),
  'JSON that is none': [
    ['POST v1/configmaps', '{'],
    ['POST v1/configmaps', 'x'],
    ['POST v1/configmaps', '{"metadata":{"name":"a"},}'],
    ['POST v1/configmaps', '{"metadata":{"name":"a"'],
    ['POST v1/configmaps', '{"metadata":{"name":"a\n"}}'],
    ['POST v1/configmaps', '{"metadata":{"name":"\\ud800"}}'],
    ['POST v1/configmaps', `${text}x`],
    ['POST v1/configmaps', `${text}{}`],
    ['POST v1/configmaps', "{'metadata':{'name':'a'}}"],
    ['POST v1/configmaps', '\uFEFF{}'],
  ],
  'JSON that is no object': [
    ['POST v1/configmaps', '[]'],
    ['POST v1/configmaps', '"text"'],
    ['POST v1/configmaps', '7'],
    ['POST v1/configmaps', 'null'],
    ['POST v1/configmaps', 'true'],
    ['POST v1/configmaps', '{}'],
  ],
  'no body': [['POST v1/configmaps', ''], 'POST v1/configmaps', 'PUT v1/configmaps/a', 'PATCH v1/configmaps/a'],
  'bytes that are no UTF-8': [
    ['POST v1/configmaps', Uint8Array.from([...Buffer.from('{"metadata":{"name":"a"},"data":{"k":"'), 0xff, 0xfe, ...Buffer.from('"}}')])],
    ['POST v1/configmaps', Uint8Array.from([0, 1, 2, 3])],
  ],
  'YAML that ends too early': differs('the parser of YAML is another one, with words of its own', [
    ['POST v1/configmaps', 'a: [', { contentType: 'application/yaml' }],
  ]),
  'YAML that is none': [
    ['POST v1/configmaps', '- a\n- b\n', { contentType: 'application/yaml' }],
    ['POST v1/configmaps', '\tx: 1', { contentType: 'application/yaml', pick: isStatus }],
    ['POST v1/configmaps', 'a: &x [1]\nb: *x\nmetadata: {name: yaml}\n', { contentType: 'application/yaml' }],
    ['POST v1/configmaps', 'a: *x\n', { contentType: 'application/yaml', pick: isStatus }],
  ],
  'YAML whose aliases stand for more and more': async (api) => {
    for (const levels of [2, 3, 4, 5, 8, 60]) {
      await api.send('POST v1/configmaps?dryRun=All', aliases(levels), { contentType: 'application/yaml', pick: withoutBytes })
      // Of several fields that nobody declared the server names one by chance.
      const anyField = ({ message = '', ...body }: { message?: string }): unknown =>
        withoutBytes({ ...body, message: message.replace(/: \.x\d+:/, ': .x:') })
      await api.send('APPLY v1/configmaps/a?fieldManager=m&dryRun=All', aliases(levels), { pick: anyField })
    }
  },
  'content types that nobody knows': [
    ['POST v1/configmaps', text, { contentType: 'text/plain' }],
    ['POST v1/configmaps', text, { contentType: 'application/xml' }],
    ['POST v1/configmaps', text, { contentType: 'nonsense' }],
    ['POST v1/configmaps', text, { contentType: 'application/json; charset=utf-8' }],
    ['PUT v1/configmaps/a', text, { contentType: 'application/merge-patch+json' }],
    ['PATCH v1/configmaps/a', '{}', { contentType: 'application/json' }],
    ['PATCH v1/configmaps/a', '{}', { contentType: 'text/plain' }],
    ['PATCH v1/configmaps/a', '{}', { contentType: 'application/merge-patch+json; charset=utf-8' }],
  ],
  'answers that nobody can give': [
    ['GET v1/configmaps', undefined, { accept: 'text/html' }],
    ['GET v1/configmaps/none', undefined, { accept: 'application/xml, image/png;q=0.5' }],
    ['GET v1/configmaps/none', undefined, { accept: '*/*' }],
    ['GET v1/configmaps/none', undefined, { accept: 'application/*' }],
    ['GET v1/configmaps/none', undefined, { accept: 'text/html, application/json;q=0.1' }],
    ['GET v1/configmaps', undefined, { accept: 'application/json;as=Nonsense;v=v1;g=meta.k8s.io' }],
    ['GET v1/configmaps', undefined, { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io' }],
    ['GET v1/secrets', undefined, { accept: 'application/json;as=Table;v=v1;g=other.io, application/json' }],
    ['GET v1/secrets', undefined, { accept: ';;;' }],
  ],
  'paths that are none': [
    'GET /nothing',
    'GET /api/v2',
    'GET /api/v1/nothing',
    'GET v1/nothing',
    'GET /apis/nothing',
    'GET /apis/apps/v9',
    'GET /apis/apps/v9/deployments',
    'GET /apis/apps/v1/nothing',
    'GET /apis/example.com/v1/widgets',
    'GET v1/configmaps/a/nothing',
    'GET v1/configmaps/a/status',
    'GET v1/pods/a/b/c/d',
    'GET /api/v1/namespaces/{ns}',
    'GET /api/v1/namespaces/{ns}/',
  ],
  'paths with odd marks': [
    'GET v1/secrets/',
    'GET v1/configmaps/%2e%2e',
    'GET v1/configmaps/a%2Fb',
    'GET v1/configmaps/%00',
    'GET v1/configmaps/%zz',
    'GET v1/configmaps/A_B',
    'GET /api//v1/namespaces',
    'GET /api/v1/../v1/nothing',
    'GET /API/V1',
    'GET v1/configmaps/__proto__',
    'GET v1/configmaps/constructor',
    'GET v1/toString',
    'GET /apis/__proto__/v1/x',
  ],
  'methods that a path does not know': [
    'POST v1/configmaps/a',
    'PUT v1/configmaps',
    'PATCH v1/configmaps',
    'DELETE /api/v1',
    'POST /api',
    'PUT /version',
    'OPTIONS v1/configmaps',
    'TRACE v1/configmaps',
    'PROPFIND v1/configmaps',
    ['PUT v1/pods/a/log', '{}'],
    ['POST v1/bindings/x', '{}'],
    'GET v1/bindings',
    'DELETE v1/configmaps/a/b',
  ],
  'three megabytes': [
    [
      'POST v1/configmaps',
      configMap('a', { data: { key: 'x'.repeat(megabyte - 2000) } }),
      { pick: ({ metadata }: { metadata: unknown }) => metadata },
    ],
    ['POST v1/configmaps', configMap('b', { data: { key: 'x'.repeat(megabyte + 1) } })],
    ['POST v1/configmaps', configMap('c', { data: { key: 'x'.repeat(3 * megabyte) } })],
    ['POST v1/secrets', { metadata: { name: 'd' }, stringData: { key: 'x'.repeat(megabyte + 1) } }],
    ['POST v1/configmaps', configMap('e', { metadata: { name: 'e', annotations: { a: 'x'.repeat(262_145) } } })],
    ['MERGE v1/configmaps/a', JSON.stringify({ data: { more: 'x'.repeat(3 * megabyte) } })],
  ],
  'deep nesting': [
    ['POST v1/configmaps?fieldValidation=Ignore', nested(500, '[', ']'), { pick: isStatus }],
    ['POST v1/configmaps', nested(12_000, '[', ']')],
    ['POST v1/configmaps', nested(12_000, '{"a":', '}').replace('}}', '1}}'), { pick: isStatus }],
    ['POST v1/configmaps', '['.repeat(100_000), { pick: isStatus }],
  ],
  'keys of JavaScript': [
    ['POST v1/configmaps', '{"metadata":{"name":"a","labels":{"__proto__":"x"}},"data":{"__proto__":"y","constructor":"z"}}'],
    ['POST v1/configmaps?fieldValidation=Warn', '{"metadata":{"name":"b"},"__proto__":{"data":{"x":"y"}},"data":{"constructor":"z"}}'],
    ['POST v1/configmaps', '{"metadata":{"name":"c","annotations":{"hasOwnProperty":"x","toString":"y"}}}'],
    ['MERGE v1/configmaps/c', '{"__proto__":{"polluted":true},"data":{"__proto__x":"1"}}'],
    ['MERGE v1/configmaps/c', '{"metadata":{"annotations":{"toString":null,"__proto__":null}}}'],
    'GET v1/configmaps/c',
  ],
  'JSON patches that are none': patches(
    'JSONPATCH',
    '{}',
    '[{"op":"other","path":"/data/key","value":"x"}]',
    '[{"op":"add","path":"data","value":"x"}]',
    '[{"op":"add","path":"/data/key"}]',
    '[{"op":"replace","path":"/data/none","value":"x"}]',
    '[{"op":"remove","path":"/data/none"}]',
    '[{"op":"test","path":"/data/key","value":"other"}]',
    '[{"op":"copy","from":"/none","path":"/data/x"}]',
    '[{"op":"move","from":"/data","path":"/data/x"}]',
    '[{"op":"replace","path":"","value":[]}]',
    '[{"op":"add","path":"/data/key/deep","value":"x"}]',
    '[1]',
    '[',
  ),
  'merge patches that are none': patches(
    'MERGE',
    '[',
    '[]',
    '"x"',
    'null',
    '7',
    '{"data":"x"}',
    '{"data":null,"metadata":{"name":"b"}}',
    '{"metadata":null}',
  ),
  'a merge patch that makes a Secret of a ConfigMap': differs(
    'the real server reads the patched object as a Secret first, and stumbles over its data',
    patches('MERGE', '{"kind":"Secret"}'),
  ),
  'strategic merge patches that are none': patches(
    'STRATEGIC',
    '[',
    '[]',
    'null',
    '{"data":"x"}',
    '{"data":{"$patch":"other"}}',
    '{"$patch":"replace"}',
    '{"metadata":{"finalizers":"x"}}',
    '{"metadata":{"ownerReferences":[{"name":"x"}]}}',
    '{"$setElementOrder/x":1}',
  ),
  'applies in YAML that ends too early': differs('the parser of YAML is another one, with words of its own', [
    ['APPLY v1/configmaps/a?fieldManager=m', '['],
    ['APPLY v1/configmaps/a?fieldManager=m', 'a: ['],
  ]),
  'applies that are none': async (api) => {
    for (const body of [
      '[]',
      'null',
      '{}',
      '{"apiVersion":"v1","kind":"Secret"}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}',
    ])
      await api.send('APPLY v1/configmaps/a?fieldManager=m', body)
    await api.send('APPLY v1/configmaps/a', { apiVersion: 'v1', kind: 'ConfigMap' })
    await api.send('APPLY v1/configmaps/a?fieldManager=m&force=maybe', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { managedFields: [] },
    })
    await api.send('APPLY v1/configmaps/a?fieldManager=m', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { managedFields: [{ manager: 'x' }] },
    })
    await api.send('MERGE v1/configmaps/a?force=true', {})
  },
  'patches of what is not there': ['JSONPATCH', 'MERGE', 'STRATEGIC'].map(
    (method) => [`${method} v1/configmaps/none`, method === 'JSONPATCH' ? [] : {}] as const,
  ),
  'managed fields that are none': [
    [
      'POST v1/configmaps',
      configMap('a', { metadata: { name: 'a', managedFields: [{ manager: 'x', operation: 'Other', fieldsType: 'FieldsV1' }] } }),
    ],
    [
      'POST v1/configmaps',
      configMap('b', {
        metadata: { name: 'b', managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'X', fieldsV1: {} }] },
      }),
    ],
    [
      'POST v1/configmaps',
      configMap('c', {
        metadata: {
          name: 'c',
          managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'q:x': {} } }],
        },
      }),
    ],
    [
      'MERGE v1/configmaps/a',
      {
        metadata: {
          managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', time: 'now', fieldsType: 'FieldsV1', fieldsV1: {} }],
        },
      },
    ],
  ],
  'numbers at their ends': [
    ['POST apps/v1/deployments?dryRun=All', scaled('99999999999999999999')],
    ['POST apps/v1/deployments?dryRun=All', scaled('2147483648')],
    ['POST apps/v1/deployments?dryRun=All', scaled('1.5')],
    ['POST apps/v1/deployments?dryRun=All', scaled('1e2')],
    ['POST apps/v1/deployments?dryRun=All', scaled('-1')],
    ['POST apps/v1/deployments?dryRun=All', scaled('"3"')],
    ['POST apps/v1/deployments?dryRun=All', scaled('3.0')],
  ],
  'nobody, and somebody unknown': [
    ['GET v1/configmaps', undefined, { headers: { authorization: '' } }],
    ['GET v1/configmaps', undefined, { headers: { authorization: 'Bearer nonsense' } }],
    ['GET v1/configmaps', undefined, { headers: { authorization: 'Basic eDp5' } }],
    ['GET /version', undefined, { headers: { authorization: '' }, pick: ({ major }: { major: string }) => major }],
    ['GET /healthz', undefined, { headers: { authorization: '' } }],
    ['GET /api', undefined, { headers: { authorization: '' } }],
  ],
  'queries that are none': [
    'GET v1/secrets?%zz=1',
    'GET v1/secrets?limit=1;x=2',
    'GET v1/secrets?&&&',
    'GET v1/secrets?unknown=parameter',
    'DELETE v1/secrets?propagationPolicy=x',
    'GET v1/secrets?pretty=nonsense',
  ],
  'somebody without a name asks for health': [
    ...[
      '/livez',
      '/readyz',
      '/livez/',
      '/livez/ping',
      '/readyz/ping',
      '/healthz/ping',
      '/livez/none',
      '/version/',
      '/version',
      '/openapi/v2',
    ].map(
      (path) =>
        [
          `GET ${path}`,
          undefined,
          { headers: { authorization: '' }, pick: ({ major, ...body }: { major?: string }) => (major ? 'version' : body) },
        ] as const,
    ),
  ],
  'paths with empty parts': [
    'GET //api/v1//namespaces',
    'GET /api//v1/namespaces',
    'GET /api/v1//namespaces',
    'GET /api/v1/namespaces//{ns}',
    'GET /api/v1/namespaces/{ns}//configmaps',
    'GET /api/v1/namespaces/{ns}/configmaps//a',
    'GET //apis/apps/v1/deployments',
    'GET //healthz',
  ],
  'an apply that is nested too deep': [
    ...['v1/configmaps', 'apps/v1/deployments'].flatMap((resource) => [
      [`APPLY ${resource}/a?fieldManager=x`, nested(20_000, '[', ']')] as const,
      [`APPLY ${resource}/a?fieldManager=x`, nested(20_000, '{"a":', '}').replace(':}', ':1}')] as const,
    ]),
  ],
  'an error as YAML': [
    ['GET v1/configmaps/none', undefined, { accept: 'application/yaml' }],
    ['GET v1/secrets/none', undefined, { accept: 'application/yaml, application/json' }],
    ['GET v1/configmaps/none', undefined, { accept: 'text/html, application/yaml' }],
    ['GET v1/configmaps/none', undefined, { accept: 'application/json, application/yaml' }],
    ['GET v1/configmaps', undefined, { accept: 'application/yaml', headers: { authorization: 'Bearer nonsense' } }],
    [
      'GET v1/configmaps',
      undefined,
      { accept: 'application/yaml', headers: { authorization: '' }, pick: (body: string) => body.split('\n')[0] },
    ],
  ],
  'methods that nothing answers': [
    ...['OPTIONS', 'PROPFIND', 'TRACE'].flatMap((method) => [
      `${method} v1/configmaps`,
      `${method} v1/configmaps/none`,
      `${method} /api/v1/nonsense`,
      `${method} /healthz`,
      `${method} /api`,
      `${method} /version`,
      `${method} /nonsense`,
    ]),
  ],
  'the proxy of an object that is not there': [
    'GET v1/services/web:80/proxy/',
    'GET v1/services/web/proxy',
    'GET v1/services/http:web:80/proxy/path',
    'GET v1/pods/web:80/proxy/',
    'GET /api/v1/nodes/none-{id}:10250/proxy/',
  ],
})

function scaled(replicas: string): string {
  return `{"metadata":{"name":"a"},"spec":{"replicas":${replicas},"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}`
}
