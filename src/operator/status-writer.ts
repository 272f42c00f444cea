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
import type { FieldSet } from '../fields/set.ts'
import { vacated } from '../fields/vacated.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { applyStatus, patchMetadata } from '../kube/writes.ts'
import { conditionsOf, type WantedCondition } from '../reconcile/conditions.ts'
import { type HoldRecord, holdConditionType, readHoldRecord } from '../reconcile/hold-record.ts'
import type { Seen } from '../reconcile/holds.ts'
import { readObservedRevision } from '../reconcile/observed-revision.ts'
import { heldStatus, type PassReport, passStatus } from '../reconcile/status.ts'
import { fitStatus, previousStatus, type StatusProfile } from '../reconcile/status-profile.ts'
import type { PrimaryMemory } from './memory.ts'

export interface StatusWriterOptions {
  client: ApiClient
  resource: Resource
  profile: StatusProfile
  /** Milliseconds since the epoch. */
  now: () => number
  /** Told the conditions as they were and as they are, after each pass. */
  told?: (primary: KubernetesObject, before: readonly JsonObject[], after: readonly JsonObject[]) => void
}

export class StatusWriter {
  readonly #options: StatusWriterOptions
  /** What of the record of a pass the kind's status keeps. */
  readonly #room: ReturnType<typeof roomIn>

  constructor(options: StatusWriterOptions) {
    this.#options = options
    this.#room = roomIn(options.profile)
  }

  /** Whether the status itself has room for the condition Ready. */
  get tellsReady(): boolean {
    return this.#room.ready
  }

  /** Whether the status, or the annotation that stands for it, has room for what is held. */
  get tellsHold(): boolean {
    return this.#room.hold
  }

