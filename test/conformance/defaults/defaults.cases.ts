import fc from 'fast-check'
import { probeNamespace, probes } from '../../../scripts/sandbox-probes.ts'
import type { JsonObject } from '../../../src/api/object.ts'
import { variants } from '../../sandbox/defaults/variants.ts'
import { cases, generated } from '../case.ts'
import { deployment, pod } from '../objects.ts'

/** Kinds that the sandbox keeps as they are sent, or refuses in other words: what is refused has no defaults. */
const notValidated = /resource\.k8s\.io|flowcontrol|admissionpolic|(nodes|persistentvolumes)$/

/** What has answers of its own, or names that are there once. */
const created = probes.filter(({ method, path }) => method === 'POST' && !path.endsWith('/token') && !notValidated.test(path))
const partial = created.flatMap((probe) => [...variants(probe.object)].map((object) => ({ ...probe, object: object as JsonObject })))

const service = (spec: object): object => ({ metadata: { name: 'a' }, spec: { ports: [{ port: 80 }], selector: { app: 'a' }, ...spec } })
const dry = '?dryRun=All'

export default cases({
  'any object of any kind with a part left out': generated({
    values: fc.constantFrom(...partial),
    runs: 150,
    run: async (api, { path, object }) => {
      const namespace = await api.namespace()
      const asked = path.replace(probeNamespace, 'NAMESPACE')
      const answer = await api.prepare(`POST ${path.replace(probeNamespace, namespace)}?dryRun=All`, object).catch(() => undefined)
      // What is refused, and what is done to metadata and status, is told by other groups.
      const { metadata: _, status: __, ...rest } = (answer?.body ?? { refused: true }) as Record<string, unknown>
      api.keep({ asked, ...rest })
    },
  }),
  'a Pod with nothing but an image': [[`POST v1/pods${dry}`, pod('a')]],
  'when an image is pulled': [
    'a',
    'a:latest',
    'a:1',
    'r:5000/a',
    'r:5000/a:1',
    `a@sha256:${'0'.repeat(64)}`,
    `a:latest@sha256:${'0'.repeat(64)}`,
  ].map((image) => [`POST v1/pods${dry}`, pod('a', { containers: [{ name: 'main', image }] })]),
  'requests follow limits in a Pod, and not in a template': [
    [
      `POST v1/pods${dry}`,
      pod('a', { containers: [{ name: 'main', image: 'a:1', resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } } }] }),
    ],
    [
      `POST apps/v1/deployments${dry}`,
      deployment('a', 1, {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [{ name: 'main', image: 'a:1', resources: { limits: { cpu: '1' } } }] },
        },
      }),
    ],
  ],
  'probes with one field each': [
    [
      `POST v1/pods${dry}`,
      pod('a', {
        containers: [
          {
            name: 'main',
            image: 'a:1',
            livenessProbe: { httpGet: { port: 80 }, timeoutSeconds: 0 },
            readinessProbe: { grpc: { port: 80 }, periodSeconds: 3 },
            startupProbe: { exec: { command: ['a'] }, failureThreshold: 1 },
          },
        ],
      }),
    ],
  ],
  'ports of a Pod in the network of its node': [
    [`POST v1/pods${dry}`, pod('a', { hostNetwork: true, containers: [{ name: 'main', image: 'a:1', ports: [{ containerPort: 80 }] }] })],
  ],
  'rolling updates of Deployments': [
    [`POST apps/v1/deployments${dry}`, deployment('a', 1)],
    [`POST apps/v1/deployments${dry}`, deployment('a', 1, { strategy: { type: 'Recreate' } })],
    [`POST apps/v1/deployments${dry}`, deployment('a', 1, { strategy: { rollingUpdate: { maxSurge: 0 } } })],
    [`POST apps/v1/deployments${dry}`, deployment('a', 1, { strategy: {}, replicas: null })],
  ],
  'Services of every type': [
    [`POST v1/services${dry}`, service({})],
    [`POST v1/services${dry}`, service({ clusterIP: 'None' })],
    [`POST v1/services${dry}`, service({ type: 'ExternalName', externalName: 'example.org' })],
    [`POST v1/services${dry}`, service({ sessionAffinity: 'ClientIP' })],
    [
      `POST v1/services${dry}`,
      service({
        ports: [
          { name: 'a', port: 80, targetPort: 'http' },
          { name: 'b', port: 53, protocol: 'UDP' },
        ],
      }),
    ],
  ],
  'Jobs that say how often, or not': [
    {},
    { parallelism: 3 },
    { completions: 3 },
    { completions: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 },
  ].map((spec) => [
    `POST batch/v1/jobs${dry}`,
    {
      metadata: { name: 'a' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a:1' }] } }, ...spec },
    },
  ]),
  'a CronJob keeps what its Jobs will get': [
    [
      `POST batch/v1/cronjobs${dry}`,
      {
        metadata: { name: 'a' },
        spec: {
          schedule: '0 0 * * *',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a:1' }] } } } },
        },
      },
    ],
  ],
  'an autoscaler in both versions': [
    [
      'POST autoscaling/v1/horizontalpodautoscalers',
      { metadata: { name: 'a' }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a' } } },
    ],
    'GET autoscaling/v2/horizontalpodautoscalers/a',
    [
      'POST autoscaling/v2/horizontalpodautoscalers',
      {
        metadata: { name: 'b' },
        spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a' }, behavior: { scaleDown: { selectPolicy: 'Min' } } },
      },
    ],
    'GET autoscaling/v1/horizontalpodautoscalers/b',
  ],
  'policies of networks': [{}, { egress: [{}] }, { ingress: [{ ports: [{ port: 80 }] }] }, { policyTypes: ['Egress'] }].map((spec) => [
    `POST networking.k8s.io/v1/networkpolicies${dry}`,
    { metadata: { name: 'a' }, spec: { podSelector: {}, ...spec } },
  ]),
  'a value is filled in again when an update leaves it out': [
    ['POST apps/v1/deployments', deployment('a', 0, { revisionHistoryLimit: 3 })],
    ['PUT apps/v1/deployments/a?dryRun=All', deployment('a', 0), { pick: ({ spec }: { spec: object }) => spec }],
  ],
  'a null is a value that is left out': [
    ['POST v1/services' + dry, service({ type: null, sessionAffinity: null, internalTrafficPolicy: null })],
  ],
})
