/** Runs a program over what it reads: what its snapshot lacks is looked up or made, and it runs again as soon as that is known. */
import { kindName } from '../reconcile/desired.ts'
import { lookupName } from '../reconcile/lookup.ts'
import type { Answer, Inputs, StatusAnswer } from '../reconcile/program.ts'
import type { Result } from './apply-context.ts'
import { generatedInformer, generatedValues, keepGenerated } from './generated.ts'
import type { Reader } from './lookups.ts'
import type { PassContext } from './pass-context.ts'
import { logWrites } from './pass-report.ts'

/** A program that asks for something new again and again has no end. */
const mostRounds = 100

export type Answered<T> =
  | { kind: 'answered'; answer: Exclude<T, { kind: 'needs' }>; inputs: Inputs }
  /** In words what is on its way: the primary is woken when it is there. `told`: the status should say so. */
  | { kind: 'waits'; for: string[]; told: boolean }
  /** A value could not be kept. */
  | { kind: 'stopped'; result: Result }

/** The final answer with the inputs that gave it, or why there is none yet. */
export async function answerFrom<T extends Answer | StatusAnswer>(
  reader: Reader,
  run: (inputs: Inputs) => T,
  inputs: Inputs,
  context: PassContext,
): Promise<Answered<T>> {
  const { lookups } = context
  const { primary } = inputs
  const uid = primary.metadata.uid as string
  for (let round = 0; ; round++) {
    const read: Inputs = { ...inputs, lookups: lookups.results(uid), generated: generatedValues(primary, context).values }
    const answer = run(read)
    const { capabilityReaders } = context.memory.of(uid)
    if (answer.readCapabilities) capabilityReaders.add(reader)
    else capabilityReaders.delete(reader)
    if (answer.kind !== 'needs') {
      lookups.keep(uid, reader, answer.lookups ?? [])
      // The last that can need a value has all of them.
      if (reader === 'status') lookups.keep(uid, 'generated', [])
      return { kind: 'answered', answer: answer as Exclude<T, { kind: 'needs' }>, inputs: read }
    }
    const names = [...answer.needs.map(lookupName), ...(answer.generate ?? []).map(({ sort, name }) => `the ${sort} ${name}`)]
    if (round === mostRounds) return { kind: 'waits', for: names, told: true }
    if (!lookups.add(uid, reader, answer.needs)) return { kind: 'waits', for: names, told: false }
    if (!answer.generate) continue
    const cache = generatedInformer(context)
    const secrets = primary.metadata.namespace === undefined ? cache : cache.within([primary.metadata.namespace])
    // What is not known to be missing is not made: it would take the place of what is there.
    if (secrets.state !== 'synced') {
      const told = secrets.state !== 'starting' || secrets.reason !== undefined
      return { kind: 'waits', for: [`${kindName(cache.kind)}: ${secrets.reason ?? secrets.state}`], told }
    }
    const result = await keepGenerated(primary, answer.generate, context)
    if (result.kind !== 'written') return { kind: 'stopped', result }
    logWrites(primary, [result], context)
  }
}
