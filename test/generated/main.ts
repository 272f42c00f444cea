/**
 * Generated custom resources as a command: for each example operator, everything that can be done to each field of its custom resource.
 *
 *   node test/generated/main.ts                        every example
 *   node test/generated/main.ts EXAMPLE [--case WORDS] one, or those of its variants whose titles hold the words
 *   --seed 1        the order, and what is combined
 *   --combined 20   variants with several changes at once
 *   --count 10      so many variants of each example
 */
import { parseArgs } from 'node:util'
import { check, type Tried } from '../../src/testing/generated/check.ts'
import { variants } from '../../src/testing/generated/variants.ts'
import { seeded } from '../../src/sandbox/random.ts'
import { exampleNames, exampleOf } from './examples.ts'
import { printUsage } from '../usage.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    combined: { type: 'string', default: '20' },
    count: { type: 'string', default: 'Infinity' },
    case: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) printUsage(import.meta.url)
const seed = Number(values.seed)

const results = new Map<string, Tried[]>()
for (const name of positionals.length > 0 ? positionals : exampleNames) {
  const example = exampleOf(name)
  const schema = example.watch.crd?.schema.properties?.['spec']
  const all = variants(schema, example.sample['spec'] as never, { random: seeded(seed), combined: Number(values.combined) })
  const chosen = all.filter(({ title }) => title.includes(values.case)).slice(0, Number(values.count))
  const tried: Tried[] = []
  results.set(name, tried)
  const began = performance.now()
  let previous = 'nothing'
  for await (const one of check(example, chosen, seed)) {
    tried.push(one)
    const { variant, verdict } = one
    if (verdict.kind === 'wrong') console.log(`${name}: ${variant.title} (after ${previous})\n  ${verdict.lines.join('\n  ')}`)
    if (verdict.kind !== 'refused') previous = variant.title
  }
  const count = (kind: string): number => tried.filter(({ verdict }) => verdict.kind === kind).length
  const good = tried.length - count('wrong')
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${good === tried.length ? '✓' : '✗'} ${name.padEnd(18)} ${good}/${tried.length}: ${count('reached')} reached, ${count('failed')} told as impossible, ${count('held')} held, ${count('refused')} refused by the server; ${seconds} s`,
  )
}
const all = [...results.values()].flat()
const wrong = all.filter(({ verdict }) => verdict.kind === 'wrong').length
console.log(`${all.length - wrong}/${all.length} custom resources of ${results.size} operators; seed ${seed}`)
process.exitCode = wrong === 0 ? 0 : 1