  /** What the last clean pass over this primary saw, as its status tells; the memory counts only where the status has no room for it. */
  lastClean(primary: KubernetesObject, { seen }: { seen?: Seen | undefined } = {}): Seen {
    const status = previousStatus(this.#options.profile, primary)
    const { revision, watch, reads } = readObservedRevision(status['observedRevision'])
    return {
      generation: this.#room.generation ? status['observedGeneration'] : seen?.generation,
      revision: this.#room.revision ? revision : seen?.revision,
      watch: this.#room.revision ? watch : (seen?.watch ?? watch),
      inputs: seen?.inputs,
      reads,
    }
  }

  /** What the status tells of deletes that are held or approved; the memory counts only where it has no room for the condition. */
  lastHold(primary: KubernetesObject, { hold }: PrimaryMemory): HoldRecord | undefined {
    if (!this.#room.hold) return hold
    return readHoldRecord(conditionsOf(previousStatus(this.#options.profile, primary)['conditions']))
  }

  /** Records a hold beside the rest of the status; answers and rejects as `write`. */
  async writeHold(primary: KubernetesObject, condition: WantedCondition, memory: PrimaryMemory): Promise<KubernetesObject | undefined> {
    const { profile, now } = this.#options
    return await this.#send(primary, heldStatus(condition, { primary, profile, now: now() }), memory)
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
    const status = passStatus(report, { primary, profile, now: now() })
    if (report.changed || !report.clean) return await this.#send(primary, status, memory)
    // With a write that is due anyhow, what was read is told as it is.
    const whole = passStatus({ ...report, changed: true }, { primary, profile, now: now() })
    const isDue = whole['observedRevision'] !== status['observedRevision'] && !this.#stands(primary, status, memory)
    return await this.#send(primary, isDue ? whole : status, memory)
  }

  /** Whether there is nothing to send. */
  #stands(primary: KubernetesObject, whole: JsonObject, memory: PrimaryMemory): boolean {
    const { status, annotation } = fitStatus(this.#options.profile, whole)
    const isNoted = !annotation || primary.metadata.annotations?.[statusAnnotation] === canonicalJson(annotation)
    return isNoted && (!status || this.#isSent(primary, status, memory))
  }

  /** Whether the status is there, or was sent before, and the server made something else of it. */
  #isSent(primary: KubernetesObject, status: JsonObject, memory: PrimaryMemory): boolean {
    const sent = canonicalJson(status)
    const live = canonicalJson(primary['status'] ?? {})
    if (memory.status?.sent === sent && memory.status.answered === live) return true
    const isThere = holds(primary, status, sent, fieldManager('status', primary.metadata.uid as string))
    if (isThere) memory.status = { sent, answered: live === sent ? sent : live }
    return isThere
  }

  async #send(primary: KubernetesObject, whole: JsonObject, memory: PrimaryMemory): Promise<KubernetesObject | undefined> {
    const { profile, told } = this.#options
    const { status, annotation } = fitStatus(profile, whole)
    let written: KubernetesObject | undefined
    if (status) written = await this.#writeStatus(primary, status, memory)
    if (annotation) written = (await this.#writeAnnotation(written ?? primary, annotation)) ?? written
    const before = conditionsOf(previousStatus(profile, primary)['conditions'])
    told?.(written ?? primary, before, written ? conditionsOf(previousStatus(profile, written)['conditions']) : before)
    return written
  }

  async #writeStatus(primary: KubernetesObject, status: JsonObject, memory: PrimaryMemory): Promise<KubernetesObject | undefined> {
    if (this.#isSent(primary, status, memory)) return undefined
    const sent = canonicalJson(status)
    const manager = fieldManager('status', primary.metadata.uid as string)
    const { client, resource } = this.#options
    const { uid, resourceVersion } = primary.metadata as { uid: string; resourceVersion: string }
    const apply = async (wanted: JsonObject, version: string) =>
      await applyStatus(client, resource, primary.metadata, { manager, uid, resourceVersion: version, status: wanted })
    const first = emptied(primary, status, manager)
    const between = first && (await apply(first, resourceVersion))
    const answer = await apply(status, between?.metadata.resourceVersion ?? resourceVersion)
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

function roomIn(profile: StatusProfile): { generation: boolean; revision: boolean; hold: boolean; ready: boolean } {
  const condition = { type: holdConditionType, status: 'True', reason: 'Why', message: 'what', observedGeneration: 1 }
  const whole = { observedGeneration: 1, observedRevision: 'r', conditions: [{ ...condition, lastTransitionTime: '2006-01-02T15:04:05Z' }] }
  const { status, annotation } = fitStatus(profile, whole)
  const kept = { ...status, ...annotation }
  const [hold] = conditionsOf(kept['conditions'])
  return {
    generation: kept['observedGeneration'] !== undefined,
    revision: kept['observedRevision'] !== undefined,
    hold: hold?.['message'] !== undefined && hold['reason'] !== undefined,
    ready: conditionsOf(status?.['conditions']).length > 0,
  }
}

/** What of the status is ours. */
function heldFields(primary: KubernetesObject, manager: string): FieldSet | undefined {
  const entry = primary.metadata.managedFields?.find(
    (each) => each.manager === manager && each.operation === 'Apply' && each.subresource === 'status',
  )
  return entry?.fieldsV1 && parseFieldsV1(entry.fieldsV1)
}

/** What is sent before a status that empties a list or a map. */
function emptied(primary: KubernetesObject, status: JsonObject, manager: string): JsonObject | undefined {
  const held = heldFields(primary, manager)
  return held && (vacated({ status }, held)?.['status'] as JsonObject | undefined)
}

/** Whether the live status holds exactly this, as ours: values and ownership. */
function holds(primary: KubernetesObject, status: JsonObject, text: string, manager: string): boolean {
  const held = heldFields(primary, manager)
  if (!held) return false
  if (!coversExactly(held, { status })) return false
  const live = cut(primary as unknown as JsonObject, held) as { status?: JsonObject }
  return canonicalJson(live.status ?? {}) === text
}
