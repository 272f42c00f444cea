import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import { sameWorld } from '../../../src/testing/crashes/play.ts'
import { RunNames } from '../../../src/testing/crashes/end-state.ts'
import { differences } from '../../../src/testing/world.ts'

const uids = ['11111111-2fa1-11d2-883f-0016d3cca427', '22222222-2fa1-11d2-883f-0016d3cca427'] as const
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A primary, its ConfigMap, and the Secret with its password, which stands in the ConfigMap too. */
function objectsOf({ namespace = 'crash', uid = uids[0] as string, time = '2026-01-01T00:00:00Z', password = 'hunter2hunter2' } = {}) {
  const managed = (manager: string) => [{ manager, operation: 'Apply' as const, apiVersion: 'v1', time, fieldsV1: {} }]
  return [
    { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'shop', namespace, uid, managedFields: managed('history') } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'shop',
        namespace,
        uid: uid.replace('-', '-0').slice(0, 36),
        resourceVersion: String(time.length),
        creationTimestamp: time,
        labels: { 'fairlead.dev/primary-uid': uid },
        managedFields: managed(`fairlead/dependents/${uid}`),
      },
      data: { url: `postgres://app:${password}@db.${namespace}` },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'shop-generated',
        namespace,
        uid: uid.replace('-', '-1').slice(0, 36),
        managedFields: managed(`fairlead/generated/${uid}`),
      },
      data: { password: base64(password), 'records.json': base64('{}') },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace, managedFields: managed('kube-controller-manager') },
    },
  ] as unknown as KubernetesObject[]
}

const runIn = (namespace = 'crash') => new RunNames({ namespace }, new Set(['history']))

describe('the state of a run', () => {
  it('is that of another run with other names, UIDs, times and passwords', () => {
    const one = runIn().state(objectsOf())
    const other = runIn('other').state(
      objectsOf({ namespace: 'other', uid: uids[1], time: '2027-02-02T11:11:11.123456Z', password: 'correct horse battery' }),
    )
    expect(differences(other, one)).toEqual([])
    expect(sameWorld(other, one)).toBe(true)
  })

  it('has what the operator or the history has written, and nothing of others', () => {
    expect([...runIn().state(objectsOf()).keys()]).toEqual([
      'ConfigMap <namespace>/shop',
      'Secret <namespace>/shop-generated',
      'Shop.example.com <namespace>/shop',
    ])
  })

  it('has conditions whatever their order', () => {
    const withConditions = (types: readonly string[]) => {
      const [shop] = objectsOf() as [KubernetesObject]
      return runIn().state([{ ...shop, status: { conditions: types.map((type) => ({ type, status: 'True' })) } }])
    }
    expect(differences(withConditions(['Available', 'Progressing']), withConditions(['Progressing', 'Available']))).toEqual([])
    expect(differences(withConditions(['Available']), withConditions(['Progressing']))).not.toEqual([])
  })

  it('does not tell in which folder the project was, also where a namespace is called as a part of that', () => {
    const told = (folder: string) => {
      const [shop] = objectsOf() as [KubernetesObject]
      return runIn().state([{ ...shop, status: { message: `${folder}/charts/shop/templates/shop.yaml:1:4: this is broken` } }])
    }
    expect(differences(told('/tmp/fairlead-crashes-a1B2c3'), told('/tmp/fairlead-crashes-d4E5f6'))).toEqual([])
  })

  it('tells whether what was read is recorded anew since the step began', () => {
    const told = (run: RunNames, read: string) => {
      const [shop] = objectsOf() as [KubernetesObject]
      return run.state([{ ...shop, status: { observedRevision: `${'a'.repeat(64)}+0a1b2c3d-${read}` } }])
    }
    const [one, other] = [runIn(), runIn()]
    expect(differences(told(one, '11111111'), told(other, '22222222'))).toEqual([])
    for (const run of [one, other]) run.nextStep()
    expect(differences(told(one, '33333333'), told(other, '44444444'))).toEqual([])
    expect(differences(told(one, '11111111'), told(other, '44444444'))).not.toEqual([])
  })

  it('is another one where a field, a manager or an owner is', () => {
    const expected = runIn().state(objectsOf())
    const [shop, configMap, secret] = objectsOf() as [KubernetesObject, KubernetesObject, KubernetesObject]
    const changed = { ...configMap, metadata: { ...configMap.metadata, labels: { 'fairlead.dev/primary-uid': uids[1] } } }
    expect(differences(runIn().state([shop, changed, secret]), expected)).toEqual([
      'ConfigMap <namespace>/shop metadata.labels.fairlead.dev/primary-uid: "<a uid>", not "<uid of Shop <namespace>/shop>"',
    ])
    expect(differences(runIn().state([shop, secret]), expected)).toEqual(['ConfigMap <namespace>/shop is missing'])
  })

  it('tells a password that was made anew from the one that was there, wherever it stands', () => {
    const expected = runIn().state(objectsOf())
    const run = runIn()
    run.observe(objectsOf({ password: 'the first one' }))
    expect(differences(run.state(objectsOf({ password: 'another one' })), expected)).toEqual([
      'ConfigMap <namespace>/shop data.url: "postgres://app:<value 2 of <namespace>/shop-generated/password>@db.<namespace>", not "postgres://app:<value 1 of <namespace>/shop-generated/password>@db.<namespace>"',
      'Secret <namespace>/shop-generated data.password: "<value 2 of <namespace>/shop-generated/password>", not "<value 1 of <namespace>/shop-generated/password>"',
    ])
  })
})
