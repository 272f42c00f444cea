import { describe, expect, it } from 'vitest'
import type { JsonObject, ManagedFieldsEntry } from '../../../src/api/object.ts'
import { builtIn } from './built-in.ts'
import { dotted, History } from './history.ts'

const history = () => new History()

describe('a create', () => {
  it('owns everything that it brings, containers included', () => {
    const made = history().update(
      'u',
      { spec: { text: 'x', map: { k: '1' }, items: [{ name: 'i' }], tags: ['t'] } },
      { metadata: { labels: { l: '1' } } },
    )
    expect(made.owners).toEqual({
      'u Update': [
        '.metadata.labels',
        '.metadata.labels.l',
        '.spec',
        '.spec.items',
        '.spec.items[name="i"]',
        '.spec.items[name="i"].name',
        '.spec.map',
        '.spec.map.k',
        '.spec.tags',
        '.spec.tags[="t"]',
        '.spec.text',
      ],
    })
  })

  it('of a built-in kind does not own what its type always has', () => {
    const made = new History({ apiVersion: 'apps/v1', kind: 'Deployment', schema: builtIn('apps/v1', 'Deployment') })
    made.update('u', {
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        strategy: { type: 'RollingUpdate' },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', resources: {} }] } },
      },
      status: {},
    })
    expect(made.owners).toEqual({
      'u Update': [
        '.spec.replicas',
        '.spec.selector',
        '.spec.strategy.type',
        '.spec.template.metadata.labels',
        '.spec.template.metadata.labels.a',
        '.spec.template.spec.containers[name="c"]',
        '.spec.template.spec.containers[name="c"].name',
        '.spec.template.spec.containers[name="c"].resources',
      ],
    })
  })

  it('is called unknown without a manager', () => {
    expect(history().update('', { spec: { text: 'x' } }).entries[0]?.manager).toBe('unknown')
  })
})

