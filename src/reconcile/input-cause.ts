/**
 * Whether an input, and not the spec, is why something is no longer rendered, where both may have changed.
 *
 * The program of the last clean pass is asked once more: with the primary's spec as it is now, and with everything else that it reads as that
 * pass had it. What it would still render then is dropped by an input. So it makes no difference how a program reads: objects that it looks
 * up, its own dependents, what the cluster offers, the primary's status, the time. Nor does it that another watch has the primary by now,
 * whose program asks for other things.
 */
import type { Answer, Inputs } from './program.ts'

/** What a pass read besides the primary's own declaration; empty where that is nothing. */
export interface SeenInputs extends Partial<Pick<Inputs, 'resources' | 'lookups' | 'generated' | 'capabilities' | 'now'>> {
  primary?: { status: unknown }
}

const nothing: SeenInputs = {}

/** What is to be remembered of a clean pass: nothing where its documents depend on the declaration alone. */
export function seenInputs(inputs: Inputs, { readInputs }: { readInputs?: boolean }): SeenInputs {
  if (!readInputs) return nothing
  const { primary, resources, lookups, generated, capabilities, now } = inputs
  return { resources, lookups, generated, capabilities, now, primary: { status: primary['status'] } }
}

export interface InputCauseOptions {
  /** As the program has rendered from them. */
  inputs: Inputs
  /** Of the last clean pass; undefined: nobody knows any more. */
  seen: SeenInputs | undefined
  render: (inputs: Inputs) => Answer
  /** Whether one of the objects that are to be deleted is among what was rendered. */
  hasAny: (answer: Extract<Answer, { kind: 'rendered' }>) => boolean
}

/** Whether the inputs drop any of what is to be deleted. What cannot be told counts as if they did. */
export function causedByInputs({ inputs, seen, render, hasAny }: InputCauseOptions): boolean {
  if (!seen) return true
  const answer = render({
    ...inputs,
    ...seen,
    primary: { ...inputs.primary, ...seen.primary },
    // What only the new spec asks for is the spec's doing.
    lookups: { ...inputs.lookups, ...seen.lookups },
    generated: { ...inputs.generated, ...seen.generated },
  })
  return answer.kind !== 'rendered' || hasAny(answer)
}
