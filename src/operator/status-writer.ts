/**
 * Writes a primary's status, if it differs.
 *
 * A status that equals the live one is not sent, and neither is one that was sent before and that the server made something else of: a
 * schema that drops a part of it would otherwise cost a write in every pass. Status is never written through the main resource.
 *
 * A server can refuse a status that the schema has room for: a rule, a pattern, a field that has to be there, a size. Sent instead is what
 * the runtime itself reports; where that is refused too it goes into the annotation, and what was told before is taken back.
 *
 * Where conditions do not merge, those of ours that can go are recorded before they are told, and until they are gone.
 */
import { hash } from 'node:crypto'
import { canonicalJson } from '../api/canonical.ts'
import { conditionsAnnotation, fieldManager, statusAnnotation } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { coversExactly } from '../fields/coverage.ts'
import { cut } from '../fields/cut.ts'
import { parseFieldsV1 } from '../fields/serialize.ts'
import type { FieldSet } from '../fields/set.ts'
import { vacated } from '../fields/vacated.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { type ApiError, isApiError } from '../kube/errors.ts'
import { applyStatus, patchMetadata } from '../kube/writes.ts'
import { conditionsOf, type WantedCondition } from '../reconcile/conditions.ts'
import { type HoldRecord, holdConditionType, readHoldRecord } from '../reconcile/hold-record.ts'
import type { Seen } from '../reconcile/holds.ts'
import { readObservedRevision } from '../reconcile/observed-revision.ts'
import { recordedConditions } from '../reconcile/recorded-conditions.ts'
import { heldStatus, type PassReport, tellPass, type ToldPass } from '../reconcile/status.ts'
import { fitStatus, ownPart, previousStatus, readOnlyProfile, type StatusProfile } from '../reconcile/status-profile.ts'
import type { PrimaryMemory } from './memory.ts'
import { withdrawStatus } from './status-withdrawal.ts'

export interface StatusWriterOptions {
  client: ApiClient
  resource: Resource
  profile: StatusProfile
  /** Milliseconds since the epoch. */
  now: () => number
  /** Told the conditions as they were and as they are, after each pass. */
  told?: (primary: KubernetesObject, before: readonly JsonObject[], after: readonly JsonObject[]) => void
  /** Told once of a status that the server refuses for what is in it, and what was done instead. */
  refused?: (primary: KubernetesObject, error: ApiError, instead: string) => void
}

export class StatusWriter {
  readonly #options: StatusWriterOptions
  /** What of the record of a pass the kind's status keeps. */
  readonly #room: ReturnType<typeof roomIn>
  /** Whether it was told that conditions cannot be recorded as ours. */
  #isUnrecorded = false

  constructor(options: StatusWriterOptions) {
    this.#options = options
    this.#room = roomIn(options.profile)
  }

