import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import type { StructuralSchema } from '../../../src/api/schema/structural.ts'
import { seeded } from '../../../src/sandbox/random.ts'
import { mutations, variants } from '../../../src/testing/generated/variants.ts'

const schema: StructuralSchema = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 5 },
    level: { type: 'string', enum: ['low', 'high'] },
    note: { type: 'string', nullable: true, maxLength: 4, pattern: '^[a-z]*$' },
    members: {
      type: 'array',
      maxItems: 3,
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, weight: { type: 'integer', default: 1 } } },
    },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
}
const sample: JsonObject = { size: 2, members: [{ name: 'one' }] }

/** The values that one field is tried with. */
const tried = (path: string): unknown[] =>
  mutations(schema, sample).flatMap(({ title, value }) => (title.startsWith(`${path}: `) ? [value] : []))

describe('what is tried on a field', () => {
  it('is each end of a number, and nothing outside', () => expect(tried('spec.size')).toEqual([1, 2, 5]))

  it('is each word, and that it is set where the sample does not have it', () =>
    expect(tried('spec.level')).toEqual(['low', 'low', 'high']))

  it('is null, empty and as long as it may be, as far as the pattern allows', () =>
    expect(tried('spec.note')).toEqual(expect.arrayContaining([null, '', 'xxxx'])))

  it('keeps to the pattern and the length', () => {
    for (const value of tried('spec.note')) expect(value ?? '').toMatch(/^[a-z]{0,4}$/)
  })

  it('is a list without items, with one, two and as many as it may have, with keys of their own', () => {
    const lists = tried('spec.members').filter((value) => Array.isArray(value)) as { name: string }[][]
    expect(lists.map(({ length }) => length)).toEqual([0, 1, 2, 3])
    for (const list of lists) expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
  })

  it('is that it is not there, unless it is required', () => {
    expect(tried('spec.members')).toContain(undefined)
    expect(tried('spec.size')).not.toContain(undefined)
  })

  it('is the same inside of items', () => expect(tried('spec.members[0].weight').length).toBeGreaterThan(2))
})

describe('the custom resources of a sample', () => {
  const titles = (seed: number) => variants(schema, sample, { random: seeded(seed), combined: 3 }).map(({ title }) => title)

  it('are the sample, every mutation, and some with several; the same ones in the same order for one seed', () => {
    expect(titles(1)[0]).toBe('the sample')
    expect(titles(1)).toHaveLength(1 + mutations(schema, sample).length + 3)
    expect(titles(1)).toEqual(titles(1))
    expect(titles(1)).not.toEqual(titles(2))
  })

  it('do not change the sample', () => {
    const before = structuredClone(sample)
    variants(schema, sample, { random: seeded(1), combined: 20 })
    expect(sample).toEqual(before)
  })
})
