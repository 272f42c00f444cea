/**
 * The state of a cluster without what differs from run to run, so that two runs can be compared.
 *
 * Kept is every object that the operator or the history has written, with every field of it. Replaced are UIDs (by the object that has
 * it), times, names of namespaces, addresses and ports that the server picks, and generated values: each by a number that tells whether it
 * is still the first value that this run has seen at its place, or another one. Versions are left out, and the order of managed fields.
 */
import type { KubernetesObject, ManagedFieldsEntry } from '../../api/object.ts'
import { parseFieldManager, prunedAnnotation } from '../../api/names.ts'
import { recordsKey } from '../../reconcile/generated.ts'
import { recordsDataKey } from '../../reconcile/records.ts'
import { decodedData, normalise, type Rules, uidPattern } from '../normalise.ts'
import { nameOf, type World } from '../world.ts'

/** A run's own names, and the generated values that it has shown. */
export class RunNames {
  readonly #names: readonly (readonly [text: string, replacement: string])[]
  readonly #managers: ReadonlySet<string>
  readonly #uids = new Map<string, string>()
  readonly #values = new Map<string, string>()
  readonly #seen = new Map<string, number>()
  /** By object: what its status records of what was read, now and before this step. */
  readonly #reads = new Map<string, string>()
  #readsBefore: ReadonlyMap<string, string> = new Map()

  /**
   * @param names by what stands for it: the run's namespaces
   * @param managers who writes for the history
   */
  constructor(names: Readonly<Record<string, string>>, managers: ReadonlySet<string>) {
    // The longest first: one may begin another.
    this.#names = Object.entries(names)
      .map(([name, text]) => [text, `<${name}>`] as const)
      .sort(([one], [other]) => other.length - one.length)
    this.#managers = managers
  }

  /** Without the run's own names. */
  text(text: string): string {
    return this.#names.reduce((result, [name, replacement]) => result.replaceAll(name, replacement), text)
  }

  /** A step begins: what is recorded from now on of what was read is told apart from what was recorded until now. */
  nextStep(): void {
    this.#readsBefore = new Map(this.#reads)
  }

  /** Takes note of the values that stand in Secrets now: one that is replaced later counts as another. */
  observe(objects: readonly KubernetesObject[]): void {
    for (const object of [...objects].sort(byName)) {
      const { uid, namespace = '', name } = object.metadata
      if (uid !== undefined) this.#uids.set(uid, this.text(`<uid of ${object.kind} ${namespace}/${name}>`))
      if (object.kind === 'Secret' && isGenerated(object)) this.#observeSecret(object)
    }
  }

