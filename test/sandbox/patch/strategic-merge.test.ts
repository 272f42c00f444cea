import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { applyStrategicMergePatch } from '../../../src/sandbox/patch/strategic-merge.ts'
import { builtIn } from '../apply/built-in.ts'

const pod = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
const patchPod = (object: JsonObject, patch: JsonObject) => applyStrategicMergePatch(object, patch, builtIn('v1', 'Pod'))
const specAfter = (spec: JsonObject, patch: JsonObject) => patchPod(pod(spec), { spec: patch })['spec']
const finalizersAfter = (finalizers: string[], patch: JsonObject) =>
  (patchPod(pod({}, { finalizers }), { metadata: patch })['metadata'] as JsonObject)['finalizers']
const c = (name: string, more: JsonObject = {}): JsonObject => ({ name, ...more })
const deployment = (strategy: JsonObject): JsonObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { strategy } })
const strategyAfter = (before: JsonObject, patch: JsonObject) =>
  (applyStrategicMergePatch(deployment(before), { spec: { strategy: patch } }, builtIn('apps/v1', 'Deployment'))['spec'] as JsonObject)[
    'strategy'
  ]

describe('lists with a merge key', () => {
  it('are merged item by item', () => {
    expect(specAfter({ containers: [c('a', { image: '1' }), c('b', { image: '1' })] }, { containers: [c('b', { image: '2' })] })).toEqual({
      containers: [c('a', { image: '1' }), c('b', { image: '2' })],
    })
  })

  it('get new items before those that the patch does not name, and are merged in depth', () => {
    expect(
      specAfter(
        { containers: [c('a', { env: [{ name: 'E', value: '1' }] })] },
        { containers: [c('a', { env: [{ name: 'F', value: '2' }] }), c('n')] },
      ),
    ).toEqual({
      containers: [
        c('a', {
          env: [
            { name: 'F', value: '2' },
            { name: 'E', value: '1' },
          ],
        }),
        c('n'),
      ],
    })
  })

  it('lose items by $patch: delete', () => {
    expect(specAfter({ containers: [c('a'), c('b')] }, { containers: [{ $patch: 'delete', name: 'a' }] })).toEqual({ containers: [c('b')] })
  })

  it('are replaced by $patch: replace', () => {
    expect(specAfter({ containers: [c('a'), c('b')] }, { containers: [{ $patch: 'replace' }, c('n')] })).toEqual({ containers: [c('n')] })
  })

  it('are ordered by $setElementOrder, and server-only items keep their place', () => {
    const spec = { containers: [c('a'), c('x'), c('b')] }
    expect(specAfter(spec, { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] })).toEqual({
      containers: [c('x'), c('b'), c('a')],
    })
    expect(specAfter(spec, { '$setElementOrder/containers': [{ name: 'n' }, { name: 'b' }, { name: 'a' }], containers: [c('n')] })).toEqual(
      { containers: [c('n'), c('x'), c('b'), c('a')] },
    )
  })

  it('use the key of patches, not that of apply', () => {
    const ports = [{ containerPort: 80, protocol: 'UDP' }]
    expect(specAfter({ containers: [c('a', { ports })] }, { containers: [c('a', { ports: [{ containerPort: 80, name: 'n' }] })] })).toEqual(
      {
        containers: [c('a', { ports: [{ containerPort: 80, protocol: 'UDP', name: 'n' }] })],
      },
    )
  })
})

describe('lists of scalars with the strategy merge', () => {
  it('are united', () => {
    expect(finalizersAfter(['a', 'b'], { finalizers: ['b', 'c'] })).toEqual(['a', 'b', 'c'])
  })

  it('lose members by $deleteFromPrimitiveList', () => {
    expect(finalizersAfter(['a', 'b'], { '$deleteFromPrimitiveList/finalizers': ['a', 'q'] })).toEqual(['b'])
    expect(patchPod(pod({}), { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } })).toEqual(pod({}))
  })

  it('are ordered by $setElementOrder', () => {
    expect(finalizersAfter(['a', 'b', 'x'], { '$setElementOrder/finalizers': ['b', 'a', 'c'], finalizers: ['c'] })).toEqual([
      'b',
      'a',
      'c',
      'x',
    ])
  })
})

