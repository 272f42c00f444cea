/** What the measurements send: bodies as text, made before the clock runs. */

export const namespace = 'default'
const spread = 40

interface Manifest {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

export interface Body {
  readonly path: string
  readonly text: string
}

const core = `/api/v1/namespaces/${namespace}`
const line = 'the quick brown fox jumps over the lazy dog; '

/** About 500 bytes. `version`: what tells one state from the next. */
export const configMap = (number: number, version = 0): Body =>
  body(`${core}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `config-${number}`, labels: { app: `shop-${number % spread}` } },
    data: { greeting: line.repeat(4), farewell: line.repeat(4), version: String(version) },
  })

export const deployment = (number: number, replicas: number): Body =>
  body(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `shop-${number}`, labels: { app: `shop-${number}` } },
    spec: {
      replicas,
      selector: { matchLabels: { app: `shop-${number}` } },
      template: {
        metadata: { labels: { app: `shop-${number}` } },
        spec: {
          containers: [
            {
              name: 'shop',
              image: 'registry.example.com/shop:1.0.0',
              ports: [{ name: 'http', containerPort: 8080 }],
              env: [{ name: 'LOG_LEVEL', value: 'info' }],
              readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
              resources: { requests: { cpu: '1m', memory: '1Mi' } },
            },
          ],
        },
      },
    },
  })

export const widget = (number: number, version = 0): Body =>
  body(`/apis/bench.fairlead.dev/v1/namespaces/${namespace}/widgets`, {
    apiVersion: 'bench.fairlead.dev/v1',
    kind: 'Widget',
    metadata: { name: `widget-${number}` },
    spec: { size: 1 + (version % 9), limit: 10, colours: ['red', 'green'], ports: [{ name: 'http', port: 8080 }] },
  })

/** With a schema, defaults and three CEL rules. */
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.bench.fairlead.dev' },
  spec: {
    group: 'bench.fairlead.dev',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 100 },
                  limit: { type: 'integer', default: 10 },
                  colours: {
                    type: 'array',
                    maxItems: 10,
                    items: { type: 'string', maxLength: 20 },
                    'x-kubernetes-list-type': 'set',
                  },
                  ports: {
                    type: 'array',
                    maxItems: 10,
                    items: {
                      type: 'object',
                      required: ['name', 'port'],
                      properties: { name: { type: 'string', maxLength: 20 }, port: { type: 'integer' } },
                    },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                  },
                },
                'x-kubernetes-validations': [
                  { rule: 'self.size <= self.limit', message: 'size must not exceed limit' },
                  { rule: '!has(self.colours) || self.colours.all(colour, colour.size() > 0)' },
                  { rule: '!has(self.ports) || self.ports.all(port, port.port > 0 && port.port < 65536)' },
                ],
              },
            },
          },
        },
      },
    ],
  },
}

/** One of five kinds in turn. */
export function anyObject(number: number): Body {
  switch (number % 5) {
    case 0:
      return configMap(number)
    case 1:
      return body(`${core}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `secret-${number}` },
        type: 'Opaque',
        data: { password: Buffer.from(line.repeat(3)).toString('base64') },
      })
    case 2:
      return body(`${core}/serviceaccounts`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: `account-${number}`, labels: { app: `shop-${number % spread}` } },
      })
    case 3:
      return body(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: `role-${number}` },
        rules: [{ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list', 'watch'] }],
      })
    default:
      return deployment(number, 0)
  }
}

function body(collection: string, object: Manifest): Body {
  return { path: `${collection}/${object.metadata.name}`, text: JSON.stringify(object) }
}