describe('an update', () => {
  it('takes what it changes from everybody, also from appliers', () => {
    const made = history()
      .apply('a', { spec: { text: 'x', map: { k: '1', l: '1' }, args: ['1'] } })
      .update('u', { spec: { text: 'y', map: { k: '1', l: '2' }, args: ['2'] } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.map.k'], 'u Update': ['.spec.args', '.spec.map.l', '.spec.text'] })
  })

  it('adds to what its manager owned before', () => {
    const made = history()
      .apply('a', { spec: { replicas: 1 } })
      .update('u', { spec: { replicas: 1, text: 'x' } })
      .update('u', { spec: { replicas: 1, text: 'x', map: { k: '1' } } })
    expect(made.owners['u Update']).toEqual(['.spec.map', '.spec.map.k', '.spec.text'])
  })

  it('takes what it removes from everybody and owns nothing for it', () => {
    const made = history()
      .apply('a', { spec: { text: 'x', tags: ['s', 't'] } })
      .update('u', { spec: { tags: ['t'] } })
    expect(made.owners).toEqual({ 'a Apply': ['.spec.tags[="t"]'] })
  })

  it('has a new time only if it took something', () => {
    const made = history()
      .apply('a', { spec: { replicas: 1 } })
      .update('u', { spec: { replicas: 1, text: 'x', port: 80 } })
    const before = made.entries
    made.update('u', { spec: { replicas: 1, text: 'x' } })
    expect(made.entries.map(({ time }) => time)).toEqual(before.map(({ time }) => time))
    made.update('u', { spec: { replicas: 1, text: 'y' } })
    expect(made.entries.map(({ time }) => time)).toEqual(['2026-01-01T00:00:00Z', '2026-01-01T00:00:03Z'])
  })

  it('that changes nothing keeps the stored entries themselves', () => {
    const made = history().apply('a', { spec: { text: 'x' } })
    const [entry] = made.entries
    made.update('u', { spec: { text: 'x' } })
    expect(made.entries).toHaveLength(1)
    expect(made.entries[0]).toBe(entry)
  })

  it('through a subresource has an entry of its own', () => {
    const made = history().update('u', { spec: { text: 'x' } })
    made.update('u', { spec: { text: 'x' }, status: { phase: 'A' } }, { subresource: 'status' })
    expect(Object.keys(made.owners)).toEqual(['u Update', 'u Update status'])
    expect(made.owners['u Update status']).toEqual(['.status', '.status.phase'])
  })

  it('does not own what its endpoint resets', () => {
    const made = new History({ resetFields: dotted('status') }).update('u', { spec: { text: 'x' }, status: { phase: 'A' } })
    expect(made.owners).toEqual({ 'u Update': ['.spec', '.spec.text'] })
  })
})

describe('managed fields in a request', () => {
  const start = () =>
    history()
      .update('u', { spec: { text: 'x' } })
      .apply('a', { spec: { replicas: 1 } })
  const same = { spec: { text: 'x', replicas: 1 } }
  const after = (requested: unknown, subresource = '') => start().update('v', same, { requested: requested as never, subresource }).owners
  const unchanged = { 'a Apply': ['.spec.replicas'], 'u Update': ['.spec', '.spec.text'] }
  const entry = (more: Partial<Record<keyof ManagedFieldsEntry, unknown>>): JsonObject =>
    ({
      manager: 'm',
      operation: 'Update',
      apiVersion: 'demo.io/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:text': {} } },
      ...more,
    }) as JsonObject

  it('replace the stored ones', () => {
    expect(after([entry({})])).toEqual({ 'm Update': ['.spec.text'] })
  })

  it('reset them if there is one empty entry: nothing is tracked until somebody applies', () => {
    const made = start().update('v', same, { requested: [{}] })
    expect(made.entries).toEqual([])
    expect(made.update('v', { spec: { text: 'z', replicas: 1 } }).entries).toEqual([])
  })

  it('reset them if the list is empty, but not those of a custom resource', () => {
    expect(after([])).toEqual(unchanged)
    const made = new History({ apiVersion: 'v1', kind: 'ConfigMap', schema: builtIn('v1', 'ConfigMap') }).update('u', { data: { a: '1' } })
    expect(made.update('v', { data: { a: '1' } }, { requested: [] }).entries).toEqual([])
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['no list', 'x'],
    ['of an unknown operation', [entry({ operation: 'Other' })]],
    ['without a version', [entry({ apiVersion: '' })]],
    ['without a fields type', [entry({ fieldsType: undefined })]],
    ['of another fields type', [entry({ fieldsType: 'FieldsV2' })]],
    ['with a broken key', [entry({ fieldsV1: { 'k:{': {} } })]],
    ['with a broken tree', [entry({ fieldsV1: { 'f:spec': 1 } })]],
    ['partly invalid', [entry({}), entry({ operation: '' })]],
  ])('are ignored if they are %s', (_, requested) => {
    expect(after(requested)).toEqual(unchanged)
  })

  it('are ignored in a write to a subresource', () => {
    expect(after([entry({})], 'status')).toEqual(unchanged)
  })

  it('that name one manager twice count by the last of its entries', () => {
    expect(after([entry({}), entry({ fieldsV1: { 'f:spec': { 'f:replicas': {} } } })])).toEqual({ 'm Update': ['.spec.replicas'] })
  })
})

describe('many managers', () => {
  it('are sorted by operation, time, name, version and subresource', () => {
    const made = history()
      .update('z', { spec: { text: 'x' } })
      .apply('y', { spec: { replicas: 1 } })
      .apply('b', { spec: { port: 80 } })
    expect(Object.keys(made.owners)).toEqual(['y Apply', 'b Apply', 'z Update'])
  })

  it('that update are at most ten: the oldest become ancient-changes', () => {
    const made = history().apply('a', { spec: { replicas: 1 } })
    const map: Record<string, string> = {}
    for (let at = 0; at < 20; at++) {
      map[`k${at}`] = '1'
      made.update(`u${at}`, { spec: { replicas: 1, map: { ...map } } })
    }
    expect(Object.keys(made.owners)).toEqual([
      'a Apply',
      'ancient-changes Update',
      ...Array.from({ length: 9 }, (_, at) => `u${at + 11} Update`),
    ])
    expect(made.owners['ancient-changes Update']).toEqual(
      ['.spec.map', ...Array.from({ length: 11 }, (_, at) => `.spec.map.k${at}`)].sort(),
    )
    expect(made.entries[1]?.time).toBe('2026-01-01T00:00:11Z')
  })
})
