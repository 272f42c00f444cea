import { describe, expect, it } from 'vitest'
import { primaryUidLabel } from '../../../src/api/names.ts'
import { deleteRequests } from '../../../src/operator/requests/delete.ts'
import { claim, configMap, effectsStage, pod, secret, statefulSet } from '../effects-stage.ts'
import { around, effect } from './around.ts'

const secretRef = (name: string, more = {}) => ({ apiVersion: 'v1', kind: 'Secret', name, ...more })
const podSpec = { containers: [{ name: 'etcd', image: 'etcd' }] }

async function stageWithShop() {
  const stage = await effectsStage()
  const shop = await stage.primary('shop')
  const { uid } = shop.metadata
  return {
    stage,
    shop,
    uid,
    marks: (name: string, more = {}) => ({ name, labels: { [primaryUidLabel]: uid, ...more } }),
    manager: `fairlead/dependents/${uid}`,
    run: (inputs: object, signal?: AbortSignal) => deleteRequests.run(effect('delete', inputs), around(shop, stage.context, signal)),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

describe('delete', () => {
  it('takes away what this primary made; what is not there any more is gone already', async () => {
    await using it = await stageWithShop()
    await it.stage.apply(secret, { metadata: it.marks('made') }, it.manager)
    expect(await it.run({ objects: [secretRef('made'), secretRef('never')] })).toEqual({
      kind: 'answered',
      value: { deleted: ['Secret default/made'], gone: ['Secret default/never'] },
    })
    expect(await it.stage.get(secret, 'made')).toBeUndefined()
  })

  it('leaves another incarnation than the one that was meant', async () => {
    await using it = await stageWithShop()
    await it.stage.apply(secret, { metadata: it.marks('made') }, it.manager)
    expect(await it.run({ objects: [secretRef('made', { uid: 'another' })] })).toEqual({
      kind: 'answered',
      value: { deleted: [], gone: ['Secret default/made'] },
    })
    expect(await it.stage.get(secret, 'made')).toBeDefined()
  })

  it('leaves what others made, also where it carries our label, unless it is told to', async () => {
    await using it = await stageWithShop()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: it.marks('copied') })
    expect(await it.run({ objects: [secretRef('copied')] })).toEqual({
      kind: 'failed',
      message: 'Secret default/copied is not one of ConfigMap default/shop; with foreign: true it is taken all the same',
      value: { deleted: [], gone: [] },
    })
    expect(await it.stage.get(secret, 'copied')).toBeDefined()
    expect(await it.run({ objects: [secretRef('copied')], foreign: true })).toMatchObject({ kind: 'answered' })
    expect(await it.stage.get(secret, 'copied')).toBeUndefined()
  })

  it('takes the pods and the volume claims of a StatefulSet that this primary made, and no claim that only sounds like one', async () => {
    await using it = await stageWithShop()
    const selector = { matchLabels: { app: 'etcd' } }
    const set = await it.stage.apply(
      statefulSet,
      {
        metadata: it.marks('etcd'),
        spec: {
          serviceName: 'etcd',
          replicas: 0,
          selector,
          template: { metadata: { labels: selector.matchLabels }, spec: podSpec },
          volumeClaimTemplates: [
            { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
          ],
        },
      } as never,
      it.manager,
    )
    await it.stage.eventually(() => it.stage.dependentsOf(statefulSet).get('default/etcd'))
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'etcd', uid: set.metadata.uid, controller: true }
    const labels = selector.matchLabels
    await it.stage.create(pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'etcd-0', labels, ownerReferences: [owner] },
      spec: podSpec,
    })
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    const claimed = (name: string, more: object) =>
      it.stage.create(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, ...more }, spec })
    await claimed('data-etcd-0', { labels })
    await claimed('data-etcd-backup', { labels })
    await claimed('data-etcd-1', {})
    const ref = (kind: string, name: string) => ({ objects: [{ apiVersion: 'v1', kind, name }] })
    expect(await it.run(ref('Pod', 'etcd-0'))).toMatchObject({ kind: 'answered' })
    expect(await it.run(ref('PersistentVolumeClaim', 'data-etcd-0'))).toMatchObject({ kind: 'answered' })
    expect(await it.run(ref('PersistentVolumeClaim', 'data-etcd-backup'))).toMatchObject({ kind: 'failed' })
    expect(await it.run(ref('PersistentVolumeClaim', 'data-etcd-1'))).toMatchObject({ kind: 'failed' })
    expect(await it.run({ objects: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'shop' }] })).toMatchObject({ kind: 'failed' })
    expect(await it.stage.get(configMap, 'shop')).toBeDefined()
  })

  it('ends when they are gone, and has failed where a finalizer keeps one for too long', async () => {
    await using it = await stageWithShop()
    await it.stage.apply(secret, { metadata: { ...it.marks('kept'), finalizers: ['example.com/keep'] } }, it.manager)
    const ended: unknown[] = []
    const first = it.run({ objects: [secretRef('kept')] }).then((response) => ended.push(response))
    await it.stage.eventually(async () => (await it.stage.get(secret, 'kept'))?.metadata.deletionTimestamp)
    expect(ended).toEqual([])
    const controller = new AbortController()
    const second = it.run({ objects: [secretRef('kept')] }, controller.signal)
    it.stage.requests()
    // Once it looks whether the object is gone.
    await it.stage.eventually(() => it.stage.requests().includes('delete secrets 200'))
    await it.stage.eventually(() => it.stage.requests().includes('get secrets 200'))
    controller.abort('timeout')
    expect(await second).toMatchObject({
      kind: 'failed',
      message: 'Secret default/kept is deleted and not gone, since it has the finalizers example.com/keep: no answer within 30s',
    })
    await it.stage.merge(secret, 'kept', { metadata: { finalizers: null } })
    await first
    expect(ended).toEqual([{ kind: 'answered', value: { deleted: ['Secret default/kept'], gone: [] } }])
  })

  it('has failed for a kind that the server does not serve', async () => {
    await using it = await stageWithShop()
    expect(await it.run({ objects: [{ apiVersion: 'v1', kind: 'Secrets', name: 'a' }] })).toMatchObject({
      kind: 'failed',
      message: 'the server does not serve v1 Secrets',
    })
  })
})
