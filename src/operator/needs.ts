/** Runs a program over what it reads: what its snapshot lacks is looked up or made, and it runs again as soon as that is known. */
import type { Problem } from '../api/problem.ts'
import { kindName } from '../reconcile/desired.ts'
import { lookupId, lookupName, type LookupResult } from '../reconcile/lookup.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Answer, Inputs, StatusAnswer } from '../reconcile/program.ts'
import type { Refusal } from '../reconcile/status.ts'
import type { Result } from './apply-context.ts'
import { refusedByDepth } from './composition.ts'
import { isDirect, readDirectly } from './direct-reads.ts'
import { noteGenerated } from './feedback.ts'
import { UnusableValueError } from './generate.ts'
import { generatedInformer, generatedValues, keepGenerated } from './generated.ts'
import type { Reader } from './lookups.ts'
import type { PassContext } from './pass-context.ts'
import { logWrites } from './pass-report.ts'
import { unwritten } from './reporting.ts'

/** A program that asks for something new again and again has no end. */
const mostRounds = 100

type Final<T> = Exclude<T, { kind: 'needs' }>

export type Answered<T> =
  | { kind: 'answered'; answer: Final<T>; inputs: Inputs }
  /** In words what is on its way: the primary is woken when it is there, or `after` so many milliseconds. `told`: the status should say so. */
  | { kind: 'waits'; for: string[]; told: boolean; after?: number | undefined }
  /** Nothing may be made for the primary, or it is not known whether it may. */
  | { kind: 'refused'; by: Refusal | { outcome: Outcome } }
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
  const memory = context.memory.of(uid)
  // What is rendered anew has to wait, and what others did is put right with the values as they are.
  const asKept = memory.feedback?.slowed ?? false
  const direct: Record<string, LookupResult> = {}
  for (let round = 0; ; round++) {
    const read: Inputs = {
      ...inputs,
      lookups: { ...lookups.results(uid), ...direct },
      generated: generatedValues(primary, context).values,
      asKept,
    }
    const answer = run(read)
    const { capabilityReaders } = memory
    if (answer.readCapabilities) capabilityReaders.add(reader)
    else capabilityReaders.delete(reader)
    if (answer.masked) memory.masks.set(reader, answer.masked)
    else memory.masks.delete(reader)
    if (answer.kind !== 'needs') {
      lookups.keep(
        uid,
        reader,
        (answer.lookups ?? []).filter((lookup) => !isDirect(context, lookup)),
      )
      // The last that can need a value has all of them.
      if (reader === 'status') lookups.keep(uid, 'generated', [])
      return { kind: 'answered', answer: answer as Final<T>, inputs: read }
    }
    const names = [...answer.needs.map(lookupName), ...(answer.generate ?? []).map(({ sort, name }) => `the ${sort} ${name}`)]
    if (round === mostRounds) return { kind: 'waits', for: names, told: true }
    const [watched, asked] = [
      answer.needs.filter((need) => !isDirect(context, need)),
      answer.needs.filter((need) => isDirect(context, need)),
    ]
    for (const need of asked) direct[lookupId(need)] = await readDirectly(need, context)
    if (!lookups.add(uid, reader, watched)) return { kind: 'waits', for: names, told: false }
    if (!answer.generate) continue
    if (asKept) return { kind: 'waits', for: names, told: false, after: memory.feedback?.waited(context.now()) }
    const cache = generatedInformer(context)
    const secrets = primary.metadata.namespace === undefined ? cache : cache.within([primary.metadata.namespace])
    // What is not known to be missing is not made: it would take the place of what is there.
    if (secrets.state !== 'synced') {
      const told = secrets.state !== 'starting' || secrets.reason !== undefined
      return { kind: 'waits', for: [`${kindName(cache.kind)}: ${secrets.reason ?? secrets.state}`], told }
    }
    // With the marks of who has rendered it, which no program sees.
    const [marked = primary] = context.primaries.byIndex(uid)
    const stopped = await refusedByDepth(marked, true, context).catch(unwritten)
    if (stopped) return { kind: 'refused', by: stopped }
    const result = await keepGenerated(primary, answer.generate, context).catch(unusable)
    if (result.kind === 'problems') return { kind: 'answered', answer: result as unknown as Final<T>, inputs: read }
    if (result.kind !== 'written') return { kind: 'stopped', result }
    logWrites(primary, [result], context)
    noteGenerated(result.of, answer.generate, memory, context)
  }
}

/** A value that cannot be made is a problem as any other of the render that asks for it. */
function unusable(error: unknown): { kind: 'problems'; problems: Problem[] } {
  if (error instanceof UnusableValueError) return { kind: 'problems', problems: [error.problem] }
  throw error
}