  #observeSecret({ metadata: { namespace, name }, ['data']: data }: KubernetesObject): void {
    for (const [key, encoded] of Object.entries((data ?? {}) as Record<string, string>).sort(byKey)) {
      if (key === recordsKey || this.#values.has(encoded)) continue
      const place = this.text(`${namespace}/${name}/${key}`)
      const count = (this.#seen.get(place) ?? 0) + 1
      this.#seen.set(place, count)
      const token = `<value ${count} of ${place}>`
      this.#values.set(encoded, token)
      const plain = Buffer.from(encoded, 'base64').toString('utf8')
      if (plain.length >= 8) this.#values.set(plain, token)
    }
  }

  /** What of these objects is compared. */
  state(objects: readonly KubernetesObject[]): World {
    this.observe(objects)
    const kept = objects
      .filter((object) => this.#isWritten(object))
      .map((object) => [this.text(nameOf(object)), this.#object(object)] as const)
    return new Map(kept.sort(byKey))
  }

  #isWritten({ metadata: { managedFields = [] } }: KubernetesObject): boolean {
    return managedFields.some(({ manager }) => manager.startsWith('fairlead/') || this.#managers.has(manager))
  }

  #object(object: KubernetesObject): unknown {
    const { uid: _uid, resourceVersion: _version, managedFields = [], ...metadata } = object.metadata
    const plain = { ...object, metadata: { ...metadata, managedFields: byManager(managedFields) } }
    const data = object.kind === 'Secret' ? { data: decodedData(object['data'] as Record<string, string> | undefined) } : {}
    const { status: told } = object as { status?: { conditions?: readonly { type: string }[] } }
    const status = told?.conditions && { status: { ...told, conditions: told.conditions.toSorted(byType) } }
    const rules: Rules = {
      text: (text) => this.#string(text),
      member: (name, value) => (name === 'observedRevision' ? { is: this.#revision(object, String(value)) } : this.#member(name, value)),
    }
    return normalise({ ...plain, ...data, ...status }, rules)
  }

  /** Who has not recorded yet what is read now takes the next change of it for another one: so whether it has belongs to the state. */
  #revision(object: KubernetesObject, text: string): string {
    const name = this.text(nameOf(object))
    const recorded = read.exec(text)?.[0].replace(/^@[0-9a-z]+/, '') ?? ''
    this.#reads.set(name, recorded)
    return this.#string(text.replace(read, this.#readsBefore.get(name) === recorded ? '+<read before>' : '+<read now>'))
  }

  #member(name: string, value: unknown): ReturnType<Rules['member']> {
    if (collisions.has(name)) return 'left out'
    if (name === recordsDataKey) return { is: this.#records(String(value)) }
    if (name === rollouts) return { is: '<a number>' }
    // Digests of the UIDs of what was pruned, each of as many letters: how many there are stays.
    if (name === prunedAnnotation) return { is: this.#string(String(value)).replace(/[0-9a-f]/g, 'x') }
    return undefined
  }

  /** What a playbook has recorded, without when it was and how often it was tried; hashes are of inputs that can hold UIDs. */
  #records(text: string): unknown {
    const rules: Rules = {
      text: (each) => this.#string(each),
      member: (name) => (times.has(name) ? 'left out' : name === 'hash' ? { is: '<hash>' } : undefined),
    }
    return normalise(JSON.parse(text), rules)
  }

  #string(text: string): string {
    // Before the names: a namespace can be called as a part of the folder is.
    let result = (this.#values.get(text) ?? text).replace(projectFolder, '<project>')
    for (const [value, token] of this.#values) if (result.includes(value)) result = result.replaceAll(value, token)
    return this.text(result)
      .replace(uidPattern, (uid) => this.#uids.get(uid) ?? '<a uid>')
      .replace(timePattern, '<time>')
      .replace(/\bv1:[0-9a-f]{16,64}\b/g, 'v1:<hash>')
      .replace(/\(set [0-9a-f]{12}\)/g, '(set <hash>)')
      .replace(replicaSet, 'ReplicaSet "$1-<hash>"')
  }
}

// What is hashed has UIDs in it: the bodies that are applied, the sets of held deletes, and what was looked up.
/** In an observed revision. */
const read = /(?:@[0-9a-z]+)?\+[0-9a-f]{8}[-:][0-9a-f]{8}(?:\.[0-9a-f]{8}[-:][0-9a-f]{8})*$|(?<=^[0-9a-f]{64}(?:#\d+)?)@[0-9a-z]+$/
/** Of a copy, which the operator of each run has for itself. */
const projectFolder = /(?:\/[^/\s]+)*\/fairlead-crashes-\w+/g
const replicaSet = /ReplicaSet "([\w.-]+)-[0-9a-z]+"/g
const timePattern = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

/** How many templates a Deployment has had: also those that others wrote while no operator ran. */
const rollouts = 'deployment.kubernetes.io/revision'

/** Whether a ReplicaSet of an earlier Deployment of the name was still there; its own name tells that too. */
const times = new Set(['at', 'since', 'tries', 'waits'])
const collisions = new Set(['collisionCount', 'f:collisionCount'])

const byName = (one: KubernetesObject, other: KubernetesObject): number =>
  `${one.metadata.namespace}/${one.metadata.name}` < `${other.metadata.namespace}/${other.metadata.name}` ? -1 : 1

/** Conditions are told apart by their types; their order tells which changed last. */
const byType = (one: { type: string }, other: { type: string }): number => (one.type < other.type ? -1 : 1)

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => (one < other ? -1 : 1)

/** Their order tells of times. */
const byManager = (entries: readonly ManagedFieldsEntry[]): unknown =>
  Object.fromEntries(
    entries.map(({ time: _time, ...entry }) => [[entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' '), entry]),
  )

const isGenerated = ({ metadata: { managedFields = [] } }: KubernetesObject): boolean =>
  managedFields.some(({ manager }) => parseFieldManager(manager)?.role === 'generated')
