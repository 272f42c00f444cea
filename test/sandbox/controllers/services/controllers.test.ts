import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { endpointSlices } from '../../../../src/sandbox/controllers/services/endpoint-slices.ts'
import { endpoints } from '../../../../src/sandbox/controllers/services/endpoints.ts'
import { namespace } from '../objects.ts'
import { type Running, running } from '../memory-world.ts'

const slicesOf = ({ world }: Running) =>
  world.list('discovery.k8s.io/endpointslices') as (KubernetesObject & {
    endpoints: { addresses: string[]; conditions: object; hostname?: string }[] | null
    ports: object[] | null
  })[]
const subsetsOf = ({ world }: Running) =>
  world.get('/endpoints', namespace, 'web')?.['subsets'] as
    | { addresses?: { ip: string }[]; notReadyAddresses?: { ip: string }[]; ports?: object[] }[]
    | undefined
const start = (): Running => running([endpoints(), endpointSlices()])

function service(run: Running, spec: object = {}): void {
  run.world.create('/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace, labels: { team: 'shop' } },
    spec: { selector: { app: 'web' }, clusterIP: '10.96.0.7', ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
  })
}

function pod(run: Running, number: number, { ready = true, ...spec }: { ready?: boolean; [field: string]: unknown } = {}): void {
  run.world.create('/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `web-${number}`, namespace, labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 9090, protocol: 'TCP' }] }], ...spec },
    status: { phase: 'Running', podIP: `10.244.0.${number}`, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
}

describe('the lists of a service', () => {
  it('are there, and empty, before any pod is', async () => {
    const run = start()
    service(run)
    await run.idle()
    expect(run.world.get('/endpoints', namespace, 'web')?.metadata.labels).toEqual({
      team: 'shop',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    })
    expect(subsetsOf(run)).toBeUndefined()
    expect(slicesOf(run)).toMatchObject([
      {
        metadata: { generateName: 'web-', labels: { team: 'shop', 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        endpoints: null,
        ports: null,
      },
    ])
  })

  it('tell ready pods from others, and ports by number', async () => {
    const run = start()
    service(run)
    pod(run, 5)
    pod(run, 6, { ready: false })
    await run.idle()
    expect(subsetsOf(run)).toMatchObject([
      { addresses: [{ ip: '10.244.0.5' }], notReadyAddresses: [{ ip: '10.244.0.6' }], ports: [{ port: 8080, protocol: 'TCP' }] },
    ])
    expect(slicesOf(run)[0]?.endpoints?.map(({ conditions }) => conditions)).toEqual([
      { ready: true, serving: true, terminating: false },
      { ready: false, serving: false, terminating: false },
    ])
    expect(slicesOf(run)[0]?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }])
  })

  it('take ports by the name in the container', async () => {
    const run = start()
    service(run, { ports: [{ name: 'web', port: 80, protocol: 'TCP', targetPort: 'http' }] })
    pod(run, 5)
    await run.idle()
    expect(subsetsOf(run)?.[0]?.ports).toEqual([{ name: 'web', port: 9090, protocol: 'TCP' }])
  })

  it('have every pod as ready if the service publishes it so, and names of a headless one', async () => {
    const run = start()
    service(run, { clusterIP: 'None', publishNotReadyAddresses: true })
    pod(run, 5, { ready: false, hostname: 'web-5', subdomain: 'web' })
    await run.idle()
    expect(subsetsOf(run)).toMatchObject([{ addresses: [{ ip: '10.244.0.5', hostname: 'web-5' }] }])
    expect(slicesOf(run)[0]).toMatchObject({
      metadata: { labels: { 'service.kubernetes.io/headless': '' } },
      endpoints: [{ hostname: 'web-5', conditions: { ready: true, serving: false } }],
    })
  })

  it('follow the selector', async () => {
    const run = start()
    service(run, { selector: { app: 'other' } })
    pod(run, 5)
    await run.idle()
    expect(subsetsOf(run)).toBeUndefined()
    const found = run.world.get('/services', namespace, 'web') as KubernetesObject
    run.world.update('/services', { ...found, spec: { ...(found['spec'] as object), selector: { app: 'web' } } })
    await run.idle()
    expect(subsetsOf(run)).toHaveLength(1)
    expect(slicesOf(run)[0]?.endpoints).toHaveLength(1)
  })

  it('lose pods that end: one list at once, the other when they are gone', async () => {
    const run = start()
    service(run)
    pod(run, 5)
    await run.idle()
    run.world.delete('/pods', namespace, 'web-5')
    await run.idle()
    expect(subsetsOf(run)).toBeUndefined()
    expect(slicesOf(run)[0]?.endpoints).toMatchObject([{ conditions: { ready: false, serving: true, terminating: true } }])
    run.world.delete('/pods', namespace, 'web-5', { gracePeriodSeconds: 0 })
    await run.idle()
    expect(slicesOf(run)[0]?.endpoints).toBeNull()
  })

  it('are cut into slices of a hundred', async () => {
    const run = start()
    service(run)
    for (let number = 1; number <= 150; number++) pod(run, number)
    await run.idle()
    expect(slicesOf(run).map(({ endpoints: list }) => list?.length)).toEqual([100, 50])
    for (let number = 1; number <= 60; number++) run.world.delete('/pods', namespace, `web-${number}`, { gracePeriodSeconds: 0 })
    await run.idle()
    expect(slicesOf(run).map(({ endpoints: list }) => list?.length)).toEqual([90])
  })

  it('are not made without a selector, and go with the service', async () => {
    const run = start()
    service(run)
    run.world.create('/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'own', namespace },
      spec: { ports: [{ port: 80 }] },
    })
    await run.idle()
    expect(run.world.list('/endpoints').map(({ metadata }) => metadata.name)).toEqual(['web'])
    run.world.delete('/services', namespace, 'web')
    await run.idle()
    expect(run.world.list('/endpoints')).toEqual([])
  })
})
