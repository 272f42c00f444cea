import { expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { isInTheWay } from '../../src/reconcile/collisions.ts'

const service = (spec: object, apiVersion = 'v1') => ({ apiVersion, kind: 'Service', metadata: { name: 'a' }, spec }) as KubernetesObject

it('a Service is in the way of another one that wants its node port or address', () => {
  const front = service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00::7'], ports: [{ port: 80, nodePort: 30_080 }] })
  expect(
    [
      { ports: [{ port: 81, nodePort: 30_080 }] },
      { clusterIPs: ['fd00::7'] },
      { ports: [{ port: 80, nodePort: 30_081 }] },
      { ports: [{ port: 80 }], clusterIP: 'None' },
      {},
    ].map((spec) => isInTheWay(front, service(spec))),
  ).toEqual([true, true, false, false, false])
})

it('nothing is, where both leave it to the server, or are of another kind', () => {
  const open = { clusterIP: 'None', healthCheckNodePort: 0, ports: [{ port: 80, nodePort: 0 }] }
  expect(isInTheWay(service(open), service(open))).toBe(false)
  const knative = service({ clusterIP: '10.96.0.7' }, 'serving.knative.dev/v1')
  expect(isInTheWay(knative, knative)).toBe(false)
})
