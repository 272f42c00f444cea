import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { readiness } from '../../src/api/readiness.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import { isMet, kindWave, orderOf } from '../../src/reconcile/order.ts'

const primary = { apiVersion: 'shop.example.com/v1', kind: 'Shop', metadata: { name: 'shop', uid: 'u1' } }

interface Made {
  apiVersion?: string
  kind: string
  name: string
  namespace?: string
  after?: string
  spec?: object
}

function made(...objects: Made[]) {
  const documents = objects.map(({ apiVersion = 'v1', kind, name, namespace = 'eu', after, spec }, index) => ({
    object: {
      apiVersion,
      kind,
      metadata: { name, namespace, ...(after === undefined ? {} : { annotations: { 'fairlead.dev/depends-on': after } }) },
      ...(spec ? { spec } : {}),
    } as KubernetesObject,
    position: { file: 'shop.yaml', line: 10 * index },
    positionOf: () => ({ file: 'shop.yaml', line: 10 * index + 5, column: 3 }),
  }))
  return desiredObjects(primary, documents, { scopeOf: () => 'Namespaced', sha256: String }).objects
}

/** The waves, each as the names of its objects. */
function wavesOf(...objects: Made[]): string[][] {
  const desired = made(...objects)
  const { order, problems } = orderOf(desired)
  expect(problems).toEqual([])
  const waves = Map.groupBy(desired, order.waveOf)
  return [...waves].sort(([one], [other]) => one - other).map(([, wave]) => wave.map(({ body }) => body.metadata.name))
}

const problemsOf = (...objects: Made[]) =>
  orderOf(made(...objects)).problems.map(({ at, message, remedy }) => `${at?.line}: ${message}; ${remedy}`)

const config = (name: string, after?: string): Made => ({ kind: 'ConfigMap', name, ...(after === undefined ? {} : { after }) })