  /** One that writes nothing, for a watch whose status is somebody else's. */
  silent(): StatusWriter {
    return new StatusWriter({ ...this.#options, profile: readOnlyProfile })
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
    return await this.#send(
      primary,
      { status: heldStatus(condition, { primary, profile, now: now() }), recorded: recordedConditions(primary) },
      memory,
    )
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
    const told = tellPass(report, { primary, profile, now: now() })
    if (report.changed || !report.clean) return await this.#send(primary, told, memory)
    // With a write that is due anyhow, what was read is told as it is.
    const whole = tellPass({ ...report, changed: true }, { primary, profile, now: now() })
    const isDue = whole.status['observedRevision'] !== told.status['observedRevision'] && !this.#stands(primary, told.status, memory)
    return await this.#send(primary, isDue ? whole : told, memory)
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
    const exchange = exchangeOf(sent, live)
    if (memory.status === exchange) return true
    const isThere = holds(primary, status, sent, fieldManager('status', primary.metadata.uid as string))
    if (isThere) memory.status = exchange
    return isThere
  }

  async #send(
    primary: KubernetesObject,
    { status: whole, recorded }: ToldPass,
    memory: PrimaryMemory,
  ): Promise<KubernetesObject | undefined> {
    const { profile, told } = this.#options
    const { status, annotation } = fitStatus(profile, whole)
    let written = status && (await this.#record(primary, [...recordedConditions(primary), ...recorded]))
    const { isTaken, answer } = status ? await this.#offer(written ?? primary, status, memory) : { isTaken: true, answer: undefined }
    written = answer ?? written
    if (isTaken) written = (await this.#record(written ?? primary, recorded)) ?? written
    const own = isTaken ? annotation : ownPart(whole)
    const text = own && canonicalJson(own)
    if (profile.kind !== 'none') written = (await this.#annotate(written ?? primary, statusAnnotation, text)) ?? written
    const before = conditionsOf(previousStatus(profile, primary)['conditions'])
    told?.(written ?? primary, before, written ? conditionsOf(previousStatus(profile, written)['conditions']) : before)
    return written
  }

  /** Writes as much of the status as the server takes. `isTaken`: what the runtime itself reports is in it. */
  async #offer(
    primary: KubernetesObject,
    status: JsonObject,
    memory: PrimaryMemory,
  ): Promise<{ isTaken: boolean; answer: KubernetesObject | undefined }> {
    const { client, resource } = this.#options
    const { refused } = memory
    const offers = [
      { part: (whole: JsonObject) => whole, instead: 'it goes without what the chart says' },
      { part: ownPart, instead: `it goes into the annotation ${statusAnnotation}` },
    ]
    if (refused.size > 0 && !refused.has(canonicalJson(status))) refused.clear()
    for (const { part, instead } of offers) {
      const offer = part(status)
      if (refused.size > 0 && refused.has(canonicalJson(offer))) continue
      try {
        return { isTaken: true, answer: await this.#writeStatus(primary, offer, memory) }
      } catch (error) {
        if (!isApiError(error, 'invalid', 'schemaMismatch', 'badRequest', 'tooLarge')) throw error
        refused.add(canonicalJson(offer))
        this.#options.refused?.(primary, error, instead)
      }
    }
    // What was told before would be believed.
    const isTold = heldFields(primary, fieldManager('status', primary.metadata.uid as string)) !== undefined
    return { isTaken: false, answer: isTold ? await withdrawStatus(primary, resource, client) : undefined }
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
    memory.status = exchangeOf(sent, canonicalJson(answer['status'] ?? {}))
    return answer
  }

  /** Records types of conditions as ours. Who may not write that leaves former conditions where they are. */
  async #record(primary: KubernetesObject, types: readonly string[]): Promise<KubernetesObject | undefined> {
    const text = [...new Set(types)].toSorted().join(',')
    try {
      return await this.#annotate(primary, conditionsAnnotation, text === '' ? undefined : text)
    } catch (error) {
      if (!isApiError(error, 'forbidden')) throw error
      if (!this.#isUnrecorded) this.#options.refused?.(primary, error, 'conditions that the definition no longer has will stay')
      this.#isUnrecorded = true
      return undefined
    }
  }

  /** Text undefined: nothing is to stand there. */
  async #annotate(primary: KubernetesObject, name: string, text: string | undefined): Promise<KubernetesObject | undefined> {
    if (primary.metadata.annotations?.[name] === text) return undefined
    const { client, resource } = this.#options
    const { uid, resourceVersion } = primary.metadata as { uid: string; resourceVersion: string }
    return await patchMetadata(client, resource, primary.metadata, {
      uid,
      // The answer is taken for what the pass has seen: nobody's change may be in it.
      resourceVersion,
      metadata: { annotations: { [name]: text ?? null } },
      manager: fieldManager('status', uid),
    })
  }
}

/** What was sent and what the server made of it, in little room: thousands of primaries have one each. */
const exchangeOf = (sent: string, answered: string): string => hash('sha256', answered === sent ? sent : `${sent}\n${answered}`, 'base64')

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
