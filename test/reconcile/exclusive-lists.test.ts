import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { foreignItems, repairPatch } from '../../src/reconcile/exclusive-lists.ts'

const service = (ports: unknown): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', uid: 'u1' },
  spec: { ports },
})

const deployment = (spec: Record<string, unknown>): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u1' },
  spec: { template: { spec } },
})

const nothingStays = { stays: () => false, excluded: [] }

describe('foreign items', () => {
  it('are those whose key no wanted item has, a defaulted protocol counted in', () => {
    const body = service([{ name: 'http', port: 80 }])
    expect(foreignItems(body, service([{ name: 'http', port: 80, protocol: 'TCP' }]))).toEqual([])
    expect(foreignItems(body, service([{ name: 'http', port: 81, protocol: 'TCP' }]))).toEqual([
      { list: ['spec', 'ports'], index: 0, key: { port: 81, protocol: 'TCP' } },
    ])
  })

  it('are not looked for in a list that the body does not have', () => {
    const live = deployment({ containers: [{ name: 'web', env: [{ name: 'INJECTED' }] }], volumes: [{ name: 'token' }] })
    expect(foreignItems(deployment({ containers: [{ name: 'web' }] }), live)).toEqual([])
  })

  it('are found in lists inside of an item, at the index that the item has in the live object', () => {
    const body = deployment({ containers: [{ name: 'web', env: [{ name: 'A' }] }] })
    const live = deployment({ containers: [{ name: 'sidecar' }, { name: 'web', env: [{ name: 'A' }, { name: 'B' }] }] })
    expect(foreignItems(body, live)).toEqual([
      { list: ['spec', 'template', 'spec', 'containers'], index: 0, key: { name: 'sidecar' } },
      { list: ['spec', 'template', 'spec', 'containers', 1, 'env'], index: 1, key: { name: 'B' } },
    ])
  })

  it('do not exist for kinds that are not in the table', () => {
    const ingress = (rules: unknown): KubernetesObject => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web' },
      spec: { rules },
    })
    expect(foreignItems(ingress([{ host: 'a' }]), ingress([{ host: 'a' }, { host: 'b' }]))).toEqual([])
  })
})