describe('waves by kind', () => {
  it('write what an ordinary application consists of side by side', () => {
    const kinds: [string, string][] = [
      ['v1', 'ServiceAccount'],
      ['v1', 'ConfigMap'],
      ['v1', 'Secret'],
      ['v1', 'Service'],
      ['v1', 'PersistentVolumeClaim'],
      ['apps/v1', 'Deployment'],
      ['apps/v1', 'StatefulSet'],
      ['networking.k8s.io/v1', 'Ingress'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ]
    expect(wavesOf(...kinds.map(([apiVersion, kind]) => ({ apiVersion, kind, name: kind })))).toHaveLength(1)
  })

  it('put first what the API server refuses the others without, and webhooks last', () => {
    const rbac = 'rbac.authorization.k8s.io/v1'
    expect(
      wavesOf(
        { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', name: 'webhook' },
        { apiVersion: rbac, kind: 'RoleBinding', name: 'binding' },
        { kind: 'Pod', name: 'pod' },
        { apiVersion: rbac, kind: 'Role', name: 'role' },
        { kind: 'ServiceAccount', name: 'account' },
        { kind: 'Namespace', name: 'namespace' },
      ),
    ).toEqual([['namespace'], ['role', 'account'], ['binding', 'pod'], ['webhook']])
  })

  it('know a kind by its group: a Namespace of somebody else is an object like others', () => {
    const none = new Set<string>()
    expect(kindWave({ group: '', kind: 'Namespace' }, none)).toBe(0)
    expect(kindWave({ group: 'example.com', kind: 'Namespace' }, none)).toBe(kindWave({ group: '', kind: 'ConfigMap' }, none))
  })

  it('put a custom resource after the definition of its kind, which it requires', () => {
    const definition = { group: 'example.com', names: { kind: 'Widget' } }
    const objects = made(
      { apiVersion: 'example.com/v1', kind: 'Widget', name: 'widget' },
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'widgets.example.com', spec: definition },
      { apiVersion: 'other.com/v1', kind: 'Widget', name: 'other' },
    )
    const { order } = orderOf(objects)
    expect(objects.map((object) => order.requirementsOf(object).map(({ body }) => body.metadata.name))).toEqual([
      ['widgets.example.com'],
      [],
      [],
    ])
  })
})

describe('fairlead.dev/depends-on', () => {
  it('makes a wave for each step, whatever the order of the documents', () => {
    expect(wavesOf(config('c', 'ConfigMap/b'), config('a'), config('b', 'ConfigMap/a'), config('d', 'ConfigMap/a, ConfigMap/c'))).toEqual([
      ['a'],
      ['b'],
      ['c'],
      ['d'],
    ])
  })

  it('wins over the wave of a kind', () => {
    expect(wavesOf({ kind: 'ServiceAccount', name: 'account', after: 'ConfigMap/a' }, config('a'))).toEqual([['a'], ['account']])
  })

  it('takes the group and the namespace where the name alone says too little', () => {
    const objects = made(
      { kind: 'ConfigMap', name: 'a', namespace: 'us' },
      { kind: 'ConfigMap', name: 'a' },
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', after: 'ConfigMap/us/a' },
      { kind: 'Secret', name: 'near', after: 'ConfigMap/a' },
      { kind: 'Secret', name: 'last', after: 'Deployment.apps/eu/web' },
    )
    const { order } = orderOf(objects)
    expect(objects.map((object) => order.requirementsOf(object).map(({ key }) => key))).toEqual([[], [], ['us/a'], ['eu/a'], ['eu/web']])
  })

  it('refuses what is not rendered, with the place and the name that was probably meant', () => {
    expect(problemsOf(config('data'), { kind: 'Secret', name: 's', after: 'ConfigMap/dta' })).toEqual([
      '15: Secret/s: it depends on ConfigMap/dta, which is not rendered; did you mean "ConfigMap/data"?',
    ])
    expect(problemsOf({ kind: 'Secret', name: 's', after: 'data' })).toEqual([
      '5: Secret/s: "data" names no object; write Kind/name, or Kind.group/namespace/name',
    ])
  })

  it('refuses a name that could be two objects', () => {
    const ingress = (apiVersion: string): Made => ({ apiVersion, kind: 'Ingress', name: 'web' })
    expect(problemsOf(ingress('networking.k8s.io/v1'), ingress('example.com/v1'), config('c', 'Ingress/web'))).toEqual([
      '25: ConfigMap/c: Ingress/web could be any of Ingress.networking.k8s.io/eu/web, Ingress.example.com/eu/web; write Kind.group/namespace/name',
    ])
  })

  it('refuses a circle, once, with every place in it', () => {
    expect(
      problemsOf(config('a', 'ConfigMap/b'), config('b', 'ConfigMap/c'), config('c', 'ConfigMap/a'), config('d', 'ConfigMap/a')),
    ).toEqual([
      '5: objects wait for each other in a circle: ConfigMap/a → ConfigMap/b → ConfigMap/c → ConfigMap/a; take one of them out of ' +
        'fairlead.dev/depends-on; they stand at shop.yaml:5:3, shop.yaml:15:3, shop.yaml:25:3',
    ])
    expect(problemsOf(config('self', 'ConfigMap/self'))).toHaveLength(1)
  })
})

describe('a requirement', () => {
  const met = (object: object | undefined) => {
    const observed = object as KubernetesObject | undefined
    return isMet(observed, observed ? readiness(observed) : { state: 'inProgress', reason: 'NotFound', message: '' })
  }
  const job = (...types: string[]) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    status: { startTime: 'x', conditions: types.map((type) => ({ type, status: 'True' })) },
  })

  it('is met by a Job when its work is done, not when it runs', () => {
    expect([job(), job('Complete'), job('Failed')].map(met)).toEqual([false, true, false])
  })

  it('is met by a claim that is there: some are bound only when a pod uses them', () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, status: { phase: 'Pending' } }
    expect([claim, { ...claim, metadata: { name: 'c', deletionTimestamp: 'x' } }, undefined].map(met)).toEqual([true, false, false])
  })
})
