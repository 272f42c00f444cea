import { describe, expect, it } from 'vitest'
import { seeded } from '../../src/sandbox/random.ts'
import { check, type Tried } from '../../src/testing/generated/check.ts'
import { variants } from '../../src/testing/generated/variants.ts'
import { exampleNames, exampleOf } from './examples.ts'

/** `npm run generated` tries all of them. */
const count = 8

describe('whatever a custom resource was before, it becomes what it declares, and a second pass is silent', () => {
  it.each(exampleNames)('%s', { timeout: 60_000 }, async (name) => {
    const example = exampleOf(name)
    const schema = example.watch.crd?.schema.properties?.['spec']
    const seed = 5
    const chosen = variants(schema, example.sample['spec'] as never, { random: seeded(seed), combined: 10 }).slice(0, count)
    const tried: Tried[] = []
    for await (const one of check(example, chosen, seed)) tried.push(one)
    expect(
      tried.flatMap(({ variant, verdict }) => (verdict.kind === 'wrong' ? [`${variant.title}: ${verdict.lines.join('; ')}`] : [])),
    ).toEqual([])
    expect(tried.length).toBe(chosen.length)
    expect(tried.filter(({ verdict }) => verdict.kind === 'reached').length).toBeGreaterThan(0)
  })

  it('also where a generated value is made with letters of another alphabet', { timeout: 60_000 }, async () => {
    const tried: Tried[] = []
    for await (const one of check(exampleOf('generate'), [{ title: 'other letters', spec: { authority: '漢字' } }], 1)) tried.push(one)
    expect(tried.map(({ verdict }) => verdict)).toEqual([{ kind: 'reached' }])
  })
})
