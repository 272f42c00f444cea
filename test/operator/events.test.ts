import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts'
import { ApiError, type ErrorClass } from '../../src/kube/errors.ts'
import { type EventFate, EventRecorder } from '../../src/operator/events.ts'
import { FakeClock } from '../api/fake-clock.ts'
import { type Line, logTo } from './stage.ts'

const minute = 60_000
const primary = (name = 'shop', namespace: string | undefined = 'eu'): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'App',
  metadata: { name, uid: `uid-${name}`, ...(namespace && { namespace }) },
})
const config = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'eu', uid: `uid-${name}` },
})
const created = (name = 'web') => [{ verb: 'created', cause: 'spec', of: config(name) }] as const

interface Body {
  metadata: { name: string; namespace: string }
  [field: string]: unknown
}

function stage(answer: (request: ApiRequest) => ErrorClass | undefined = () => undefined) {
  const requests: (ApiRequest & { body: Body })[] = []
  const fates: EventFate[] = []
  const lines: Line[] = []
  const clock = new FakeClock()
  const client = {
    request: async (request: ApiRequest) => {
      requests.push(request as ApiRequest & { body: Body })
      const refusal = answer(request)
      if (refusal) throw new ApiError({ class: refusal, method: request.method, path: request.path, code: 403, reason: 'Forbidden' })
      return {}
    },
  } as unknown as ApiClient
  const now = () => Date.parse('2026-01-01T00:00:00Z') + clock.now()
  const events = new EventRecorder({
    client,
    log: logTo(lines),
    instance: 'pod-1',
    clock,
    now,
    counted: (fate) => fates.push(fate),
    worded: (note) => note,
  })
  return { events, requests, fates, lines, clock }
}

describe('an event', () => {
  it('names the primary, the object, the action, the reason and who tells it', async () => {
    const { events, requests } = stage()
    events.wrote(primary(), created())
    await events.stop()
    expect(requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/eu/events',
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name: expect.stringMatching(/^shop\.[0-9a-f]+$/), namespace: 'eu' },
          eventTime: '2026-01-01T00:00:00.000000Z',
          regarding: { apiVersion: 'example.com/v1', kind: 'App', namespace: 'eu', name: 'shop', uid: 'uid-shop' },
          related: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'eu', name: 'web', uid: 'uid-web' },
          type: 'Normal',
          action: 'Create',
          reason: 'Created',
          note: 'ConfigMap/web (spec)',
          reportingController: 'fairlead.dev/operator',
          reportingInstance: 'pod-1',
        },
      }),
    ])
  })

  it.each([`${'a'.repeat(199)}-${'b'.repeat(40)}`, `${'a'.repeat(198)}.-${'b'.repeat(40)}`, 'system:node'])(
    'has a name that the server takes, also for %s',
    async (name) => {
      const { events, requests } = stage()
      events.wrote(primary(name), created())
      await events.stop()
      expect(requests[0]?.body.metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/)
    },
  )

  it('about a cluster-scoped primary stands in the namespace default', async () => {
    const { events, requests } = stage()
    events.wrote(primary('team', ''), created())
    await events.stop()
    expect(requests.map(({ path }) => path)).toEqual(['/apis/events.k8s.io/v1/namespaces/default/events'])
  })

  it('has a note that the server takes, however long the text', async () => {
    const { events, requests } = stage()
    const note = `${'ü'.repeat(1_000)}`
    events.told(primary(), [], [{ type: 'Ready', status: 'False', reason: 'Conflict', message: note }])
    await events.stop()
    const sent = requests[0]?.body['note'] as string
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(1024)
    expect(sent).toMatch(/^ü+…$/)
  })
})

describe('an event that is seen again', () => {
  it('is only counted for six minutes, then makes the series longer', async () => {
    const { events, requests, fates, clock } = stage()
    for (let time = 0; time < 5; time++) {
      events.wrote(primary(), created())
      await clock.advance(minute)
    }
    await clock.advance(minute)
    events.wrote(primary(), created())
    await events.stop()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH'])
    expect(requests[1]).toMatchObject({
      path: `/apis/events.k8s.io/v1/namespaces/eu/events/${requests[0]?.body.metadata.name}`,
      body: { series: { count: 6, lastObservedTime: '2026-01-01T00:06:00.000000Z' } },
    })
    expect(fates.filter((fate) => fate === 'merged')).toHaveLength(4)
  })

  it('is a new one when the server has dropped the first', async () => {
    const { events, requests, clock } = stage(({ method }) => (method === 'PATCH' ? 'notFound' : undefined))
    events.wrote(primary(), created())
    await clock.advance(7 * minute)
    events.wrote(primary(), created())
    await events.stop()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
  })

  it('is another one for another object, reason or primary', async () => {
    const { events, requests } = stage()
    events.wrote(primary(), created('one'))
    events.wrote(primary(), created('two'))
    events.wrote(primary('other'), created('one'))
    events.wrote(primary(), [{ verb: 'deleted', cause: 'spec', of: config('one') }])
    await events.stop()
    expect(requests).toHaveLength(4)
  })

  it('is another one when it says something else', async () => {
    const { events, requests } = stage()
    const held = (set: string) => [{ type: 'PruneHeld', status: 'True', reason: 'DefinitionChanged', message: `to delete: approve ${set}` }]
    events.told(primary(), [], held('one'))
    events.told(primary(), held('one'), held('two'))
    events.told(primary(), held('two'), held('one'))
    await events.stop()
    expect(requests.map(({ body }) => body['note'])).toEqual(['to delete: approve one', 'to delete: approve two'])
  })
})

