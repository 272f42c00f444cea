import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import {
  formatSelections,
  isDropped,
  isSameSelection,
  parseSelections,
  type Selection,
  selectionsOf,
} from '../../src/definition/selections.ts'

const kind = { group: 'example.com', version: 'v1', kind: 'App' }
const id = 'App.example.com'
const by = (tier: string): Selection => ({ selector: { matchLabels: { tier } }, namespaceSelector: undefined })
const inNamespaces = (stage: string): Selection => ({ selector: undefined, namespaceSelector: { matchLabels: { stage } } })
const rest: Selection = { selector: undefined, namespaceSelector: undefined }
const limited = (...namespaces: string[]): Selection => ({ ...rest, namespaces })

const app = (tier: string): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'App',
  metadata: { name: 'a', namespace: 'eu', labels: { tier } },
})

describe('what watches take', () => {
  it('is read as it was written', () => {
    const selections = selectionsOf([
      { kind, ...by('gold') },
      { kind: { ...kind, version: 'v2' }, ...inNamespaces('live') },
      { kind: { ...kind, kind: 'Other' }, ...rest },
      { kind: { ...kind, kind: 'Limited' }, ...limited('eu', 'us') },
    ])
    expect(Object.keys(selections)).toEqual([id, 'Other.example.com', 'Limited.example.com'])
    const read = parseSelections(formatSelections(selections))
    for (const [name, each] of Object.entries(selections)) expect(isSameSelection(read[name], each)).toBe(true)
  })

  it('is not known where somebody wrote something else, and then nothing is the same', () => {
    const texts = [
      undefined,
      '',
      '[',
      '{"App.example.com":5}',
      '{"App.example.com":[{"selector":{"matchLabels":5}}]}',
      '{"App.example.com":[null]}',
      '{"App.example.com":[{"namespaces":"eu"}]}',
    ]
    for (const text of texts) expect(isSameSelection(parseSelections(text)[id], [])).toBe(false)
  })

  it('is the same in another order, and another with another selector', () => {
    expect(isSameSelection([by('gold'), by('silver')], [by('silver'), by('gold')])).toBe(true)
    expect(isSameSelection([by('gold')], [by('gold'), rest])).toBe(false)
    expect(isSameSelection([by('gold')], [inNamespaces('gold')])).toBe(false)
    expect(isSameSelection([limited('eu', 'us')], [limited('us', 'eu')])).toBe(true)
    expect(isSameSelection([limited('eu')], [rest])).toBe(false)
  })
})

describe('an object that', () => {
  const labelsOf = (namespace: string) => (namespace === 'eu' ? { stage: 'live' } : 'unknown')
  const cases: [string, KubernetesObject, Selection[], Selection[], boolean][] = [
    ['lost its watch', app('gold'), [by('gold'), by('silver')], [by('silver')], true],
    ['a narrower watch leaves out', app('gold'), [rest], [by('silver')], true],
    ['moves to another watch', app('gold'), [by('gold'), by('silver')], [by('silver'), rest], false],
    ['was of no watch before', app('bronze'), [by('gold'), by('silver')], [by('silver')], false],
    ['lost the watch of its namespace', app('gold'), [inNamespaces('live')], [inNamespaces('test')], true],
    ['is in a namespace that is left out', app('gold'), [limited('eu', 'us')], [limited('us')], true],
    ['was in no namespace that was watched', app('gold'), [limited('us')], [limited('jp')], false],
    ['is in one of more namespaces', app('gold'), [limited('eu')], [rest], false],
    ['is taken by its namespace', app('gold'), [by('gold')], [inNamespaces('live')], false],
    [
      'is in a namespace that nobody knows',
      { ...app('gold'), metadata: { name: 'a', namespace: 'us' } },
      [rest],
      [inNamespaces('live')],
      false,
    ],
  ]
  it.each(cases)('%s: is dropped or not', (_title, object, before, now, dropped) => {
    expect(isDropped(object, { before, now, labelsOf })).toBe(dropped)
  })
})
