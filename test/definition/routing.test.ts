import { describe, expect, it } from 'vitest'
import { route, selecting } from '../../src/definition/routing.ts'

const gold = { name: 'gold', selector: { matchLabels: { tier: 'gold' } }, namespaceSelector: undefined }
const enabled = { name: 'enabled', selector: undefined, namespaceSelector: { matchLabels: { shop: 'enabled' } } }
const rest = { name: 'rest', selector: undefined, namespaceSelector: undefined }

const app = (namespace: string | undefined, labels = {}) => ({
  apiVersion: 'v1',
  kind: 'App',
  metadata: { name: 'shop', labels, ...(namespace !== undefined && { namespace }) },
})
const labelsOf = (namespace: string) => ({ eu: { shop: 'enabled' }, us: {} })[namespace] ?? 'unknown'
const taker = (...args: Parameters<typeof route<typeof gold | typeof enabled | typeof rest>>) => {
  const taken = route(...args)
  return typeof taken === 'object' ? taken.name : taken
}

describe('an object', () => {
  it.each([
    ['by its own labels first', app('eu', { tier: 'gold' }), 'gold'],
    ['by the labels of its namespace', app('eu'), 'enabled'],
    ['by the watch for the rest', app('us'), 'rest'],
    ['by no watch that selects namespaces, if it is in none', app(undefined), 'rest'],
    ['by nobody, not even a later watch, while the labels of its namespace are not known', app('new'), 'unknown'],
    ['by its own labels also there', app('new', { tier: 'gold' }), 'gold'],
  ])('is taken %s', (_how, object, name) => {
    expect(taker([gold, enabled, rest], object, labelsOf)).toBe(name)
  })

  it('is taken by nobody if nothing matches', () => {
    expect(taker([gold, enabled], app('us'), labelsOf)).toBeUndefined()
  })

  it('counts as in a selected namespace where there is no cluster', () => {
    expect(taker([gold, enabled, rest], app('new'), undefined)).toBe('enabled')
  })
})

describe('the watches that select an object', () => {
  const watches = [gold, enabled, rest]
  it.each([
    ['are one, beside the watch for the rest', app('us', { tier: 'gold' }), ['gold']],
    ['are two where its labels and those of its namespace both match', app('eu', { tier: 'gold' }), ['gold', 'enabled']],
    ['are none for what is left to the watch for the rest', app('us'), []],
  ])('%s', (_title, object, names) => {
    const selected = selecting(watches, object, labelsOf)
    expect(selected === 'unknown' ? selected : selected.map(({ name }) => name)).toEqual(names)
  })

  it('cannot be told while the labels of its namespace are not known', () => {
    expect(selecting(watches, app('new', { tier: 'gold' }), labelsOf)).toBe('unknown')
  })
})
