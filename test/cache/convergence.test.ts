import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { objectKey } from '../../src/api/object.ts'
import { createPool } from '../../src/cache/pool.ts'
import { Reflector } from '../../src/cache/reflector.ts'
import { Store } from '../../src/cache/store.ts'
import { compareVersions } from '../../src/cache/version.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'
import { error, FakeServer } from './fake-server.ts'

const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name, label: fc.constantFrom('x', 'y') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  // The watch never tells of it.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), name, what: fc.constantFrom('put', 'delete') }) },
  // The answer to one of the writes comes, out of order and possibly long after its event.
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), at: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'drop',
        'break',
        'cut',
        'compact',
        'bookmark',
        'failList',
        'failWatch',
        'forbid',
        'remove',
        'heal',
        'backup',
        'restore',
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.constantFrom(100, 2_000, 45_000, 250_000) }) },
)

const byName = (objects: Iterable<KubernetesObject>) =>
  [...objects].toSorted((a, b) => (objectKey(a.metadata) < objectKey(b.metadata) ? -1 : 1))

it('ends with what the server holds, whatever events, lists, own writes and broken watches come in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const server = new FakeServer()
      server.pageLimit = 2
      const clock = new FakeClock()
      const index = ({ metadata }: KubernetesObject) => metadata.labels?.['group']
      const store = new Store({
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        clock,
        pool: createPool(),
        index,
        ingest: undefined,
      })
      const told = new Map<string, KubernetesObject>()
      const reflector = new Reflector({
        client: server,
        store,
        locate: () => Promise.resolve({ kind: 'path', path: '/api/v1/configmaps' }),
        labelSelector: undefined,
        clock,
        random: () => 0.5,
        onChange: ({ before, after }) => {
          const key = objectKey((after ?? before)?.metadata as { name: string })
          expect(told.get(key)).toBe(before)
          if (after) told.set(key, after)
          else told.delete(key)
        },
      })
      const stop = new AbortController()
      const ended = reflector.run(stop.signal)
      const answers: KubernetesObject[] = []
      let backup: { version: number; objects: Map<string, KubernetesObject> } | undefined
      let cut = false
      let restored = false
      let lost = false

      /** Every reader's view, against the server's objects. */
      const check = () => {
        const objects = byName(server.objects.values())
        expect(byName(store.values())).toEqual(objects)
        expect(store.size).toBe(objects.length)
        expect(byName(told.values())).toEqual(objects)
        for (const object of objects) {
          expect(store.get(objectKey(object.metadata))).toEqual(object)
          expect(store.byUid(object.metadata.uid as string)).toEqual(object)
        }
        for (const label of ['x', 'y']) expect(byName(store.byIndex(label))).toEqual(objects.filter((object) => index(object) === label))
      }

      for (const action of steps) {
        switch (action.do) {
          case 'put':
            answers.push(server.put(action.name, { labels: { group: action.label } }))
            break
          case 'delete':
            server.delete(action.name)
            break
          case 'lose':
            server.deaf = true
            if (action.what === 'put') server.put(action.name, { labels: { group: 'x' } })
            else server.delete(action.name)
            server.deaf = false
            lost = true
            break
          case 'answer': {
            const [answer] = answers.splice(action.at % Math.max(1, answers.length), 1)
            if (!answer) break
            const key = objectKey(answer.metadata)
            store.wrote(structuredClone(answer))
            const now = server.objects.get(key)
            // Read-your-writes: as long as it is this object that is there, it is seen at that version or a later one.
            if (restored || lost || now?.metadata.uid !== answer.metadata.uid) break
            expect(store.get(key)?.metadata.uid).toBe(answer.metadata.uid)
            expect(compareVersions(store.get(key)?.metadata.resourceVersion, answer.metadata.resourceVersion)).toBeGreaterThanOrEqual(0)
            break
          }
          case 'settle':
            await settled()
            break
          case 'advance':
            await clock.advance(action.by)
            break
          case 'drop':
            server.drop()
            break
          case 'break':
            server.drop(() => error('network', 200))
            break
          case 'cut':
            server.cut()
            cut = true
            break
          case 'compact':
            server.compact()
            break
          case 'bookmark':
            server.bookmark()
            break
          case 'failList':
            server.failList = () => error('serverError', 500)
            break
          case 'failWatch':
            server.failWatch = () => error('network', 0)
            break
          case 'forbid':
            server.failWatch = server.failList = () => error('forbidden', 403)
            break
          case 'remove':
            server.failWatch = server.failList = () => error('kindUnknown', 404)
            break
          case 'heal':
            server.failWatch = server.failList = undefined
            break
          case 'backup':
            backup = { version: server.version, objects: new Map(server.objects) }
            break
          case 'restore':
            if (!backup) break
            server.restore(backup.version)
            server.objects.clear()
            for (const [key, object] of backup.objects) server.objects.set(key, object)
            server.drop(() => error('network', 200))
            restored = true
            break
        }
        if (reflector.state === 'synced' && !cut && !restored && !lost && action.do === 'settle' && server.watches.size === 1) check()
      }

      server.failWatch = server.failList = undefined
      // A restored server is noticed by its first version that goes back, or by a list.
      server.bookmark()
      // Long enough for an audit in any case.
      await clock.advance(1_300_000)
      expect(reflector.state).toBe('synced')
      check()
      stop.abort()
      await ended
      expect(clock.timers).toBe(0)
    }),
    { numRuns: 400 },
  )
})
