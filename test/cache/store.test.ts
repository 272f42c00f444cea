import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { overlayLifetime } from '../../src/cache/overlay.ts'
import { createPool } from '../../src/cache/pool.ts'
import { Store, type StoreOptions } from '../../src/cache/store.ts'
import { FakeClock } from '../api/fake-clock.ts'

const kind = { group: '', version: 'v1', kind: 'ConfigMap' }

const object = (name: string, uid: string, version: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid, resourceVersion: version, labels: { owner: 'p1' } },
  ...more,
})

function storeWith(objects: KubernetesObject[], options: Partial<StoreOptions> = {}) {
  const clock = new FakeClock()
  const store = new Store({ kind, clock, pool: createPool(), ...options })
  const list = store.relist()
  list.page(objects, '100')
  const changes = list.finish('100')
  return { clock, store, changes }
}

const names = (objects: Iterable<KubernetesObject>) =>
  [...objects].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).toSorted()

describe('what a store keeps', () => {
  it('is frozen at every depth, whether it came by list, by event or by an own write', () => {
    const { store } = storeWith([object('a', 'ua', '1', { spec: { list: [{ x: [1] }], map: { y: {} } } })])
    store.take({ type: 'ADDED', object: object('b', 'ub', '101', { spec: { list: [{ x: [1] }], map: { y: {} } } }) })
    store.wrote(object('c', 'uc', '102', { spec: { list: [{ x: [1] }], map: { y: {} } } }))
    const unfrozen: string[] = []
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) unfrozen.push(path)
      for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`)
    }
    for (const each of store.values()) visit(each, each.metadata.name)
    expect([store.size, unfrozen]).toEqual([3, []])
  })

  it('has an apiVersion and a kind, which the items of a list lack', () => {
    const { metadata } = object('a', 'ua', '1')
    const { store } = storeWith([{ metadata } as KubernetesObject])
    expect(store.get('shop/a')).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  })

  it('went through the reduction', () => {
    const ingest = ({ apiVersion, kind: name, metadata }: KubernetesObject) => ({ apiVersion, kind: name, metadata })
    const { store } = storeWith([object('a', 'ua', '1', { data: { big: 'x' } })], { ingest })
    store.take({ type: 'MODIFIED', object: object('a', 'ua', '101', { data: { big: 'y' } }) })
    expect(store.get('shop/a')).toEqual(object('a', 'ua', '101'))
  })

  it('shares the copies of field sets that are equal, also below sets that differ', () => {
    const managed = (uid: string) => ({
      'f:metadata': { [`k:{"uid":"${uid}"}`]: {} },
      'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': {} } },
    })
    const withFields = (name: string, uid: string) => {
      const made = object(name, uid, '1')
      made.metadata.managedFields = [{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsV1: managed(uid) }]
      return made
    }
    const { store } = storeWith([withFields('a', 'ua'), withFields('b', 'ub')])
    const [a, b] = ['shop/a', 'shop/b'].map((key) => store.get(key)?.metadata.managedFields?.[0]?.fieldsV1)
    expect(a).toEqual(managed('ua'))
    expect(b).toEqual(managed('ub'))
    expect(a?.['f:spec']).toBe(b?.['f:spec'])
  })
})

describe('a new list', () => {
  it('keeps the very object where version and UID are the same, and tells only what differs', () => {
    const { store, changes } = storeWith([object('a', 'ua', '1'), object('b', 'ub', '2'), object('c', 'uc', '3'), object('d', 'ud', '4')])
    expect(changes.map(({ before, after }) => [before?.metadata.name, after?.metadata.name])).toEqual([
      [undefined, 'a'],
      [undefined, 'b'],
      [undefined, 'c'],
      [undefined, 'd'],
    ])
    const before = store.get('shop/a')
    const list = store.relist()
    list.page([object('a', 'ua', '1'), object('b', 'ub', '105')], '110')
    list.page([object('d', 'other', '106'), object('e', 'ue', '107')], '110')
    expect(names(store.values())).toEqual(['a@1', 'b@2', 'c@3', 'd@4'])
    const told = list.finish('110').map(({ before: old, after }) => [old?.metadata.uid, after?.metadata.uid])
    expect(told).toEqual([
      ['uc', undefined],
      ['ud', undefined],
      ['ub', 'ub'],
      [undefined, 'other'],
      [undefined, 'ue'],
    ])
    expect(store.get('shop/a')).toBe(before)
    expect([store.byUid('uc'), store.byUid('ud')]).toEqual([undefined, undefined])
  })
})

describe('the index', () => {
  const index = ({ metadata }: KubernetesObject) => metadata.labels?.['owner']

  it('follows events, lists and own writes', () => {
    const { store } = storeWith([object('a', 'ua', '1'), object('b', 'ub', '2')], { index })
    expect(names(store.byIndex('p1'))).toEqual(['a@1', 'b@2'])
    const moved = object('a', 'ua', '101')
    moved.metadata.labels = { owner: 'p2' }
    store.take({ type: 'MODIFIED', object: moved })
    const unlabelled = object('b', 'ub', '102')
    unlabelled.metadata.labels = {}
    store.wrote(unlabelled)
    store.wrote(object('c', 'uc', '103'))
    expect([names(store.byIndex('p1')), names(store.byIndex('p2')), names(store.byIndex('p3'))]).toEqual([['c@103'], ['a@101'], []])
    store.take({ type: 'DELETED', object: object('a', 'ua', '104') })
    expect(names(store.byIndex('p2'))).toEqual([])
  })
})

describe('an own write', () => {
  it('is read at once, whether it creates or changes', () => {
    const { store } = storeWith([object('a', 'ua', '1')])
    store.wrote(object('a', 'ua', '101'))
    store.wrote(object('b', 'ub', '102'))
    expect([names(store.values()), store.size]).toEqual([['a@101', 'b@102'], 2])
    expect([store.get('shop/a')?.metadata.resourceVersion, store.byUid('ub')?.metadata.name]).toEqual(['101', 'b'])
  })

  it('says nothing new when its event came before its answer', () => {
    const { store } = storeWith([])
    store.take({ type: 'ADDED', object: object('a', 'ua', '101') })
    store.take({ type: 'MODIFIED', object: object('a', 'ua', '102', { data: { by: 'another' } }) })
    store.wrote(object('a', 'ua', '101'))
    expect(store.get('shop/a')).toMatchObject({ data: { by: 'another' } })
  })

  it('does not bring back an object whose deletion came before the answer', () => {
    const { store } = storeWith([])
    store.take({ type: 'ADDED', object: object('a', 'ua', '101') })
    store.take({ type: 'DELETED', object: object('a', 'ua', '102') })
    store.wrote(object('a', 'ua', '101'))
    expect(store.get('shop/a')).toBeUndefined()
  })

  it('is kept over the answer of an earlier write that comes later', () => {
    const { store } = storeWith([])
    store.wrote(object('a', 'ua', '102'))
    store.wrote(object('a', 'ua', '101'))
    expect(store.get('shop/a')?.metadata.resourceVersion).toBe('102')
  })

  it('stands while older events of its object and events of others come', () => {
    const { store } = storeWith([object('a', 'ua', '1')])
    store.wrote(object('a', 'ua', '110'))
    store.take({ type: 'MODIFIED', object: object('a', 'ua', '105') })
    store.take({ type: 'ADDED', object: object('b', 'ub', '106') })
    expect(store.get('shop/a')?.metadata.resourceVersion).toBe('110')
  })

  it.each<[string, (store: Store, clock: FakeClock) => unknown, string | undefined]>([
    [
      'with the event of its version',
      (store) => store.take({ type: 'MODIFIED', object: object('a', 'ua', '110', { from: 'event' }) }),
      'event',
    ],
    [
      'with an event past its version',
      (store) => store.take({ type: 'MODIFIED', object: object('a', 'ua', '120', { from: 'event' }) }),
      'event',
    ],
    ['when its object is deleted', (store) => store.take({ type: 'DELETED', object: object('a', 'ua', '105') }), undefined],
    ['when a bookmark has passed it', (store) => store.passed('110'), 'list'],
    [
      'with a new list',
      (store) => {
        const list = store.relist()
        list.page([object('a', 'ua', '1', { from: 'list' })], '103')
        list.finish('103')
      },
      'list',
    ],
    ['with a 410', (store) => store.forgetWrites(), 'list'],
    ['when versions go back', (store) => store.restored(), 'list'],
    ['after a minute', (_store, clock) => clock.advance(overlayLifetime), 'list'],
  ])('falls away %s', async (_when, happens, from) => {
    const { store, clock } = storeWith([object('a', 'ua', '1', { from: 'list' })])
    store.wrote(object('a', 'ua', '110', { from: 'write' }))
    expect(store.get('shop/a')?.['from']).toBe('write')
    await happens(store, clock)
    expect(store.get('shop/a')?.['from']).toBe(from)
  })

  it('stands until just before its minute is over', async () => {
    const { store, clock } = storeWith([])
    store.wrote(object('a', 'ua', '110'))
    await clock.advance(overlayLifetime - 1)
    expect(store.size).toBe(1)
    await clock.advance(1)
    expect([store.size, store.get('shop/a'), store.byUid('ua'), [...store.values()]]).toEqual([0, undefined, undefined, []])
  })
})

describe('an equal version', () => {
  it('is no change', () => {
    const { store } = storeWith([object('a', 'ua', '1')])
    expect(store.take({ type: 'MODIFIED', object: object('a', 'ua', '1') })).toEqual([])
  })

  it('is a change where the object is shown otherwise, as after a change of its definition', () => {
    const { store } = storeWith([object('a', 'ua', '1', { spec: { size: 1, gone: true } }), object('b', 'ub', '2', { spec: { size: 1 } })])
    const list = store.relist()
    list.page([object('a', 'ua', '1', { spec: { size: 1 } }), object('b', 'ub', '2', { spec: { size: 1 } })], '110')
    expect(list.finish('110').map(({ before, after }) => [before?.['spec'], after?.['spec']])).toEqual([
      [{ size: 1, gone: true }, { size: 1 }],
    ])
  })

  it('is trusted no longer in a list whose own version went back', () => {
    const { store } = storeWith([object('a', 'ua', '90', { from: 'before' })])
    const list = store.relist()
    list.page([object('a', 'ua', '90', { from: 'backup' })], '95')
    expect(list.finish('95')).toHaveLength(1)
    expect(store.get('shop/a')?.['from']).toBe('backup')
  })
})
