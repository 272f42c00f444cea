/**
 * Histories, as data: what people do to a few custom resources and their dependents, and what goes wrong meanwhile.
 *
 *   steps    1 declare ── 2 pass ── 3 damage ── 4 pass ── 5 declare ── 6 kill ── …
 *   faults   └──── 409 on patches ────┘             └─ a namespace is forbidden ─┘
 *
 * A seed makes one, always the same. Each is played twice, with its faults and without.
 */
import type { JsonObject } from '../../api/object.ts'
import type { Fault } from '../../sandbox/faults/fault.ts'
import type { RequestMatch } from '../../sandbox/faults/match.ts'
import type { Variant } from '../generated/variants.ts'

export type Step =
  /** The custom resource of this name is as its title says from now on: it is made, or its spec is replaced. */
  | { kind: 'declare'; name: string; title: string; spec: JsonObject }
  | { kind: 'remove'; name: string }
  /** Somebody deletes a dependent: the one at this place, from 0 up to 1, among those that are there. */
  | { kind: 'delete'; at: number }
  /** Somebody changes a field of a dependent that is always rendered: the edit at this place, as above. */
  | { kind: 'edit'; at: number }
  /** The operator ends in good order, or is killed, and another one starts. */
  | { kind: 'restart' }
  | { kind: 'kill' }
  | { kind: 'pass'; milliseconds: number }

/** A fault, from before one step until before another. */
export interface FaultWindow {
  fault: Fault
  from: number
  until: number
}

export interface History {
  seed: number
  /** Those that the operator is limited to; empty: all. */
  namespaces: readonly string[]
  /** Somebody has an object with the name of a dependent before there is any. */
  taken: boolean
  steps: readonly Step[]
  faults: readonly FaultWindow[]
}

export interface HistoryOptions {
  seed: number
  /** Specs that are declared; not all have to be possible. */
  variants: readonly Variant[]
  /** The names of the custom resources. */
  names: readonly string[]
  /** All namespaces in which they or their dependents are. */
  namespaces: readonly string[]
  /** Plurals of the kinds that are written. */
  resources: readonly string[]
}

/** What every fault concerns: requests of an operator. */
const ofOperator = { userAgent: 'fairlead/' }
const writes = ['create', 'update', 'patch', 'delete']
const reads = ['get', 'list']

/** @param random from 0 up to but without 1 */
export function historyOf({ seed, variants, names, namespaces, resources }: HistoryOptions, random: () => number): History {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least))
  const pause = (): Step => ({ kind: 'pass', milliseconds: pick([0, 20, 200, between(300, 3_000), between(5_000, 90_000)]) })
  const declare = (name: string): Step => ({ kind: 'declare', name, ...pick(variants) })

  const steps: Step[] = names.flatMap((name) => [declare(name), pause()])
  for (let count = between(6, 14); count > 0; count--) {
    steps.push(
      pick<() => Step>([
        () => declare(pick(names)),
        () => declare(pick(names)),
        () => declare(pick(names)),
        () => ({ kind: 'delete', at: random() }),
        () => ({ kind: 'delete', at: random() }),
        () => ({ kind: 'edit', at: random() }),
        () => ({ kind: 'edit', at: random() }),
        () => ({ kind: 'remove', name: pick(names) }),
        () => ({ kind: 'restart' }),
        () => ({ kind: 'kill' }),
      ])(),
      pause(),
    )
  }
  const match = (verb?: readonly string[]): RequestMatch => ({
    ...ofOperator,
    ...(verb && { verb }),
    ...(random() < 0.4 && { resource: pick(resources) }),
  })
  const probability = (): number => pick([0.1, 0.3, 0.6, 1])
  const events = (): { match: RequestMatch; probability: number } => ({ match: match(['watch']), probability: pick([0.1, 0.3, 0.6]) })
  const makers: readonly (() => readonly Fault[])[] = [
    () => [{ kind: 'error', code: 409, match: match(writes), probability: probability() }],
    () => [{ kind: 'error', code: 410, match: match(['list', 'watch']), probability: probability() }],
    () => [{ kind: 'error', code: 429, retryAfterSeconds: between(1, 30), match: match(), probability: probability() }],
    () => [{ kind: 'error', code: pick([500, 503, 504]), match: match(), probability: probability() }],
    () => [{ kind: 'break', when: pick(['before', 'after']), match: match(), probability: probability() }],
    () => [{ kind: 'break', when: 'after', match: match(writes), probability: probability() }],
    () => [
      {
        kind: 'latency',
        milliseconds: { kind: 'uniform', from: 0, to: between(10, 4_000) },
        when: pick(['before', 'after']),
        match: match(),
      },
    ],
    () => [
      {
        kind: 'cut',
        afterEvents: between(0, 3),
        how: pick(['end', 'break', 'expire']),
        match: match(['watch']),
        probability: probability(),
      },
    ],
    () => [{ kind: 'cut', afterMilliseconds: between(0, 5_000), how: pick(['end', 'break', 'expire']), match: match(['watch']) }],
    () => [{ kind: 'drop', ...events() }],
    () => [{ kind: 'duplicate', copies: between(1, 3), ...events() }],
    () => [{ kind: 'delay', milliseconds: { kind: 'uniform', from: 0, to: between(100, 20_000) }, ...events() }],
    () => [{ kind: 'stale', behind: between(1, 30), match: match(reads), probability: probability() }],
    () => [{ kind: 'forbid', match: { ...ofOperator, namespace: pick(namespaces) } }],
    () => [{ kind: 'forbid', match: match() }],
  ]
  const faults = Array.from({ length: between(2, 6) }, (): FaultWindow[] => {
    const from = between(0, steps.length - 2)
    const until = Math.min(steps.length, from + between(1, 10))
    return pick(makers)().map((fault) => ({ fault, from, until }))
  }).flat()
  return { seed, namespaces: random() < 0.4 ? namespaces : [], taken: random() < 0.2, steps, faults }
}

/** A history for a person to read: the steps, and the faults at those between which they act. */
export function describe({ seed, namespaces, taken, steps, faults }: History): string {
  const lines = steps.flatMap((step, index) => [
    ...faults.flatMap(({ fault, from, until }) =>
      from === index ? [`      from here until before ${until + 1}: ${JSON.stringify(fault)}`] : [],
    ),
    `  ${String(index + 1).padStart(2)}  ${stepText(step)}`,
  ])
  const where = namespaces.length > 0 ? `an operator of the namespaces ${namespaces.join(', ')}` : 'an operator of all namespaces'
  return [`seed ${seed}, ${where}${taken ? '; the name of a dependent is taken' : ''}`, ...lines].join('\n')
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'declare':
      return `declare ${step.name}: ${step.title}`
    case 'remove':
      return `delete ${step.name}`
    case 'delete':
    case 'edit':
      return `${step.kind} a dependent (at ${step.at.toFixed(3)})`
    case 'pass':
      return `${step.milliseconds} ms pass`
    case 'restart':
    case 'kill':
      return `${step.kind} the operator`
  }
}
