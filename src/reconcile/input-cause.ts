/**
 * Whether an input, and not the spec, is why something is no longer rendered, where both may have changed.
 *
 * The program of the last clean pass is asked once more: with the primary's spec as it is now, and with everything else that it reads as that
 * pass had it. What it would still render then is dropped by an input. So it makes no difference how a program reads: objects that it looks
 * up, its own dependents, what the cluster offers, the primary's labels and annotations, its status, the time. Nor does it that another watch
 * has the primary by now, whose program asks for other things.
 *
 * A process remembers what its last clean pass had. A later one has what the status records of it: only where nothing that the program reads
 * is another, what it reads now is what that pass had.
 */
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import type { Answer, Inputs } from './program.ts'
import { areSameVersions, type ReadVersions, readVersions, timeOf } from './read-versions.ts'

/** What a pass read besides the spec. */
export interface SeenInputs extends Partial<Pick<Inputs, 'resources' | 'lookups' | 'generated' | 'capabilities' | 'now'>> {
  primary: { metadata: Partial<KubernetesObject['metadata']>; status?: unknown }
}

type Rendered = Extract<Answer, { kind: 'rendered' }>
type Reads = { [Name in 'readInputs' | 'unread']?: Rendered[Name] | undefined }

/**
 * What is to be remembered of a clean pass. Metadata changes with the spec in one request, so it is remembered also where nothing has read it
 * yet; of all else what was read, since what only the new spec asks for is the spec's doing.
 */
export function seenInputs(inputs: Inputs, { readInputs, unread }: Reads): SeenInputs {
  const { primary, resources, lookups, generated, capabilities, now } = inputs
  const { labels, annotations, finalizers, ownerReferences, resourceVersion, managedFields } = primary.metadata
  const noted = { labels, annotations, finalizers, ownerReferences } as SeenInputs['primary']['metadata']
  if (!readInputs) return { primary: { metadata: noted } }
  const metadata = unread?.includes('version') ? noted : ({ ...noted, resourceVersion, managedFields } as typeof noted)
  return { resources, lookups, generated, capabilities, now, primary: { metadata, status: primary['status'] } }
}

export interface InputCauseOptions {
  /** As the program has rendered from them. */
  inputs: Inputs
  /** Of the last clean pass; undefined: this process has seen none. */
  seen: SeenInputs | undefined
  /** The same as the status records it; undefined: it does not. */
  recorded: ReadVersions | undefined
  render: (inputs: Inputs) => Answer
  /** Whether one of the objects that are to be deleted is among what was rendered. */
  hasAny: (answer: Rendered) => boolean
  sha256: (text: string) => string
}

/** Whether the inputs drop any of what is to be deleted. What cannot be told counts as if they did. */
export function causedByInputs({ inputs, seen, recorded, render, hasAny, sha256 }: InputCauseOptions): boolean {
  if (seen) return isDropped(render(earlier(inputs, seen)), hasAny)
  if (!recorded) return true
  const then = { ...inputs, now: timeOf(recorded) ?? inputs.now }
  return isDropped(render(then), (answer) => !areSameVersions(recorded, readVersions(answer, then, sha256)) || hasAny(answer))
}

const isDropped = (answer: Answer, hasAny: InputCauseOptions['hasAny']): boolean => answer.kind !== 'rendered' || hasAny(answer)

/** The inputs as they were, but for the spec. */
function earlier(inputs: Inputs, seen: SeenInputs): Inputs {
  const { primary } = inputs
  return {
    ...inputs,
    ...seen,
    primary: { ...primary, ...seen.primary, metadata: { ...primary.metadata, ...seen.primary.metadata } } as KubernetesObject & JsonObject,
    // What only the new spec asks for is the spec's doing.
    lookups: { ...inputs.lookups, ...seen.lookups },
    generated: { ...inputs.generated, ...seen.generated },
  }
}
