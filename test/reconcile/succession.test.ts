import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry, ObjectMeta } from '../../src/api/object.ts'
import { droppedPaths } from '../../src/fields/drop.ts'
import { formatPath } from '../../src/fields/path.ts'
import * as reconcile from '../../src/reconcile/succession.ts'
import { cachedParser } from '../../src/reconcile/match.ts'

const manager = 'fairlead/dependents/u-1'
const options = { manager, parse: cachedParser() }

function succession(...args: Parameters<typeof reconcile.succession>) {
  const { stale, ...rest } = reconcile.succession(...args)
  return { ...rest, removed: [...droppedPaths(stale)].map(formatPath) }
}

const entry = (name: string, fieldsV1: JsonObject, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager: name,
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
})
const data = (...keys: string[]): JsonObject => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) })
const object = (managedFields: ManagedFieldsEntry[], metadata: Partial<ObjectMeta> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata, managedFields },
})
/** What our apply holds: `data.a`, unless told otherwise. */
const applied = (fields: JsonObject = data('a'), others: ManagedFieldsEntry[] = []) =>
  object([entry(manager, fields, { operation: 'Apply' }), ...others])
const ours = (fieldsV1: JsonObject, more: Partial<ManagedFieldsEntry> = {}) => entry(manager, fieldsV1, { operation: 'Apply', ...more })

describe('what becomes of an entry', () => {
  it('of ours for another primary: it becomes this one’s, and what was put back for that one too', () => {
    const former = entry('fairlead/dependents/u-9', data('a', 'old'), { operation: 'Apply' })
    const lists = entry('fairlead/lists/u-1', data('b'))
    expect(succession(object([former, entry('fairlead/lists/u-9', data('gone')), lists]), applied(), options)).toEqual({
      managedFields: [ours(data('a', 'gone', 'old')), lists],
      from: ['fairlead/dependents/u-9', 'fairlead/lists/u-9'],
      removed: ['.data.old', '.data.gone'],
    })
  })
  it('of what declared the object: it becomes ours, and what we do not apply is removed', () => {
    expect(succession(object([entry('helm', data('a', 'old'))]), applied(), options)).toEqual({
      managedFields: [ours(data('a', 'old'))],
      from: ['helm'],
      removed: ['.data.old'],
    })
  })
  it('of several such: they become one', () => {
    const live = object([entry('helm', data('a'), { operation: 'Apply' }), entry('kubectl-create', data('b'))])
    expect(succession(live, applied(), options)).toEqual({
      managedFields: [ours(data('a', 'b'))],
      from: ['helm', 'kubectl-create'],
      removed: ['.data.b'],
    })
  })
  it('of what touched it: what we apply is taken out, the rest stays theirs', () => {
    const live = object([entry('kubectl-edit', data('a', 'note')), entry('kubectl-patch', data('a')), entry('kubectl-label', data('x'))])
    expect(succession(live, applied(), options)).toEqual({
      managedFields: [entry('kubectl-edit', data('note')), entry('kubectl-label', data('x'))],
      from: [],
      removed: [],
    })
  })
  it.each([
    ['of anybody else', entry('terraform', data('a', 'b'))],
    ['of a subresource', entry('kubectl', data('a'), { subresource: 'scale' })],
  ])('%s: it stays', (_, other) => {
    expect(succession(object([other]), applied(), options)).toEqual({ managedFields: undefined, from: [], removed: [] })
  })
  it('of kubectl: one that applied declares, one that updated touches', () => {
    const declared = succession(object([entry('kubectl', data('b'), { operation: 'Apply' })]), applied(), options)
    expect(declared).toMatchObject({ from: ['kubectl'], removed: ['.data.b'] })
    expect(succession(object([entry('kubectl', data('b'))]), applied(), options)).toMatchObject({ from: [], removed: [] })
  })
  it('of an older version of the kind: it becomes ours in its version, or is given up beside one of the same version', () => {
    const old = entry('helm', data('b'), { apiVersion: 'v1beta1' })
    expect(succession(object([old]), applied(), options).managedFields).toEqual([ours(data('b'), { apiVersion: 'v1beta1' })])
    expect(succession(object([old, entry('helm', data('a'))]), applied(), options).managedFields).toEqual([ours(data('a'))])
  })
})

describe('what is not removed', () => {
  it('is what somebody else holds too', () => {
    const live = object([entry('helm', data('a', 'b')), entry('terraform', data('b'))])
    expect(succession(live, applied(), options)).toMatchObject({ from: ['helm'], removed: [] })
  })
  it('is a finalizer, an owner, what says that the object is to be kept, and a number of replicas that we leave open', () => {
    const held: JsonObject = {
      'f:metadata': {
        'f:finalizers': { '.': {}, 'v:"x"': {} },
        'f:ownerReferences': { 'k:{"uid":"1"}': {} },
        'f:labels': { 'f:l': {} },
        'f:annotations': { 'f:helm.sh/resource-policy': {}, 'f:fairlead.dev/keep': {} },
      },
      'f:spec': { 'f:replicas': {}, 'f:paused': {} },
    }
    const { managedFields, removed } = succession(object([entry('helm', held)]), applied(), options)
    expect(removed).toEqual(['.metadata.labels.l', '.spec.paused'])
    expect(managedFields).toEqual([ours({ 'f:metadata': { 'f:labels': { 'f:l': {} } }, 'f:spec': { 'f:paused': {} } })])
  })
})

describe('what is removed', () => {
  it('is an item of a list whole, and not the map of which others hold a part', () => {
    const list = (...names: string[]): JsonObject => ({
      'f:spec': {
        'f:ports': { '.': {}, ...Object.fromEntries(names.map((name) => [`k:{"port":${name}}`, { '.': {}, 'f:port': {}, 'f:name': {} }])) },
      },
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
    })
    const live = object([entry('helm', list('80', '81'))])
    expect(succession(live, applied(list('80')), options).removed).toEqual(['.spec.ports[port=81]'])
  })
})

describe('an object of which nobody is on record', () => {
  const unrecorded = entry('before-first-apply', {
    'f:data': { 'f:a': {}, 'f:b': {}, 'f:c': {} },
    'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {}, 'f:other': {} } },
  })
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { a: '1', b: '2' } }), other: 'x' }

  it.each([
    ['has the entry', [unrecorded]],
    ['gets the entry with the first apply', []],
  ])('and that %s, loses what kubectl is shown to have set', (_, entries) => {
    const { from, removed } = succession(object(entries, { annotations }), applied(data('a'), [unrecorded]), options)
    expect(from).toEqual(['before-first-apply'])
    expect(removed).toEqual(['.data.b', '.metadata.annotations.kubectl.kubernetes.io/last-applied-configuration'])
  })
  it.each([
    ['no annotation', {}],
    ['an annotation that is no object', { 'kubectl.kubernetes.io/last-applied-configuration': '[1' }],
  ])('and that has %s, loses nothing, and only the entry goes', (_, others) => {
    const live = object([unrecorded, entry('terraform', data('z'))], { annotations: others })
    expect(succession(live, applied(data('a'), [unrecorded]), options)).toEqual({
      managedFields: [entry('terraform', data('z'))],
      from: [],
      removed: [],
    })
  })
})
