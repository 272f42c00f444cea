import { describe, expect, it } from 'vitest'
import { type LabelSelector, matchesSelector, parseSelector, provablyCovers } from '../../src/api/selectors.ts'

const expression = (operator: string, key = 'tier', values?: string[]): LabelSelector =>
  ({ matchExpressions: [{ key, operator, values }] }) as never

describe('a selector matches', () => {
  it.each<[string, LabelSelector, Record<string, string> | undefined, boolean]>([
    ['everything when empty', {}, undefined, true],
    ['an equal label', { matchLabels: { tier: 'gold' } }, { tier: 'gold', x: 'y' }, true],
    ['no other value', { matchLabels: { tier: 'gold' } }, { tier: 'iron' }, false],
    ['nothing without labels', { matchLabels: { tier: 'gold' } }, undefined, false],
    ['In one of the values', expression('In', 'tier', ['gold', 'iron']), { tier: 'iron' }, true],
    ['In no other value', expression('In', 'tier', ['gold']), { tier: 'iron' }, false],
    ['NotIn another value', expression('NotIn', 'tier', ['gold']), { tier: 'iron' }, true],
    ['NotIn where the label is missing', expression('NotIn', 'tier', ['gold']), {}, true],
    ['NotIn not one of the values', expression('NotIn', 'tier', ['gold']), { tier: 'gold' }, false],
    ['Exists a label with any value', expression('Exists'), { tier: '' }, true],
    ['Exists no missing label', expression('Exists'), {}, false],
    ['DoesNotExist a missing label', expression('DoesNotExist'), undefined, true],
    ['DoesNotExist no label that is there', expression('DoesNotExist'), { tier: 'a' }, false],
    ['only where all requirements hold', { matchLabels: { a: '1' }, ...expression('Exists', 'b') }, { a: '1' }, false],
    ['no name of Object.prototype', expression('Exists', 'constructor'), {}, false],
  ])('%s', (_title, selector, labels, result) => {
    expect(matchesSelector(selector, labels)).toBe(result)
  })
})

describe('two selectors', () => {
  it.each<[LabelSelector, LabelSelector, boolean]>([
    [{}, { matchLabels: { a: '1' } }, true],
    [{ matchLabels: { a: '1' } }, {}, false],
    [expression('In', 'a', ['1', '2']), { matchLabels: { a: '2', b: '3' } }, true],
    [expression('Exists', 'a'), expression('In', 'a', ['1']), true],
    [expression('NotIn', 'a', ['1']), expression('DoesNotExist', 'a'), true],
    [expression('NotIn', 'a', ['1', '2']), expression('NotIn', 'a', ['1']), false],
    [expression('NotIn', 'a', ['1']), { matchLabels: { a: '2' } }, true],
    [expression('NotIn', 'a', ['1']), expression('In', 'a', ['1', '2']), false],
    [expression('Exists', 'a'), expression('DoesNotExist', 'a'), false],
    [expression('DoesNotExist', 'a'), expression('NotIn', 'a', ['1']), false],
  ])('%j covers %j: %s', (wide, narrow, result) => {
    expect(provablyCovers(wide, narrow)).toBe(result)
  })
})

describe('reading a selector', () => {
  it('gives back a valid one', () => {
    const selector = { matchLabels: { 'app.company.com/tier': 'gold' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] }
    expect(parseSelector(selector)).toEqual({ selector, problems: [] })
  })
  it.each<[unknown, (string | number)[], string]>([
    ['gold', [], 'a selector is a map'],
    [{ matchLabel: {} }, ['matchLabel'], '"matchLabel" is not a field of a label selector'],
    [{ matchLabels: [] }, ['matchLabels'], 'matchLabels is a map of label names to values'],
    [{ matchLabels: { a: 1 } }, ['matchLabels', 'a'], 'a label value is a string, not the number 1'],
    [{ matchLabels: { a: 'x y' } }, ['matchLabels', 'a'], '"x y" is not a label value'],
    [{ matchLabels: { 'A_/b': 'x' } }, ['matchLabels', 'A_/b'], '"A_/b" is not a label name'],
    [{ matchExpressions: {} }, ['matchExpressions'], 'matchExpressions is a list'],
    [{ matchExpressions: [{ key: 'a', operator: 'in', values: ['x'] }] }, ['matchExpressions', 0, 'operator'], '"in" is not an operator'],
    [{ matchExpressions: [{ key: 'a', operator: 'In' }] }, ['matchExpressions', 0, 'values'], 'In needs values'],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] }, ['matchExpressions', 0, 'values'], 'Exists takes no values'],
    [{ matchExpressions: [{ operator: 'Exists' }] }, ['matchExpressions', 0, 'key'], 'an expression needs a key'],
  ])('refuses %j', (value, path, message) => {
    expect(parseSelector(value).problems).toMatchObject([{ path, message }])
  })
  it('finds several mistakes in one go', () => {
    expect(parseSelector({ matchLabels: { a: 1, b: 2 }, x: 1 }).problems).toHaveLength(3)
  })
})
