import { describe, expect, it } from 'vitest'
import { type Definition, definitionOf } from '../../../../src/sandbox/definitions/definition.ts'
import { approvalOf, nameDefinition, setCondition } from '../../../../src/sandbox/definitions/kind/conditions.ts'
import { definitionFor } from '../answers.ts'

const definition = (kind: string, more: object = {}): Definition => {
  const made = definitionOf(definitionFor('a.test', kind, { type: 'object' }))
  made.spec = { ...made.spec, names: { ...made.spec.names, singular: kind.toLowerCase(), listKind: `${kind}List`, ...more } }
  return made
}
const accepted = (made: Definition): Definition => ({ ...made, status: { acceptedNames: made.spec.names } })

describe('the names of a definition', () => {
  it('are accepted where nobody has them', () => {
    expect(nameDefinition(definition('Foo'), [accepted(definition('Bar'))]).accepted).toMatchObject({
      status: 'True',
      reason: 'NoConflicts',
    })
  })

  it('are refused where another definition of the group has one of them', () => {
    const {
      names,
      accepted: condition,
      established,
    } = nameDefinition(definition('Foo', { shortNames: ['b'] }), [accepted(definition('Bar', { shortNames: ['b'] }))])
    expect(condition).toMatchObject({ status: 'False', reason: 'ShortNamesConflict', message: '"b" is already in use' })
    expect(names.shortNames).toBeUndefined()
    expect(established).toMatchObject({ status: 'False', reason: 'NotAccepted' })
  })

  it('may be those that the definition has already', () => {
    expect(nameDefinition(accepted(definition('Foo')), []).accepted.status).toBe('True')
  })
})

describe('a condition', () => {
  it('keeps its time while its status stays', () => {
    const first = setCondition({}, { type: 'A', status: 'True', reason: 'x' }, '2026-01-01T00:00:00Z')
    const second = setCondition(first, { type: 'A', status: 'True', reason: 'y' }, '2026-01-02T00:00:00Z')
    expect(second.conditions).toEqual([{ type: 'A', status: 'True', reason: 'y', lastTransitionTime: '2026-01-01T00:00:00Z' }])
    expect(setCondition(second, { type: 'A', status: 'False' }, '2026-01-03T00:00:00Z').conditions?.[0]?.lastTransitionTime).toBe(
      '2026-01-03T00:00:00Z',
    )
  })
})

describe('the approval of a protected group', () => {
  it.each<[string | undefined, string]>([
    [undefined, 'missing'],
    ['unapproved, experimental', 'bypassed'],
    ['https://github.com/x/y/pull/1', 'approved'],
    ['because', 'invalid'],
  ])('%s is %s', (annotation, state) => {
    expect(approvalOf(annotation === undefined ? undefined : { 'api-approved.kubernetes.io': annotation }).state).toBe(state)
  })
})
