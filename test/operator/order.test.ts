import { describe, expect, it } from 'vitest'
import { app, config, configMap, deployment, stage } from './stage.ts'

const after = (object: ReturnType<typeof config>, names: string) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { 'fairlead.dev/depends-on': names } },
})
const kinds = [configMap, deployment]
const database = (image = 'db:1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'db' },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'db', image }] } } },
})
const ready = {
  replicas: 1,
  updatedReplicas: 1,
  availableReplicas: 1,
  readyReplicas: 1,
  conditions: [{ type: 'Available', status: 'True' }],
}
/** As the controller of Deployments would write it. */
const rolledOut = (stagehand: Awaited<ReturnType<typeof stage>>) =>
  stagehand.cluster.edit(deployment, 'db', (object) =>
    Object.assign(object, { status: { ...ready, observedGeneration: object.metadata.generation } }),
  )

describe('an object that depends on another one', () => {
  it('is written when that one is current, and the status names both until then', async () => {
    const hall = await stage({ kinds, render: () => [after(config('web'), 'Deployment/db'), config('free'), database()] })
    const { cluster, pass, conditions } = hall
    expect(await pass()).toEqual({ kind: 'wait', for: ['Deployment/db'] })
    expect([cluster.get('configmaps', 'web'), cluster.get('configmaps', 'free')?.kind]).toEqual([undefined, 'ConfigMap'])
    expect(conditions()['Reconciling']).toBe('True WaitingForDependents: ConfigMap/web waits for Deployment/db')

    rolledOut(hall)
    expect(await pass()).toMatchObject({ kind: 'done' })
    expect(cluster.get('configmaps', 'web')?.kind).toBe('ConfigMap')
    expect(conditions()['Ready']).toMatch(/^True/)
  })

  it('is written in the same pass where that one is current at once', async () => {
    const { cluster, pass } = await stage({ render: () => [after(config('b'), 'ConfigMap/a'), config('a')] })
    expect(await pass()).toMatchObject({ kind: 'done' })
    expect(cluster.requests().filter((request) => request.includes('configmaps'))).toEqual(['apply configmaps a', 'apply configmaps b'])
  })

  it('waits with its update, but not with what puts drift right', async () => {
    let size = '1'
    let image = 'db:1'
    const hall = await stage({ kinds, render: () => [after(config('web', { size }), 'Deployment/db'), database(image)] })
    const { cluster, pass } = hall
    await pass()
    rolledOut(hall)
    await pass()
    await pass()

    cluster.edit(deployment, 'db', (object) => Object.assign(object, { status: {} }))
    cluster.edit(configMap, 'web', (object) => Object.assign(object, { data: { size: 'edited' } }))
    await pass()
    expect(cluster.get('configmaps', 'web')?.['data']).toEqual({ size: '1' })

    size = '2'
    image = 'db:2'
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    expect(cluster.get('configmaps', 'web')?.['data']).toEqual({ size: '1' })
    rolledOut(hall)
    await pass()
    expect(cluster.get('configmaps', 'web')?.['data']).toEqual({ size: '2' })
  })

  it('waits for what those that are ready wait for', async () => {
    let size = '1'
    const render = () => [after(config('last', { size }), 'ConfigMap/middle'), after(config('middle'), 'Deployment/db'), database()]
    const hall = await stage({ kinds, render })
    const { cluster, pass, conditions } = hall
    await pass()
    rolledOut(hall)
    await pass()
    cluster.edit(deployment, 'db', (object) => Object.assign(object, { status: {} }))
    size = '2'
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    expect(cluster.get('configmaps', 'last')?.['data']).toEqual({ size: '1' })
    expect(conditions()['Reconciling']).toBe('True WaitingForDependents: ConfigMap/last waits for Deployment/db')
  })

  it('is not written after one that was refused', async () => {
    const { cluster, pass, conditions } = await stage({ render: () => [after(config('b'), 'ConfigMap/a'), config('a')] })
    cluster.edit(configMap, 'a', (object) => Object.assign(object, { data: { theirs: 'x' } }))
    await pass()
    expect(cluster.get('configmaps', 'b')).toBeUndefined()
    expect(conditions()['Stalled']).toMatch(/^True Conflict: ConfigMap\/a/)
  })

  it('keeps everything from being pruned while it waits', async () => {
    let next = false
    const hall = await stage({
      kinds,
      render: () => [next ? after(config('new'), 'Deployment/db') : config('old'), database()],
    })
    const { cluster, pass } = hall
    await pass()
    next = true
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    expect([cluster.get('configmaps', 'old')?.kind, cluster.get('configmaps', 'new')]).toEqual(['ConfigMap', undefined])
    rolledOut(hall)
    await pass()
    expect([cluster.get('configmaps', 'old'), cluster.get('configmaps', 'new')?.kind]).toEqual([undefined, 'ConfigMap'])
  })
})
