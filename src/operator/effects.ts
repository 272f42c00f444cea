/**
 * What playbooks need of the shell beside objects: their records, and acts and reads that go on in the background.
 *
 * One primary's part of it is its own: nothing here is read by another's pass.
 */
import type { KubernetesObject } from '../api/object.ts'
import type { Change } from '../cache/informer.ts'
import type { Inputs } from '../reconcile/program.ts'
import type { ActRequest, ReadRequest, RecordChanges, RecordId } from '../reconcile/walk.ts'
import type { Result } from './apply-context.ts'
import type { PassContext } from './pass-context.ts'

export interface Effects {
  /** What the records, and what goes on in this process, are to a walk. Asks nobody. */
  inputsOf(primary: KubernetesObject, context: PassContext): Pick<Inputs, 'records' | 'responses' | 'running' | 'readings'>
  /** Changes whenever one of these does. */
  versionOf(primary: KubernetesObject, context: PassContext): string
  /** Records the changes: undefined where there is nothing to write. Responses that have become records are forgotten. */
  record(primary: KubernetesObject, changes: RecordChanges, context: PassContext): Promise<Result | undefined>
  /** Begins acts whose intents are recorded. */
  begin(primary: KubernetesObject, acts: readonly ActRequest[], context: PassContext): void
  cancel(primaryUid: string, records: readonly RecordId[]): void
  /** The reads that the primary needs from now on; `waits`: it is to be woken when one is due again. */
  keepReads(primary: KubernetesObject, reads: readonly ReadRequest[], waits: boolean, context: PassContext): void
  /** A cache has taken in a change. */
  observed(change: Change): void
  /** The primary is gone, or no playbook has it any more. */
  forget(primaryUid: string): void
  /** The operator is to stop, and passes go on: nothing begins any more. Resolves when what goes on is recorded, or after a moment. */
  settle(): Promise<void>
  /** No pass runs any more. Resolves when nothing goes on. */
  stop(): Promise<void>
}

/** For operators that have no playbook. */
export const noEffects: Effects = {
  inputsOf: () => ({}),
  versionOf: () => '',
  record: () => Promise.resolve(undefined),
  begin: () => undefined,
  cancel: () => undefined,
  keepReads: () => undefined,
  observed: () => undefined,
  forget: () => undefined,
  settle: () => Promise.resolve(),
  stop: () => Promise.resolve(),
}
