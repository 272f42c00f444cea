/** What the cases of patches patch. */
import type { Step } from '../case.ts'
import { configMap, deployment } from '../objects.ts'

type Method = 'JSONPATCH' | 'MERGE' | 'STRATEGIC'

/** An error says at the end what is wrong with the object that it shows. */
export const apartFromShown = <T extends { message?: string }>(body: T): unknown =>
  body.message ? { ...body, details: undefined, message: body.message.replace(/Invalid value: "\{.*\}"/, '') } : body

/** A ConfigMap `a`, then these patches. */
export const configMapPatches = (method: Method, ...patches: readonly unknown[]): Step[] => [
  [
    'POST v1/configmaps',
    configMap('a', {
      metadata: { name: 'a', labels: { app: 'x' }, annotations: { 'a.io/b': '1', note: '2' }, finalizers: ['x.io/a', 'x.io/b'] },
      data: { key: 'value', other: 'thing' },
    }),
  ],
  ...patches.map((patch): Step => [`${method} v1/configmaps/a`, patch, { pick: apartFromShown }]),
]

/** The same patches, each of the ConfigMap as it was at first. */
export const freshPatches = (method: Method, ...patches: readonly unknown[]): Step[] => [
  ...configMapPatches(method),
  ...patches.map((patch): Step => [`${method} v1/configmaps/a?dryRun=All`, patch, { pick: apartFromShown }]),
]

const container = (name: string, more: object = {}): object => ({ name, image: `registry.example/${name}`, ...more })

/** Pods that have a list of each kind. */
const everyList = {
  template: {
    metadata: { labels: { app: 'a' }, annotations: { note: '1' } },
    spec: {
      containers: [
        container('one', {
          ports: [
            { containerPort: 80, name: 'http' },
            { containerPort: 443, name: 'https' },
            { containerPort: 53, name: 'dns', protocol: 'UDP' },
          ],
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
            { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          args: ['x', 'y'],
          volumeMounts: [
            { name: 'v', mountPath: '/v' },
            { name: 'w', mountPath: '/w' },
          ],
          resources: { limits: { cpu: '1', memory: '1Gi' } },
        }),
        container('two'),
        container('three'),
      ],
      initContainers: [container('init')],
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'w', configMap: { name: 'w', items: [{ key: 'k', path: 'p' }] } },
      ],
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'Equal', value: '1' },
      ],
      imagePullSecrets: [{ name: 's' }, { name: 't' }],
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['a', 'b'] }],
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'a' } } },
      ],
    },
  },
}

/** A template that no controller looks at. */
export const podTemplate = { metadata: { name: 'a' }, ...everyList }

/** The template, then these patches of the pod's spec. */
export const podPatches = (...patches: readonly unknown[]): Step[] => [
  ['POST v1/podtemplates', podTemplate],
  ...patches.map((spec): Step => ['STRATEGIC v1/podtemplates/a', { template: { spec } }]),
]

/** The same, each on the template as it was at first. */
export const freshPodPatches = (...patches: readonly unknown[]): Step[] => [
  ['POST v1/podtemplates', podTemplate],
  ...patches.map((spec): Step => ['STRATEGIC v1/podtemplates/a?dryRun=All', { template: { spec } }]),
]

interface Answered {
  metadata: { labels?: object; annotations?: object; generation?: number }
  spec?: { replicas: number }
  status: unknown
  message?: string
}

/** What controllers do not write: of an object its spec, of an error all but the object that it shows. */
export const apartFromControllers = ({ metadata: { labels, generation }, spec, status, message, ...rest }: Answered): unknown =>
  spec ? { labels, generation, spec } : { ...rest, details: undefined, message: message?.replace(/Invalid value: "\{.*\}"/, '') }

/** A Deployment without pods, then these patches, each of the Deployment as it was at first. */
export const deploymentPatches = (method: Method, ...patches: readonly unknown[]): Step[] => [
  ['POST apps/v1/deployments', deployment('a', 0, everyList), { pick: apartFromControllers }],
  ...patches.map((patch): Step => [`${method} apps/v1/deployments/a?dryRun=All`, patch, { pick: apartFromControllers }]),
]
