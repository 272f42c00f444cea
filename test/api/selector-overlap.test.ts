import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonLabels } from '../../src/api/selector-overlap.ts'
import { type LabelSelector, matchesSelector } from '../../src/api/selectors.ts'

const expression = (operator: string, key: string, values?: string[]): LabelSelector =>
  ({ matchExpressions: [{ key, operator, ...(values && { values }) }] }) as never

describe('labels that two selectors both select', () => {
  it.each<[string, LabelSelector | undefined, LabelSelector | undefined, object | undefined]>([
    ['are none for two values of one label', { matchLabels: { a: '1' } }, { matchLabels: { a: '2' } }, undefined],
    ['are those of both, for different labels', { matchLabels: { a: '1' } }, { matchLabels: { b: '2' } }, { a: '1', b: '2' }],
    ['are those of the one, where there is no other selector', { matchLabels: { a: '1' } }, undefined, { a: '1' }],
    ['need not be there where both only refuse', expression('NotIn', 'a', ['1']), expression('DoesNotExist', 'b'), {}],
    ['are none where one wants the label and the other its absence', expression('Exists', 'a'), expression('DoesNotExist', 'a'), undefined],
    ['are a value of both lists', expression('In', 'a', ['1', '2']), expression('In', 'a', ['2', '3']), { a: '2' }],
    ['are none where the one refuses all that the other wants', expression('In', 'a', ['1']), expression('NotIn', 'a', ['1']), undefined],
    ['are any value but the refused', expression('Exists', 'a'), expression('NotIn', 'a', ['any', 'any1']), { a: 'any2' }],
  ])('%s', (_title, one, other, labels) => {
    expect(commonLabels(one, other)).toEqual(labels)
    expect(commonLabels(other, one)).toEqual(labels)
  })

  it('are found exactly where there are any', () => {
    const key = fc.constantFrom('a', 'b')
    const values = fc.uniqueArray(fc.constantFrom('1', '2'), { minLength: 1 })
    const requirement = fc.oneof(
      fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values }),
      fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    )
    const selector = fc.array(requirement, { maxLength: 3 }).map((matchExpressions) => ({ matchExpressions }) as LabelSelector)
    // A third value stands for all that no requirement names.
    const worlds = [undefined, '1', '2', '3'].flatMap((a) =>
      [undefined, '1', '2', '3'].map((b) => ({ ...(a && { a }), ...(b && { b }) }) as Record<string, string>),
    )
    fc.assert(
      fc.property(selector, selector, (one, other) => {
        const both = (labels: Record<string, string>) => matchesSelector(one, labels) && matchesSelector(other, labels)
        const found = commonLabels(one, other)
        return found ? both(found) : !worlds.some(both)
      }),
      { numRuns: 2_000 },
    )
  })
})