describe('events in a flood', () => {
  it('of one primary end after 25, and one more every five minutes', async () => {
    const { events, requests, fates, clock } = stage()
    for (let at = 0; at < 40; at++) events.wrote(primary(), created(`c${at}`))
    await clock.advance(5 * minute)
    events.wrote(primary(), created('later'))
    await events.stop()
    expect(requests).toHaveLength(26)
    expect(fates.filter((fate) => fate === 'dropped')).toHaveLength(15)
  })

  it('of all together end after 50, but leave room for warnings', async () => {
    const { events, requests } = stage()
    for (let at = 0; at < 1_000; at++) events.wrote(primary(`p${at}`), created())
    events.told(primary('broken'), [], [{ type: 'Ready', status: 'False', reason: 'RenderFailed', message: 'why' }])
    await events.stop()
    expect(requests).toHaveLength(51)
    expect(requests.at(-1)?.body['reason']).toBe('RenderFailed')
  })
})

describe('an event that the server refuses', () => {
  it('is told in the log once, and not asked for again in that namespace for five minutes', async () => {
    const { events, requests, fates, lines, clock } = stage(() => 'forbidden')
    const tell = async (name: string, namespace: string) => {
      events.wrote(primary(name, namespace), created(name))
      await events.stop()
    }
    await tell('one', 'eu')
    await tell('two', 'eu')
    await tell('three', 'us')
    expect(requests).toHaveLength(2)
    expect(fates).toEqual(['refused', 'refused', 'refused'])
    expect(lines).toEqual([{ level: 'info', message: expect.stringMatching(/^no Events are written: /) }])
    await clock.advance(5 * minute)
    await tell('four', 'eu')
    expect(requests).toHaveLength(3)
  })

  it.each<ErrorClass>(['namespaceTerminating', 'network', 'serverError', 'alreadyExists'])('by %s is dropped', async (refusal) => {
    const { events, fates, lines } = stage(() => refusal)
    events.wrote(primary(), created())
    await events.stop()
    expect([fates, lines]).toEqual([['dropped'], []])
  })
})

describe('a primary that is on its way', () => {
  const since = (time: string) => [
    { type: 'Ready', status: 'False', reason: 'Waiting', message: 'waits for a door' },
    { type: 'Reconciling', status: 'True', lastTransitionTime: time, reason: 'Waiting', message: 'waits for a door' },
  ]
  const reasons = (requests: { body: Body }[]) => requests.map(({ body }) => `${String(body['reason'])}: ${String(body['note'])}`)

  it('is told after ten minutes, once', async () => {
    const { events, requests, clock } = stage()
    const waiting = since('2026-01-01T00:00:00Z')
    events.told(primary(), [], waiting)
    for (let time = 0; time < 9; time++) {
      await clock.advance(minute)
      events.told(primary(), waiting, waiting)
    }
    expect(requests).toEqual([])
    await clock.advance(minute)
    events.told(primary(), waiting, waiting)
    await clock.advance(30 * minute)
    await events.stop()
    expect(reasons(requests)).toEqual(['WaitingTooLong: on its way for ten minutes: waits for a door'])
  })

  it('is not told when it has arrived, or is gone', async () => {
    const { events, requests, clock } = stage()
    events.told(primary('one'), [], since('2026-01-01T00:00:00Z'))
    events.told(primary('two'), [], since('2026-01-01T00:00:00Z'))
    events.told(primary('one'), [], [{ type: 'Ready', status: 'True', reason: 'Ready' }])
    events.forget('uid-two')
    await clock.advance(30 * minute)
    await events.stop()
    expect(requests).toEqual([])
  })

  it('is told by the time that the status has, also after a restart, and not again by a later process', async () => {
    const early = stage()
    early.events.told(primary(), [], since('2025-12-31T23:55:00Z'))
    await early.clock.advance(5 * minute)
    await early.events.stop()
    expect(early.requests).toHaveLength(1)

    const late = stage()
    late.events.told(primary(), [], since('2025-12-31T23:40:00Z'))
    await late.clock.advance(30 * minute)
    await late.events.stop()
    expect(late.requests).toEqual([])
  })
})
