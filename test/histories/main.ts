/**
 * Faulty histories as a command: what people do to custom resources while the API server and the connections to it fail, against the same
 * without faults.
 *
 *   node test/histories/main.ts                 200 of them, the operators taking turns
 *   --count 50      so many
 *   --seed 1        the first one's; the others follow
 *   --stage app     one operator alone
 *   --verbose       tells each history
 *   --whole         a history that ends wrong is told whole, not shrunk to as few faults and steps as still do
 */
import { parseArgs } from 'node:util'
import { describe, type History } from '../../src/testing/histories/history.ts'
import { type HistoryStage, historiesOf, prove, report, shrunk } from '../../src/testing/histories/prove.ts'
import { stageNames, stageOf } from './stages.ts'
import { printUsage } from '../usage.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    stage: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) printUsage(import.meta.url)
const first = Number(values.seed)
const count = Number(values.count)
const stages: { name: string; stage: HistoryStage; make: (seed: number) => History }[] = []
for (const name of values.stage === undefined ? stageNames : [values.stage]) {
  const stage = stageOf(name)
  stages.push({ name, stage, make: await historiesOf(stage) })
}

let good = 0
const began = performance.now()
for (let seed = first; seed < first + count; seed++) {
  const { name, stage, make } = stages[seed % stages.length] as (typeof stages)[number]
  const proof = await prove(make(seed), stage)
  if (values.verbose) console.log(`${name}: ${describe(proof.history)}`)
  if (proof.wrong.length === 0) good++
  else
    console.log(
      `${name}: ${report(values.whole ? proof : await shrunk(proof, stage))}\n  again: node test/histories/main.ts --stage ${name} --seed ${seed} --count 1`,
    )
  const done = seed - first + 1
  if (done % 20 === 0 || done === count) console.log(`${good}/${done} of ${count}; ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
console.log(`${good}/${count} histories end as without faults, and no other object was touched; seeds ${first} to ${first + count - 1}`)
process.exitCode = good === count ? 0 : 1
