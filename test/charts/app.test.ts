import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { applyDefaults } from '../../src/api/schema/defaults.ts'
import { createValidator } from '../../src/definition/validate.ts'
import { parseYaml } from '../../src/yaml/read.ts'
import { app, print, problems, project, render, sha256, status } from './app.ts'

const selector = { 'app.kubernetes.io/name': 'app', 'app.kubernetes.io/instance': 'shop' }
const labels = { ...selector, 'app.kubernetes.io/managed-by': 'fairlead' }
const metadata = { name: 'shop', labels }

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: 1,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels, annotations: { 'app.company.com/config-digest': sha256('{}') } },
      spec: {
        serviceAccountName: 'shop',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'app',
            image: 'shop:1.0',
            ports: [{ name: 'http', containerPort: 8080 }],
            env: [{ name: 'PORT', value: '8080' }],
            envFrom: [{ configMapRef: { name: 'shop' } }],
            readinessProbe: { tcpSocket: { port: 'http' } },
            resources: { requests: { cpu: '50m', memory: '64Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  },
}

const minimal = {
  'ServiceAccount/shop': { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
  'ConfigMap/shop': { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} },
  'Deployment/shop': deployment,
  'Service/shop': {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
}

describe('the default operator', () => {
  it('loads without a problem or warning', () => {
    expect(print(problems)).toBe('')
  })

  it('has a sample that matches the schema of App', () => {
    const { values, problems: unreadable } = parseYaml('samples/app.yaml', readFileSync(`${project}samples/app.yaml`, 'utf8'))
    expect(print(unreadable)).toBe('')
    const validate = createValidator(app.crd?.schema ?? {})
    expect(print(validate(applyDefaults(app.crd?.schema, values[0]), () => undefined))).toBe('')
  })
})

describe('an App', () => {
  it('with nothing but an image becomes a ServiceAccount, ConfigMap, Deployment and Service', () => {
    expect(render({ image: 'shop:1.0' })).toEqual(minimal)
  })

  it('with everything becomes these six objects, and nothing of it is left out', () => {
    const spec = {
      image: 'shop:2.0',
      replicas: 3,
      port: 9000,
      config: { GREETING: 'Hello: {{ world }}', ZERO: '0' },
      resources: { requests: { cpu: 2, memory: '1Gi' }, limits: { memory: '2Gi' } },
      ingress: { host: 'shop.example.com' },
      autoscaling: { minReplicas: 2, maxReplicas: 9, targetCPUUtilizationPercentage: 60 },
    }
    const container = {
      ...deployment.spec.template.spec.containers[0],
      image: 'shop:2.0',
      ports: [{ name: 'http', containerPort: 9000 }],
      env: [{ name: 'PORT', value: '9000' }],
      resources: spec.resources,
    }
    expect(render(spec)).toEqual({
      ...minimal,
      'ConfigMap/shop': { ...minimal['ConfigMap/shop'], data: spec.config },
      'Deployment/shop': {
        ...deployment,
        spec: {
          selector: deployment.spec.selector,
          template: {
            metadata: { labels, annotations: { 'app.company.com/config-digest': sha256('{"GREETING":"Hello: {{ world }}","ZERO":"0"}') } },
            spec: { ...deployment.spec.template.spec, containers: [container] },
          },
        },
      },
      'Ingress/shop': {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata,
        spec: {
          rules: [
            {
              host: 'shop.example.com',
              http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { name: 'http' } } } }] },
            },
          ],
        },
      },
      'HorizontalPodAutoscaler/shop': {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
          minReplicas: 2,
          maxReplicas: 9,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
        },
      },
    })
  })

  it('with a host gets an Ingress beside the rest', () => {
    const { 'Ingress/shop': ingress, ...others } = render({ image: 'shop:1.0', ingress: { host: 'shop.example.com' } })
    expect(others).toEqual(minimal)
    expect(ingress?.['spec']).toMatchObject({ rules: [{ host: 'shop.example.com' }] })
  })

  it('with autoscaling leaves the number of replicas to the autoscaler, whatever its own number is', () => {
    const rendered = render({ image: 'shop:1.0', replicas: 4, autoscaling: { maxReplicas: 5 } })
    expect(rendered['Deployment/shop']?.['spec']).not.toHaveProperty('replicas')
    expect(rendered['HorizontalPodAutoscaler/shop']?.['spec']).toMatchObject({ minReplicas: 1, maxReplicas: 5 })
  })

  it('scaled to zero keeps the zero', () => {
    expect(render({ image: 'shop:1.0', replicas: 0 })['Deployment/shop']?.['spec']).toMatchObject({ replicas: 0 })
  })
})

describe('the config digest on the pods', () => {
  const digestOf = (config: JsonObject): unknown =>
    (render({ image: 'shop:1.0', config })['Deployment/shop'] as typeof deployment & KubernetesObject).spec.template.metadata.annotations

  it('differs when a value differs', () => {
    expect(digestOf({ A: '1' })).not.toEqual(digestOf({ A: '2' }))
  })

  it('is the same for the same config in another order', () => {
    expect(digestOf({ A: '1', B: '2' })).toEqual(digestOf({ B: '2', A: '1' }))
  })
})

describe('the status of an App', () => {
  it('has the address inside the cluster, and no ready replica while there is no Deployment', () => {
    expect(status({ image: 'shop:1.0' })).toEqual({ url: 'http://shop.market.svc', readyReplicas: 0 })
  })

  it('has the address of the host, and the ready replicas of the Deployment', () => {
    const observed = { ...deployment, metadata: { ...metadata, namespace: 'market' }, status: { replicas: 3, readyReplicas: 2 } }
    expect(status({ image: 'shop:1.0', ingress: { host: 'shop.example.com' } }, [observed])).toEqual({
      url: 'http://shop.example.com',
      readyReplicas: 2,
    })
  })

  it('counts none while the Deployment has no status yet', () => {
    expect(status({ image: 'shop:1.0' }, [{ ...deployment, metadata: { ...metadata, namespace: 'market' } }])).toMatchObject({
      readyReplicas: 0,
    })
  })
})