describe('the repair', () => {
  it('puts our item where the foreign one stands, bound to the object and to the foreign key', () => {
    const patch = repairPatch(
      service([{ name: 'http', port: 8080 }]),
      service([{ name: 'http', port: 9999, protocol: 'TCP' }]),
      nothingStays,
    )
    expect(patch).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/spec/ports/0/port', value: 9999 },
      { op: 'test', path: '/spec/ports/0/protocol', value: 'TCP' },
      { op: 'replace', path: '/spec/ports', value: [{ name: 'http', port: 8080 }] },
    ])
  })

  it('keeps fields of others in our items, such as a node port that the server chose', () => {
    const live = service([
      { name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 },
      { name: 'debug', port: 81, protocol: 'TCP' },
    ])
    const patch = repairPatch(service([{ name: 'http', port: 80 }]), live, nothingStays)
    expect(patch.at(-1)).toEqual({
      op: 'replace',
      path: '/spec/ports',
      value: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 }],
    })
  })

  it('keeps items that stay', () => {
    const live = deployment({ containers: [{ name: 'web' }, { name: 'injected' }, { name: 'stray' }] })
    const patch = repairPatch(deployment({ containers: [{ name: 'web' }] }), live, {
      ...nothingStays,
      stays: ({ key }) => key['name'] === 'injected',
    })
    expect(patch.at(-1)).toEqual({ op: 'replace', path: '/spec/template/spec/containers', value: [{ name: 'web' }, { name: 'injected' }] })
  })

  it('is nothing when every foreign item stays', () => {
    const live = deployment({ containers: [{ name: 'web' }, { name: 'injected' }] })
    expect(repairPatch(deployment({ containers: [{ name: 'web' }] }), live, { ...nothingStays, stays: () => true })).toEqual([])
  })

  it('repairs a list inside of a live item without touching its siblings', () => {
    const body = deployment({ containers: [{ name: 'web', env: [{ name: 'A', value: '1' }] }] })
    const live = deployment({ containers: [{ name: 'web', image: 'x', env: [{ name: 'RENAMED', value: '1' }] }] })
    expect(repairPatch(body, live, nothingStays).at(-1)).toEqual({
      op: 'replace',
      path: '/spec/template/spec/containers/0/env',
      value: [{ name: 'A', value: '1' }],
    })
  })

  it('repairs an outer list with the lists inside of its items in one, since its items move', () => {
    const body = deployment({
      containers: [
        { name: 'web', env: [{ name: 'A', value: '1' }] },
        { name: 'helper', env: [{ name: 'H' }] },
      ],
    })
    const live = deployment({
      containers: [
        { name: 'stray' },
        { name: 'web', image: 'x', env: [{ name: 'A', value: '1' }, { name: 'RENAMED' }, { name: 'INJECTED' }] },
        { name: 'helper', env: [{ name: 'H' }] },
      ],
    })
    const patch = repairPatch(body, live, { ...nothingStays, stays: ({ key }) => key['name'] === 'INJECTED' })
    expect(patch.filter(({ op }) => op === 'replace')).toEqual([
      {
        op: 'replace',
        path: '/spec/template/spec/containers',
        value: [
          { name: 'web', image: 'x', env: [{ name: 'A', value: '1' }, { name: 'INJECTED' }] },
          { name: 'helper', env: [{ name: 'H' }] },
        ],
      },
    ])
    expect(patch.filter(({ op }) => op === 'test')).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'stray' },
      { op: 'test', path: '/spec/template/spec/containers/1/env/1/name', value: 'RENAMED' },
    ])
  })

  it('repairs lists inside of several items, each by itself', () => {
    const body = deployment({
      containers: [
        { name: 'web', env: [{ name: 'A' }] },
        { name: 'helper', ports: [{ containerPort: 80 }] },
      ],
    })
    const live = deployment({
      containers: [
        { name: 'helper', ports: [{ containerPort: 81, protocol: 'TCP' }] },
        { name: 'web', env: [{ name: 'A' }, { name: 'B' }] },
      ],
    })
    expect(repairPatch(body, live, nothingStays).filter(({ op }) => op === 'replace')).toEqual([
      { op: 'replace', path: '/spec/template/spec/containers/0/ports', value: [{ containerPort: 80 }] },
      { op: 'replace', path: '/spec/template/spec/containers/1/env', value: [{ name: 'A' }] },
    ])
  })

  it('keeps what others added deep inside of our items', () => {
    const body = deployment({ containers: [{ name: 'web', resources: { limits: { memory: '1Gi' } } }] })
    const live = deployment({
      containers: [{ name: 'web', resources: { limits: { memory: '2Gi', cpu: '1' }, requests: { cpu: '1' } } }, { name: 'stray' }],
    })
    expect(repairPatch(body, live, nothingStays).at(-1)).toMatchObject({
      value: [{ name: 'web', resources: { limits: { memory: '1Gi', cpu: '1' }, requests: { cpu: '1' } } }],
    })
  })

  it('knows the lists of each kind that has pods, of Services, and ports by protocol', () => {
    const pod = (containers: object[]) =>
      ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u1' }, spec: { containers } }) as KubernetesObject
    const cron = (containers: object[]) =>
      ({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'c', uid: 'u1' },
        spec: { jobTemplate: { spec: { template: { spec: { containers } } } } },
      }) as KubernetesObject
    for (const of of [pod, cron])
      expect(foreignItems(of([{ name: 'a' }]), of([{ name: 'a' }, { name: 'b' }]))).toMatchObject([{ index: 1, key: { name: 'b' } }])
    const dns = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53 },
    ]
    expect(
      foreignItems(
        service(dns),
        service([
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ]),
      ),
    ).toEqual([])
  })
})
