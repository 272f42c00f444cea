import { describe, expect, it } from 'vitest'
import { app, appDefinition, config, configMap, fullStatus, stage } from './stage.ts'

const statusOf = (cluster: Awaited<ReturnType<typeof stage>>['cluster']) =>
  cluster.there('apps.app.company.com', 'shop')['status'] as Record<string, unknown> | undefined
interface Condition {
  type: string
  status: string
  lastTransitionTime: string
  observedGeneration: number
}
const conditionsOf = (cluster: Awaited<ReturnType<typeof stage>>['cluster']) =>
  (cluster.there('apps.app.company.com', 'shop')['status'] as { conditions: Condition[] }).conditions
const touch = (cluster: Awaited<ReturnType<typeof stage>>['cluster'], value: string) =>
  cluster.edit(app, 'shop', ({ metadata }) => void (metadata.annotations = { ...metadata.annotations, touched: value }))
const writes = (requests: string[]) => requests.filter((request) => request.includes('apps.app'))

describe('a status', () => {
  it('that equals the live one is not sent, also by another process', async () => {
    const first = await stage()
    await first.passes()
    const { cluster, pass } = await first.restart()
    touch(cluster, '1')
    await pass()
    touch(cluster, '2')
    await pass()
    expect(cluster.requests()).toEqual([])
  })

  it('is bound to the version that the pass read, and forced, under a manager of its own', async () => {
    const { cluster, pass } = await stage()
    const { uid, resourceVersion } = cluster.there('apps.app.company.com', 'shop').metadata as { uid: string; resourceVersion: string }
    await pass()
    const sent = cluster.asked.find(({ resource }) => resource.endsWith('/status'))?.request
    expect(sent?.query).toMatchObject({ fieldManager: `fairlead/status/${uid}`, force: true })
    expect(sent?.body).toMatchObject({ metadata: { uid, resourceVersion } })
  })

  it('that the server prunes is sent once, and not again in each pass', async () => {
    const { cluster, pass, passes, program } = await stage()
    program.assess = () => ({ kind: 'status', status: { url: 'http://shop' }, readNow: false })
    cluster.admit = (object) => {
      delete (object['status'] as { url?: string } | undefined)?.url
      return object
    }
    await passes()
    touch(cluster, '1')
    await pass()
    touch(cluster, '2')
    await pass()
    expect(cluster.requests()).toEqual([])
  })

  it('that somebody else changed is put back', async () => {
    const { cluster, passes, conditions } = await stage()
    await passes()
    cluster.edit(app, 'shop', (object) => Object.assign(object['status'] as object, { conditions: [] }))
    await passes()
    expect(conditions()['Ready']).toMatch(/^True/)
  })

  it('keeps the times of its transitions, also over a restart', async () => {
    const first = await stage()
    await first.passes()
    const timesOf = (cluster: typeof first.cluster) =>
      conditionsOf(cluster).map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`)
    const times = timesOf(first.cluster)
    const { cluster, clock, passes, program } = await first.restart()
    await clock.advance(3_600_000)
    program.render = () => [config('c'), config('d')]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    expect(statusOf(cluster)).toMatchObject({ observedGeneration: 2 })
    expect(timesOf(cluster)).toEqual(times)
  })

  it('says when the readiness changed', async () => {
    const { cluster, clock, passes, program } = await stage()
    await passes()
    await clock.advance(3_600_000)
    program.render = () => ({ kind: 'problems', problems: [{ code: 'TEMPLATE_FAILED', message: 'no' }] })
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    const ready = conditionsOf(cluster).find(({ type }) => type === 'Ready')
    expect(ready).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-01T01:00:00Z', observedGeneration: 2 })
  })

  it('leaves conditions of others alone', async () => {
    const { cluster, passes, conditions } = await stage()
    await passes()
    cluster.edit(app, 'shop', (object) =>
      (object['status'] as { conditions: object[] }).conditions.push({ type: 'Theirs', status: 'True', reason: 'Said', message: '' }),
    )
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    expect(conditions()).toMatchObject({ Theirs: 'True Said', Ready: 'True Ready: 1 dependent is ready' })
  })

  it('is written again after a pass that met another version of the primary', async () => {
    const { cluster, pass, conditions } = await stage()
    const release = cluster.holdEvents()
    touch(cluster, '1')
    expect(await pass()).toMatchObject({ kind: 'retry', error: { class: 'conflict' } })
    expect(conditions()).toEqual({})
    release()
    await pass()
    expect(conditions()['Ready']).toMatch(/^True/)
  })
})

describe('a kind without room for a status', () => {
  it('has it in an annotation, written once', async () => {
    const { cluster, pass, passes } = await stage({ definition: undefined })
    await passes()
    const { annotations } = cluster.there('apps.app.company.com', 'shop').metadata as { annotations: Record<string, string> }
    expect(JSON.parse(annotations['fairlead.dev/status'] as string)).toMatchObject({
      observedGeneration: 1,
      conditions: [{ type: 'Ready', status: 'True' }, {}, {}],
    })
    touch(cluster, '1')
    await pass()
    expect(cluster.requests()).toEqual([])
    expect(statusOf(cluster)).toBeUndefined()
  })

  it('has the program’s own fields in /status and conditions in the annotation, where only those have no room', async () => {
    const { cluster, pass, passes, program } = await stage({
      definition: appDefinition({ type: 'object', properties: { url: fullStatus.properties.url } }),
    })
    program.assess = () => ({ kind: 'status', status: { url: 'http://shop' }, readNow: false })
    await pass()
    expect(writes(cluster.requests())).toEqual(['apply apps.app.company.com/status shop', 'patch apps.app.company.com shop'])
    expect(statusOf(cluster)).toEqual({ url: 'http://shop' })
    await passes()
  })

  it('knows its last clean pass after a restart: a dependent that went meanwhile is healed', async () => {
    const first = await stage({ definition: undefined })
    await first.passes()
    await first.stop()
    first.cluster.remove(configMap, 'c')
    const { pass, logged } = await first.restart()
    await pass()
    expect(logged('info')).toEqual(['created ConfigMap/c (drift)'])
  })
})
