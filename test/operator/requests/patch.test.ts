import { describe, expect, it } from 'vitest'
import { patchRequests } from '../../../src/operator/requests/patch.ts'
import { scaleRequests } from '../../../src/operator/requests/scale.ts'
import { deployment, effectsStage, secret } from '../effects-stage.ts'
import { around, effect } from './around.ts'

const ref = (name: string, more = {}) => ({ apiVersion: 'v1', kind: 'Secret', name, ...more })
const labels = { app: 'web' }
const spec = {
  replicas: 1,
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } },
}

async function stageWithShop() {
  const stage = await effectsStage()
  const shop = await stage.primary('shop')
  return {
    stage,
    shop,
    patch: (inputs: object, id = 'steps/pause') => patchRequests.run(effect('patch', inputs, { id }), around(shop, stage.context)),
    scale: (inputs: object) => scaleRequests.run(effect('scale', inputs), around(shop, stage.context)),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

describe('patch', () => {
  it('holds fields of an object of somebody else, each step its own, until they are given back', async () => {
    await using it = await stageWithShop()
    const found = await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { a: 'MQ==' } })
    const pause = { metadata: { annotations: { paused: 'true' }, uid: 'ignored' } }
    const first = await it.patch({ target: ref('db'), patch: pause, foreign: true })
    expect(first).toEqual({
      kind: 'answered',
      value: { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'db', uid: found.metadata.uid },
    })
    await it.patch({ target: ref('db'), patch: { data: { b: 'Mg==' } }, foreign: true }, 'steps/more')
    expect(await it.stage.get(secret, 'db')).toMatchObject({
      metadata: { annotations: { paused: 'true' } },
      data: { a: 'MQ==', b: 'Mg==' },
    })

    const { value: target } = first as { value: object }
    expect(await it.patch({ target, patch: {} })).toEqual({ kind: 'answered', value: {} })
    const after = await it.stage.get(secret, 'db')
    expect(after?.metadata.annotations).toBeUndefined()
    expect(after?.['data']).toEqual({ a: 'MQ==', b: 'Mg==' })
  })

  it('leaves what is not this primary’s unless it is told to, another incarnation, and what is not there', async () => {
    await using it = await stageWithShop()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' } })
    const patch = { data: { b: 'Mg==' } }
    expect(await it.patch({ target: ref('db'), patch })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('foreign: true'),
    })
    expect(await it.patch({ target: ref('db', { uid: 'other' }), patch, foreign: true })).toEqual({
      kind: 'failed',
      message: 'Secret default/db is not there',
    })
    expect(await it.patch({ target: ref('none'), patch, foreign: true })).toMatchObject({ kind: 'failed' })
    expect(await it.patch({ target: ref('none', { uid: 'other' }), patch: {} })).toEqual({ kind: 'answered', value: {} })
    expect((await it.stage.get(secret, 'db'))?.['data']).toBeUndefined()
  })

  it('tells no value that the server refuses', async () => {
    await using it = await stageWithShop()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' } })
    const response = await it.patch({ target: ref('db'), patch: { data: { b: 'hunter2 is no base64' } }, foreign: true })
    expect(response.kind).toBe('failed')
    expect(JSON.stringify(response)).not.toContain('hunter2')
  })
})

describe('scale', () => {
  it('sets the replicas of a primary’s own object, bound to its UID, and of others only where it is told to', async () => {
    await using it = await stageWithShop()
    const { uid } = it.shop.metadata
    const metadata = { name: 'web', labels: { 'fairlead.dev/primary-uid': uid } }
    const { replicas: _replicas, ...open } = spec
    await it.stage.apply(deployment, { metadata, spec: open } as never, `fairlead/dependents/${uid}`)
    await it.stage.create(deployment, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'other' }, spec })
    const target = (name: string, more = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name, ...more })
    expect(await it.scale({ target: target('web'), replicas: 3 })).toEqual({ kind: 'answered', value: { replicas: 3 } })
    expect((await it.stage.get(deployment, 'web'))?.['spec']).toMatchObject({ replicas: 3 })
    expect(await it.scale({ target: target('web', { uid: 'another' }), replicas: 5 })).toMatchObject({ kind: 'failed' })
    expect(await it.scale({ target: target('other'), replicas: 5 })).toMatchObject({ kind: 'failed' })
    expect(await it.scale({ target: target('other'), replicas: 5, foreign: true })).toMatchObject({ kind: 'answered' })
    expect((await it.stage.get(deployment, 'web'))?.['spec']).toMatchObject({ replicas: 3 })
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' } })
    expect(await it.scale({ target: ref('db'), replicas: 1, foreign: true })).toEqual({
      kind: 'failed',
      message: 'a Secret cannot be scaled: its kind has no scale subresource',
    })
  })
})