describe('other lists', () => {
  it('are replaced', () => {
    expect(specAfter({ tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] })).toEqual({ tolerations: [{ key: 'b' }] })
  })
})

describe('maps', () => {
  it('are merged, and nulls delete', () => {
    const labels = (patch: JsonObject) =>
      (patchPod(pod({}, { labels: { a: '1', b: '1' } }), { metadata: { labels: patch } })['metadata'] as JsonObject)['labels']
    expect(labels({ a: null, c: '1', q: null })).toEqual({ b: '1', c: '1' })
    expect(labels({ $patch: 'replace', c: '1' })).toEqual({ c: '1' })
    expect(labels({ $patch: 'delete' })).toEqual({})
  })

  it('that are new come without nulls and without directives', () => {
    expect(specAfter({}, { nodeSelector: { a: '1', b: null }, securityContext: { $patch: 'delete' } })).toEqual({
      nodeSelector: { a: '1' },
    })
  })

  it('keep only what $retainKeys names', () => {
    expect(strategyAfter({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, { $retainKeys: ['type'], type: 'Recreate' })).toEqual({
      type: 'Recreate',
    })
  })
})

describe('patches that cannot be', () => {
  const cases: [string, () => unknown, object][] = [
    [
      '$retainKeys that is no list',
      () => strategyAfter({}, { $retainKeys: 'x' }),
      { code: 400, message: 'invalid patch format of retainKeys' },
    ],
    [
      'a field that $retainKeys lacks',
      () => strategyAfter({}, { $retainKeys: ['a'], type: 'x' }),
      { code: 400, message: 'invalid patch format of retainKeys' },
    ],
    [
      'an unknown directive',
      () => specAfter({}, { $patch: 'foo' }),
      { code: 500, reason: '', message: 'unknown patch type: foo in map: map[$patch:foo]' },
    ],
    [
      'a directive for an item',
      () => specAfter({ containers: [c('a')] }, { containers: [{ $patch: 'merge', name: 'a' }] }),
      { code: 500, message: 'merging lists cannot yet be specified in the patch' },
    ],
    [
      'an item without the merge key',
      () => specAfter({ containers: [c('a')] }, { containers: [{ image: 'i' }] }),
      { code: 500, message: 'map: map[image:i] does not contain declared merge key: name' },
    ],
    [
      'items of several types',
      () => specAfter({ containers: [c('a')] }, { containers: ['a'] }),
      { code: 500, message: 'list element types are not identical: [[map[name:a]] [a]]' },
    ],
    ['a list of lists', () => specAfter({ containers: [] }, { containers: [[]] }), { code: 422, details: {} }],
    [
      'an order that the patch does not keep',
      () => finalizersAfter(['a'], { finalizers: ['b', 'c'], '$setElementOrder/finalizers': ['c', 'b'] }),
      { code: 500, message: "The order in patch list:\n[b c]\n doesn't match $setElementOrder list:\n[c b]\n" },
    ],
    [
      'a map into a map of texts',
      () => patchPod(pod({}, { labels: { a: {} } as never }), { metadata: { labels: { a: { b: {} } } } }),
      { code: 500, message: 'merging an object in json but data type is not struct, instead is: map' },
    ],
    [
      'an unknown field that is a map on both sides',
      () => patchPod(pod({ foo: {} }), { spec: { foo: { a: 1 } } }),
      { code: 500, message: 'unable to find api field in struct PodSpec for the json field "foo"' },
    ],
  ]
  it.each(cases)('%s', (_, run, expected) => {
    expect(run).toThrow(expect.objectContaining(expected))
  })
})

describe('the object', () => {
  it('is not changed, and the result shares what the patch does not touch', () => {
    const before = pod({ containers: [c('a'), c('b')], nodeSelector: { a: '1' } }, { labels: { l: '1' } })
    const copy = structuredClone(before)
    const after = patchPod(before, {
      spec: { containers: [c('b', { image: 'i' }), { $patch: 'delete', name: 'a' }], nodeSelector: { $patch: 'replace' } },
    })
    expect(before).toEqual(copy)
    expect(after['metadata']).toBe(before['metadata'])
  })
})
