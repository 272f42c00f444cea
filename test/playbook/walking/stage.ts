/**
 * A playbook over one custom resource, without a cluster: what a walk applies is there, what it records is recorded, and what it asks for is
 * answered by the test. The clock stands until the test moves it.
 */
import { equalJson } from '../../../src/api/equal.ts'
import type { JsonObject, KubernetesObject } from '../../../src/api/object.ts'
import { displayName } from '../../../src/api/object.ts'
import { stepAnnotation } from '../../../src/api/names.ts'
import { PlaybookProgram } from '../../../src/playbook/program.ts'
import type { Inputs } from '../../../src/reconcile/program.ts'
import { mergeRecords } from '../../../src/reconcile/records.ts'
import { type ActRequest, noRecords, type Reading, type Records, type Response, type Walk } from '../../../src/reconcile/walk.ts'
import { compileFiles, sampleInputs, sha256 } from '../sample.ts'

export class Stage {
  readonly program: PlaybookProgram
  now = Date.parse('2026-11-23T10:00:00Z')
  spec: JsonObject
  generation = 1
  records: Records = noRecords
  /** What is in the cluster, by `Kind/name`, with the mark of the step that applied it. */
  readonly objects = new Map<string, string>()
  /** The same, as they were applied. */
  readonly bodies = new Map<string, KubernetesObject>()
  /** What the walks asked for, in order: `step` or `step/item`. */
  readonly acts: ActRequest[] = []
  /** What they took back of it. */
  readonly cancelled: string[] = []
  readings: Record<string, Reading> = {}
  responses: Record<string, Response> = {}
  running: string[] = []
  /** Writes of the records. */
  writes = 0
  /** Whether what is rendered gets into the cluster. */
  applies = true
  /** Other inputs of each walk. */
  more: Partial<Inputs> = {}
  answer: (act: ActRequest) => Response | undefined = () => ({ kind: 'answered', value: {} })

  constructor(
    playbook: string | PlaybookProgram,
    spec: JsonObject = { size: 3, version: '1.4' },
    files: Readonly<Record<string, string>> = {},
  ) {
    this.program = typeof playbook === 'string' ? programOf(playbook, files) : playbook
    this.spec = spec
  }

  get inputs(): Inputs {
    const { primary, ...inputs } = sampleInputs()
    return {
      ...inputs,
      primary: { ...primary, metadata: { ...primary.metadata, generation: this.generation }, spec: this.spec } as KubernetesObject,
      records: { kind: 'known', records: this.records },
      readings: this.readings,
      responses: this.responses,
      running: this.running,
      now: this.now,
      ...this.more,
    }
  }

  /** The spec changes. */
  change(spec: JsonObject): void {
    this.spec = { ...this.spec, ...spec }
    this.generation++
  }

  /** One walk, and what follows from it. */
  pass(program: Pick<PlaybookProgram, 'next'> = this.program): Walk {
    const answer = program.next(this.inputs, {
      isInPlace: (documents) => documents.every(({ object }) => equalJson(this.bodies.get(displayName(object)), object)),
    })
    if (answer.kind !== 'rendered' || !answer.walk) throw new Error(`no walk: ${JSON.stringify(answer)}`)
    const { walk, documents } = answer
    const rendered = documents.map(({ object }) => [displayName(object), object.metadata.annotations?.[stepAnnotation] ?? ''] as const)
    if (this.applies) {
      for (const [name, mark] of rendered) this.objects.set(name, mark)
      for (const { object } of documents) this.bodies.set(displayName(object), object)
    }
    for (const [name, mark] of this.objects)
      if (
        !rendered.some(([other]) => other === name) &&
        (walk.marks.has(mark) ? walk.decided.has(mark) && !walk.unpruned.has(mark) : !walk.stop)
      )
        void (this.objects.delete(name) && this.bodies.delete(name))
    const merged = mergeRecords(this.records, walk.changes)
    if (merged !== this.records) this.writes++
    this.records = merged
    for (const record of Object.keys(walk.changes.acts ?? {})) delete this.responses[record]
    this.cancelled.push(...walk.cancelled)
    for (const act of walk.acts) {
      this.acts.push(act)
      const response = this.answer(act)
      if (response) this.responses[act.record] = response
      else this.running.push(act.record)
    }
    return walk
  }

  /** Passes until one changes nothing; the last walk. */
  settle(): Walk {
    for (let passes = 0; passes < 200; passes++) {
      const [writes, asked, there] = [this.writes, this.acts.length, JSON.stringify([...this.bodies])]
      const walk = this.pass()
      const isSame = writes === this.writes && asked === this.acts.length && there === JSON.stringify([...this.bodies])
      if (isSame && Object.keys(this.responses).length === 0) return walk
    }
    throw new Error('it never falls quiet')
  }

  /** What runs ends so. */
  end(record: string, response: Response = { kind: 'answered', value: {} }): void {
    this.running = this.running.filter((each) => each !== record)
    this.responses[record] = response
  }

  /** The process ends: what runs, and what has answered and is not recorded, is lost. */
  crash(): void {
    this.running = []
    this.responses = {}
    this.readings = {}
  }

  /** A read answers. */
  read(id: string, response: Response): void {
    const [request] = this.pass().reads.filter((read) => read.id === id)
    if (!request) throw new Error(`nothing reads ${id}`)
    this.readings[id] = { hash: request.hash, at: this.now, response }
  }

  /** The records that were asked for. */
  get asked(): string[] {
    return this.acts.map(({ record }) => record)
  }

  get names(): string[] {
    return [...this.objects.keys()]
  }
}

export function programOf(playbook: string, files: Readonly<Record<string, string>> = {}): PlaybookProgram {
  const { playbook: compiled, scopeOf, errors } = compileFiles(new Map([['p.yaml', `name: sample${playbook}`], ...Object.entries(files)]))
  if (!compiled || !scopeOf) throw new Error(errors.join('\n'))
  return new PlaybookProgram({ playbook: compiled, scopeOf, sha256 })
}

/** A ConfigMap, as a step applies it. */
export const configMap = (name: string): string => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`
