/**
 * Requests for a full pass: a new text in the annotation fairlead.dev/reconcile.
 *
 * The pass begins without what the process remembers of the primary, as after a restart. `status.lastHandledReconcileAt` then holds the
 * text, so that no other process runs it again; where the status has no room for it, this process remembers it.
 */
import type { KubernetesObject } from '../api/object.ts'
import { readInstructions } from '../reconcile/instructions.ts'
import type { PrimaryMemory } from './memory.ts'
import type { PassContext } from './pass-context.ts'
import type { StatusWriter } from './status-writer.ts'

/** The primary's memory, emptied where a pass is asked for that has not been run. */
export function memoryFor(primary: KubernetesObject, { memory: memories, statusWriter, log }: PassContext): PrimaryMemory {
  const uid = primary.metadata.uid as string
  const memory = memories.of(uid)
  const { request } = readInstructions(primary)
  if (request === undefined || request === memory.request) return memory
  if (!isRequested(primary, statusWriter)) {
    memory.request = request
    return memory
  }
  memories.forget(uid)
  log.info({ primary: `${primary.kind}/${primary.metadata.name}` }, 'a full pass is asked for')
  return Object.assign(memories.of(uid), { request })
}

/** Whether the primary asks for a pass that its status does not have as run. */
export function isRequested(primary: KubernetesObject, statusWriter: StatusWriter): boolean {
  const { request, suspended } = readInstructions(primary)
  return request !== undefined && !suspended && statusWriter.lastRequest(primary) !== request
}
