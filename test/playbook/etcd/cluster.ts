/**
 * A cluster of etcd on paper: what follows from the StatefulSet that the playbook applies, and members that answer as etcd does. The clock goes on
 * with each round.
 *
 *   StatefulSet ─▶ pods and claims ─▶ members start and are ready, where the list has them ─▶ answers of the members API
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject, KubernetesObject } from '../../../src/api/object.ts'
import { PlaybookProgram } from '../../../src/playbook/program.ts'
import { lookupAmong, lookupId, type LookupResults } from '../../../src/reconcile/lookup.ts'
import type { Answer, Inputs, World } from '../../../src/reconcile/program.ts'
import type { ActRequest, Response, Walk } from '../../../src/reconcile/walk.ts'
import { compileFiles, filesOf, sha256 } from '../sample.ts'
import { Stage } from '../walking/stage.ts'

const folder = join(import.meta.dirname, '../../../examples/etcd/playbooks')
export const files = filesOf(folder)

/** The example's playbook, as it is compiled. */
export const compiled = compileFiles(files, { file: 'etcd.yaml' })

function program(): PlaybookProgram {
  const { playbook, scopeOf, errors } = compiled
  if (!playbook || !scopeOf) throw new Error(`${errors.join('\n')} (${readdirSync(folder).join()})`)
  return new PlaybookProgram({ playbook, scopeOf, sha256 })
}

export interface Member {
  ID: string
  name?: string
  peerURLs: string[]
  isLearner?: boolean
}

interface StatefulSet {
  replicas: number
  image: string
  command: string[]
}

const labels = { 'app.kubernetes.io/name': 'etcd', 'app.kubernetes.io/instance': 'shop' }
const secret = { certificate: btoa('CERTIFICATE'), privateKey: btoa('KEY'), ca: btoa('CA') }
const generated = { ca: { sort: 'ca', options: '{}', parts: secret }, tls: { sort: 'certificate', options: '{}', parts: secret } } as const

export class EtcdStage extends Stage {
  readonly pods = new Map<string, KubernetesObject>()
  readonly volumes = new Map<string, KubernetesObject>()
  list: Member[] = []
  statefulSet?: StatefulSet
  /** Versions whose members never become ready. */
  broken: string[] = []
  /** Pods whose members are not heard of. */
  dead = new Set<string>()
  /** What every request to the members is answered with. */
  outage?: Response
  /** What jobs come to. */
  job: (act: ActRequest) => Response | undefined = () => ({ kind: 'answered', value: { exitCode: 0 } })
  /** The cluster version: raised once all members have the next one. */
  agreed: string | undefined
  /** Every version of the StatefulSet, one after another: `3 × 3.6.8`. */
  readonly scaled: string[] = []
  /** Reasons of the events. */
  readonly events: string[] = []
  /** The custom resource is being deleted. */
  isDeleted = false
  #made = 0

  constructor(spec: JsonObject = {}) {
    super(program(), {
      size: 3,
      version: '3.6.8',
      image: 'etcd',
      storage: { size: '1Gi' },
      replaceAfter: '10m',
      updateTimeout: '10m',
      ...spec,
    })
    this.answer = (act) => this.#act(act)
  }

  override get inputs(): Inputs {
    return { ...super.inputs, generated, asKept: true }
  }

