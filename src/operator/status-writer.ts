/**
 * Writes a primary's status, if it differs.
 *
 * A status that equals the live one is not sent, and neither is one that was sent before and that the server made something else of: a
 * schema that drops a part of it would otherwise cost a write in every pass. Status is never written through the main resource.
 */
import { canonicalJson } from '../api/canonical.ts'
import { fieldManager, statusAnnotation } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { coversExactly } from '../fields/coverage.ts'
import { cut } from '../fields/cut.ts'
import { parseFieldsV1 } from '../fields/serialize.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { applyStatus, patchMetadata } from '../kube/writes.ts'
import { type PassReport, passStatus } from '../reconcile/status.ts'
import { fitStatus, previousStatus, type StatusProfile } from '../reconcile/status-profile.ts'
import type { PrimaryMemory } from './memory.ts'

export interface StatusWriterOptions {
  client: ApiClient
  resource: Resource
  profile: StatusProfile
  /** Milliseconds since the epoch. */
  now: () => number
}

export class StatusWriter {
  readonly #options: StatusWriterOptions

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** What the last clean pass over this primary saw, as its status tells. */
  lastClean(primary: KubernetesObject): { generation: unknown; revision: unknown } {
    const status = previousStatus(this.#options.profile, primary)
    return { generation: status['observedGeneration'], revision: status['observedRevision'] }
  }

  /** The last request for a full pass that was run, as its status tells. */
  lastRequest(primary: KubernetesObject): unknown {
    return previousStatus(this.#options.profile, primary)['lastHandledReconcileAt']
  }

  /**
   * Brings the primary's status to what the pass reports; answers the primary as it is after the write, or undefined if there was nothing
   * to write. Rejects with ApiError, `conflict` if the primary is no longer the one that the pass read.
   */
  async write(primary: KubernetesObject, report: PassReport, memory: PrimaryMemory): Promise<KubernetesObject | undefined> {
    const { profile, now } = this.#options
    const { status, annotation } = fitStatus(profile, passStatus(report, { primary, profile, now: now() }))
    let written: KubernetesObject | undefined
    if (status) written = await this.#writeStatus(primary, status, memory)
    if (annotation) written = (await this.#writeAnnotation(written ?? primary, annotation)) ?? written
    return written
  }

  async #writeStatus(primary: KubernetesObject, status: JsonObject, memory: PrimaryMemory): Promise<KubernetesObject | undefined> {
    const sent = canonicalJson(status)
    const live = canonicalJson(primary['status'] ?? {})
    if (memory.status?.sent === sent && memory.status.answered === live) return undefined
    const manager = fieldManager('status', primary.metadata.uid as string)
    if (holds(primary, status, sent, manager)) {
      memory.status = { sent, answered: live === sent ? sent : live }
      return undefined
    }
    const { client, resource } = this.#options
    const { uid, resourceVersion } = primary.metadata as { uid: string; resourceVersion: string }
    const answer = await applyStatus(client, resource, primary.metadata, { manager, uid, resourceVersion, status })
    const answered = canonicalJson(answer['status'] ?? {})
    memory.status = { sent, answered: answered === sent ? sent : answered }
    return answer
  }

  async #writeAnnotation(primary: KubernetesObject, status: JsonObject): Promise<KubernetesObject | undefined> {
    const text = canonicalJson(status)
    if (primary.metadata.annotations?.[statusAnnotation] === text) return undefined
    const { client, resource } = this.#options
    const { uid, resourceVersion } = primary.metadata as { uid: string; resourceVersion: string }
    return await patchMetadata(client, resource, primary.metadata, {
      uid,
      // The answer is taken for what the pass has seen: nobody's change may be in it.
      resourceVersion,
      metadata: { annotations: { [statusAnnotation]: text } },
      manager: fieldManager('status', uid),
    })
  }
}

/** Whether the live status holds exactly this, as ours: values and ownership. */
function holds(primary: KubernetesObject, status: JsonObject, text: string, manager: string): boolean {
  const entry = primary.metadata.managedFields?.find(
    (each) => each.manager === manager && each.operation === 'Apply' && each.subresource === 'status',
  )
  if (!entry?.fieldsV1) return false
  const held = parseFieldsV1(entry.fieldsV1)
  if (!coversExactly(held, { status })) return false
  const live = cut(primary as unknown as JsonObject, held) as { status?: JsonObject }
  return canonicalJson(live.status ?? {}) === text
}
