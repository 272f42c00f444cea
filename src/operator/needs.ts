/** Runs a program over what it reads: what its snapshot lacks is looked up, and it runs again as soon as that is known. */
import { lookupName } from '../reconcile/lookup.ts'
import type { Answer, Inputs, StatusAnswer } from '../reconcile/program.ts'
import type { Lookups, Reader } from './lookups.ts'

/** A program that asks for something new again and again has no end. */
const mostRounds = 100

/** The final answer with the inputs that gave it, or in words what is on its way: the primary is woken when it is there. */
export function answerFrom<T extends Answer | StatusAnswer>(
  reader: Reader,
  run: (inputs: Inputs) => T,
  inputs: Inputs,
  lookups: Lookups,
): { answer: Exclude<T, { kind: 'needs' }>; inputs: Inputs } | { waitsFor: string[] } {
  const uid = inputs.primary.metadata.uid as string
  for (let round = 0; ; round++) {
    const read: Inputs = { ...inputs, lookups: lookups.results(uid) }
    const answer = run(read)
    if (answer.kind !== 'needs') {
      lookups.keep(uid, reader, answer.lookups ?? [])
      return { answer: answer as Exclude<T, { kind: 'needs' }>, inputs: read }
    }
    if (!lookups.add(uid, reader, answer.needs) || round === mostRounds) return { waitsFor: answer.needs.map(lookupName) }
  }
}
