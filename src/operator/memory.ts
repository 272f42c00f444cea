/**
 * What the process remembers of each primary. All of it may be lost: it only saves work, and never decides what is right.
 */
import { canonicalJson } from '../api/canonical.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import type { ForeignItem } from '../reconcile/exclusive-lists.ts'
import { contentOf, pointer } from '../reconcile/exclusive-lists.ts'
import type { Feedback } from '../reconcile/feedback.ts'
import { Fights } from '../reconcile/fights.ts'
import type { HoldRecord } from '../reconcile/hold-record.ts'
import type { Seen } from '../reconcile/holds.ts'
import type { Unmarked } from '../reconcile/match.ts'
import type { CleanPass } from './clean-pass.ts'
import type { Reader } from './lookups.ts'
import type { Deviations } from './metrics.ts'
import { SparseMap, SparseSet } from './sparse.ts'

export interface PrimaryMemory {
  /** What the last clean pass read: a pass that reads the same ends at once. */
  clean: CleanPass | undefined
  /** The watch that had the primary in the last pass, by its lane in the queue. */
  lane: string | undefined
  /** What the last clean pass saw, for a status that has no room for it. */
  seen: Seen | undefined
  /** The deletes that the last pass held, for a status that has no room for the condition. */
  hold: HoldRecord | undefined
  /** Somebody deletes the primary without its dependents, which stands on it only for a moment. */
  orphaned: boolean
  /** UIDs of what was deleted, while the caches still hold it. */
  deleted: SparseSet<string>
  /** Who of the primary's programs read what the cluster offers. */
  capabilityReaders: SparseSet<Reader>
  /** The objects of the last clean pass, one a line (see linesOf): one that is missing now is healed. */
  dependents: string | undefined
  /** The objects that were made since then, as `identityOf` gives them. */
  made: SparseSet<string>
  /** Something was written, perhaps by the process before this one, and no pass has reported yet what came of it. */
  wrote: boolean
  /** The last pass left its status to the next one, since others waited for their dependents. */
  statusPostponed: boolean
  /** What mask the secrets that the last renders revealed. */
  masks: SparseMap<Reader, (text: string) => string>
  /** The warnings of the last pass: they are not logged again while they last. */
  told: SparseSet<string>
  /** The status that was last sent, and what the server made of it: a digest of both. */
  status: string | undefined
  /** Of the last status, what the server refused: as canonical JSON. */
  refused: SparseSet<string>
  /** For objects whose marks the server does not keep, by UID: our last write. */
  unmarked: SparseMap<string, Unmarked>
  /** Objects whose fields are somebody else's and must not be taken, by UID: what was wanted of what (see `wishOf`), and what was said of it. */
  conflicts: SparseMap<string, { wish: string; observed: KubernetesObject; result: { kind: 'conflict'; object: string; message: string } }>
  /** What our entry held on objects whose managed fields somebody reset since then, by UID. */
  reset: SparseMap<string, ManagedFieldsEntry>
  /** UIDs of what was ours when it was seen last, by identity: it is gone, or has lost our label. */
  unlabelled: SparseMap<string, string>
  /** Fields that others take back each time. */
  fights: Fights
  /** What the last passes wrote; undefined where nothing was written of late. */
  feedback: Feedback | undefined
  /** Fields that the last pass left to others. */
  yielded: number
  /** Foreign list items that admission put there, each by itself and with what was in it. */
  admitted: SparseSet<string>
  /** The Secret of its records as this process wrote it last: no cache may be behind that. */
  records: KubernetesObject | undefined
  /** The last request for a full pass that was run; the status says it too, where it has room. */
  request: string | undefined
}

/** The memories of a watch's primaries, by UID. */
export class Memory {
  #primaries = new Map<string, PrimaryMemory>()

  of(uid: string): PrimaryMemory {
    let memory = this.#primaries.get(uid)
    if (!memory) {
      memory = {
        clean: undefined,
        lane: undefined,
        seen: undefined,
        hold: undefined,
        orphaned: false,
        deleted: new SparseSet(),
        capabilityReaders: new SparseSet(),
        dependents: undefined,
        made: new SparseSet(),
        wrote: true,
        statusPostponed: false,
        masks: new SparseMap(),
        told: new SparseSet(),
        status: undefined,
        refused: new SparseSet(),
        unmarked: new SparseMap(),
        conflicts: new SparseMap(),
        reset: new SparseMap(),
        unlabelled: new SparseMap(),
        fights: new Fights(),
        feedback: undefined,
        admitted: new SparseSet(),
        yielded: 0,
        records: undefined,
        request: undefined,
      }
      this.#primaries.set(uid, memory)
    }
    return memory
  }

  /** What the last passes of the primary with this UID wrote; undefined where nothing is remembered. */
  feedbackOf(uid: string): Feedback | undefined {
    return this.#primaries.get(uid)?.feedback
  }

  /** For metrics: of all primaries together. */
  deviations(): Omit<Deviations, 'kind'> {
    const deviations = { held: { primaries: 0, deletes: 0 }, yielded: 0, contested: 0 }
    for (const { hold, yielded, fights, feedback } of this.#primaries.values()) {
      const deletes = hold?.kind === 'held' ? hold.names.length + hold.more : 0
      deviations.held.deletes += deletes
      if (deletes > 0) deviations.held.primaries++
      deviations.yielded += yielded
      deviations.contested += fights.ongoing.length + (feedback?.ongoing?.fields.length ?? 0)
    }
    return deviations
  }

  /** Whether any primary's program reads what the cluster offers. */
  get readsCapabilities(): boolean {
    return this.#primaries.values().some(({ capabilityReaders }) => capabilityReaders.size > 0)
  }

  /** What the cluster offers has changed: UIDs of the primaries that are to be rendered anew. */
  capabilitiesChanged(): string[] {
    const uids: string[] = []
    for (const [uid, memory] of this.#primaries) {
      if (memory.capabilityReaders.size === 0) continue
      memory.clean = undefined
      memory.feedback = undefined
      uids.push(uid)
    }
    return uids
  }

  forget(uid: string): void {
    this.#primaries.delete(uid)
  }
}

/** A text about the primary, with a mask in the place of what its renders revealed of secrets. */
export const masked = (text: string, { masks }: PrimaryMemory): string =>
  (['documents', 'status'] as const).reduce((shown, reader) => masks.get(reader)?.(shown) ?? shown, text)

/** Texts without line breaks as one: a set of four takes several times the room. */
export const linesOf = (texts: readonly string[]): string => ['', ...texts, ''].join('\n')

export const hasLine = (lines: string, text: string): boolean => lines.includes(`\n${text}\n`)

/** Which list item it is that admission put there. */
export const admittedItem = (object: KubernetesObject, { list, key }: ForeignItem): string =>
  `${object.metadata.uid} ${pointer(list.filter((step) => typeof step === 'string'))} ${JSON.stringify(key)}`

/** The same with what is in it: as soon as somebody changes that, it is to be looked at whose the item is. */
export const admittedKey = (object: KubernetesObject, item: ForeignItem, sha256: (text: string) => string): string =>
  `${admittedItem(object, item)} ${sha256(canonicalJson(contentOf(object, item)))}`