  /** A walk, with what it looks up and reads as it is now. */
  override pass(): Walk {
    const next = (inputs: Inputs, world?: World): Answer => {
      let lookups: LookupResults = {}
      for (;;) {
        const answer = this.isDeleted
          ? this.program.remove({ ...inputs, lookups }, world)
          : this.program.next({ ...inputs, lookups }, world)
        if (answer.kind !== 'needs') {
          if (answer.kind === 'rendered') this.#take(answer.documents.map(({ object }) => object))
          return answer
        }
        lookups = { ...lookups, ...Object.fromEntries(answer.needs.map((need) => [lookupId(need), lookupAmong(this.#objects(), need)])) }
      }
    }
    const asked = this.acts.length
    const walk = super.pass({ next })
    this.events.push(...walk.events.map(({ reason }) => reason))
    this.readings =
      this.acts.length > asked
        ? {}
        : Object.fromEntries(walk.reads.map(({ id, hash }) => [id, { hash, at: this.now, response: this.#read(id) }]))
    return walk
  }

  /** One walk after another, with what the cluster makes of it, for so long. */
  after(minutes: number): Walk {
    let walk = this.pass()
    for (const end = this.now + minutes * 60_000; this.now < end; ) walk = this.round(20)
    return walk
  }

  round(seconds = 5): Walk {
    this.now += seconds * 1000
    this.#react()
    return this.pass()
  }

  /** Rounds until the lane comes to its end. */
  until(isSo: (walk: Walk) => boolean = ({ stop }) => stop === undefined): Walk {
    let walk = this.pass()
    for (let rounds = 0; rounds < 300; rounds++) {
      if (isSo(walk)) return walk
      walk = this.round()
    }
    throw new Error(
      `never: ${JSON.stringify({ stop: walk.stop, list: this.list, pods: this.states, volumes: [...this.volumes.keys()], scaled: this.scaled, acts: this.acts.slice(-3), steps: walk.steps })}`,
    )
  }

  /** `0 3.6.8 ready` */
  get states(): string[] {
    return [...this.pods.values()].map((pod) => `${pod.metadata.name} ${versionOf(pod)}${isReady(pod) ? '' : ' not ready'}`).sort()
  }

  get members(): string[] {
    return this.list.map(({ peerURLs: [url = ''] }) => /\/\/([^.]+)/.exec(url)?.[1] ?? url).sort()
  }

  /** The steps that acted, with `from` acts left out. */
  steps(from = 0): string[] {
    return this.acts.slice(from).map(({ record }) => record.split('/')[1] ?? record)
  }

  #objects(): KubernetesObject[] {
    return [...this.pods.values(), ...this.volumes.values()]
  }

  #take(documents: readonly KubernetesObject[]): void {
    const set = documents.find(({ kind }) => kind === 'StatefulSet')
    if (!set) return
    const { replicas, template } = set['spec'] as {
      replicas: number
      template: { spec: { containers: { image: string; command: string[] }[] } }
    }
    const [container] = template.spec.containers
    if (!container) throw new Error('a StatefulSet without a container')
    this.statefulSet = { replicas, image: container.image, command: container.command }
    const text = `${replicas} × ${container.image.split(':v')[1]}`
    if (this.scaled.at(-1) !== text) this.scaled.push(text)
  }

  #object(kind: string, name: string, more: object): KubernetesObject {
    const metadata = { name, namespace: 'eu', uid: `${kind}-${++this.#made}`, labels, creationTimestamp: new Date(this.now).toISOString() }
    return { apiVersion: 'v1', kind, metadata, ...more } as KubernetesObject
  }

  /** The StatefulSet's controller, then the kubelets and etcd. */
  #react(): void {
    const { statefulSet } = this
    if (!statefulSet) return
    for (const name of this.pods.keys()) if (Number(name.split('-').at(-1)) >= statefulSet.replicas) this.pods.delete(name)
    for (let ordinal = 0; ordinal < statefulSet.replicas; ordinal++) {
      const [name, claim] = [`shop-${ordinal}`, `data-shop-${ordinal}`]
      if (!this.volumes.has(claim)) this.volumes.set(claim, this.#object('PersistentVolumeClaim', claim, { status: { phase: 'Bound' } }))
      if (this.pods.has(name)) continue
      const spec = { containers: [{ name: 'etcd', image: statefulSet.image, command: statefulSet.command }] }
      this.pods.set(name, this.#object('Pod', name, { spec, status: statusOf(false, this.now) }))
    }
    for (const [name, pod] of this.pods) {
      const ready = this.#runs(name, pod)
      if (ready !== isReady(pod)) this.pods.set(name, { ...pod, status: statusOf(ready, this.now) })
    }
    const versions = [...this.pods.values()].map(versionOf)
    const lowest = versions.map((version) => version.replace(/\.\d+$/, '.0')).sort()[0]
    if (versions.length === this.list.length && this.hasQuorum && lowest && lowest > (this.agreed ?? '')) this.agreed = lowest
  }

  /** Whether the member of a pod runs and serves: the data of its volume are its own, or empty. */
  #runs(name: string, pod: KubernetesObject): boolean {
    const url = `https://${name}.shop.eu.svc:2380`
    const volume = this.volumes.get(`data-${name}`) as KubernetesObject
    const flag = (key: string): string => this.#flag(pod, key)
    if (this.dead.has(name) || this.broken.includes(versionOf(pod))) return false
    if (this.list.length === 0) {
      if (flag('initial-cluster-state') !== 'new') return false
      this.list.push({ ID: `1${++this.#made}`, peerURLs: [url], name })
    }
    const member = this.list.find(({ peerURLs }) => peerURLs.includes(url))
    if (!member) return false
    const ofMember = volume['member'] as string | undefined
    if (ofMember === undefined) {
      // An empty folder: the flags have to name exactly the members of the list.
      const named = flag('initial-cluster')
        .split(',')
        .map((pair): string => pair.split('=')[0] ?? '')
        .sort()
      if (this.list.length > 1 && named.join() !== this.members.join()) return false
      volume['member'] = member.ID
    } else if (ofMember !== member.ID) return false
    member.name = name
    return !member.isLearner
  }

  #flag(pod: KubernetesObject, key: string): string {
    const { containers } = pod['spec'] as { containers: { command: string[] }[] }
    return containers[0]?.command.find((word) => word.startsWith(`--${key}=`))?.slice(key.length + 3) ?? ''
  }

  get hasQuorum(): boolean {
    const voters = this.list.filter(({ isLearner }) => !isLearner)
    const up = voters.filter(({ name }) => name !== undefined && isReady(this.pods.get(name)))
    return up.length > voters.length / 2
  }

  #read(id: string): Response {
    if (this.outage) return this.outage
    if (!this.hasQuorum) return { kind: 'failed', message: 'no quorum' }
    if (id.endsWith('/agreed')) return answered({ etcdserver: 'x', etcdcluster: this.agreed ?? 'not_decided' })
    return answered({ members: structuredClone(this.list) as unknown as JsonObject[] })
  }

  #act(act: ActRequest): Response | undefined {
    switch (act.kind) {
      case 'delete': {
        const { objects } = act.inputs as unknown as { objects: { kind: string; name: string; uid: string }[] }
        for (const { kind, name, uid } of objects) {
          const there = kind === 'Pod' ? this.pods : this.volumes
          if (there.get(name)?.metadata.uid === uid) there.delete(name)
        }
        return { kind: 'answered', value: {} }
      }
      case 'job':
        return this.job(act)
      case 'http':
        return this.outage ?? this.#change(act)
      default:
        throw new Error(`nobody does ${act.kind}`)
    }
  }

  #change({ inputs }: ActRequest): Response {
    const { url, body } = inputs as { url: string; body: { ID?: string; peerURLs?: string[] } }
    if (!this.hasQuorum) return { kind: 'unknown', message: 'no answer' }
    const member = this.list.find(({ ID }) => ID === body.ID)
    switch (url.split('/').at(-1)) {
      case 'add':
        if (this.list.some(({ isLearner }) => isLearner)) return { kind: 'failed', message: 'too many learners', value: { status: 429 } }
        this.list.push({ ID: `1${++this.#made}`, peerURLs: body.peerURLs ?? [], isLearner: true })
        return answered({})
      case 'remove':
        this.list = this.list.filter((each) => each !== member)
        return answered({})
      case 'promote':
        if (member?.name === undefined) return { kind: 'failed', message: 'not in sync', value: { status: 412 } }
        delete member.isLearner
        return answered({})
      default:
        throw new Error(url)
    }
  }
}

const answered = (json: JsonObject): Response => ({ kind: 'answered', value: { status: 200, json } })

const statusOf = (ready: boolean, now: number): JsonObject => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: new Date(now).toISOString() }],
})

const isReady = (pod: KubernetesObject | undefined): boolean =>
  ((pod?.['status'] as { conditions?: { status: string }[] } | undefined)?.conditions ?? [])[0]?.status === 'True'

const versionOf = (pod: KubernetesObject): string =>
  (pod['spec'] as { containers: { image: string }[] }).containers[0]?.image.split(':v')[1] ?? ''
