/** One history, played with its faults and without; where the ends differ, with as few faults as still make them differ. */
import { seeded } from '../../sandbox/random.ts'
import { variants } from '../generated/variants.ts'
import type { Variant } from '../generated/variants.ts'
import { describe, type FaultWindow, type History, historyOf } from './history.ts'
import { acceptable, type End, play, type Stage, verdict } from './play.ts'

export interface Proof {
  /** As it was made. */
  made: History
  /** As it was played: what is impossible at the end is followed by what is not. */
  history: History
  /** Empty: the end is the same, and nobody else's object was touched. */
  wrong: readonly string[]
}

/** A stage, and what its histories are about. */
export interface HistoryStage extends Stage {
  /** Of the custom resources. */
  names: readonly string[]
  /** Plurals of the kinds that are written. */
  resources: readonly string[]
}

/** Makes the histories of a stage. */
export async function historiesOf(stage: HistoryStage): Promise<(seed: number) => History> {
  const { spec } = stage.sample as unknown as { spec: Variant['spec'] }
  const all = variants(stage.watch.crd?.schema.properties?.['spec'], spec, { random: seeded(1), combined: 40 })
  const possible = await acceptable(stage, all, 1)
  const { names, namespaces, resources } = stage
  return (seed) => historyOf({ seed, variants: possible, names, namespaces, resources }, seeded(seed))
}

/** What a history ends in without its faults; in the end its custom resources can all be. */
async function withoutFaults(history: History, stage: Stage): Promise<{ history: History; end: End }> {
  const end = await play(history, [], stage)
  if (!end.failed) return { history, end }
  // What is declared last is impossible, and then much depends on what was before: the sample is declared after it.
  const spec = stage.sample['spec'] as Variant['spec']
  const names = new Set(history.steps.flatMap((step) => (step.kind === 'declare' ? [step.name] : [])))
  const more = [...names].map((name) => ({ kind: 'declare', name, title: 'the sample', spec }) as const)
  const possible = { ...history, steps: [...history.steps, ...more] }
  return { history: possible, end: await play(possible, [], stage) }
}

export async function prove(made: History, stage: Stage): Promise<Proof> {
  const { history, end } = await withoutFaults(made, stage)
  const ways = async (faults: readonly FaultWindow[]): Promise<string[]> => verdict(await play(history, faults, stage), end, stage, history)
  const wrong = [...end.wrong.map((line) => `without faults: ${line}`), ...(await ways(history.faults))]
  return { made, history, wrong }
}

/** The history with as few of its faults, and then of its steps, as still end wrong. */
export async function shrunk({ made }: Proof, stage: Stage): Promise<Proof> {
  let least: Proof = await prove(made, stage)
  for (let index = least.made.faults.length - 1; index >= 0; index--) {
    const fewer = { ...least.made, faults: least.made.faults.toSpliced(index, 1) }
    const tried = await prove(fewer, stage)
    if (tried.wrong.length > 0) least = tried
  }
  for (let index = least.made.steps.length - 1; index >= 0; index--) {
    const tried = await prove(withoutStep(least.made, index), stage)
    if (tried.wrong.length > 0) least = tried
  }
  return least
}

function withoutStep(history: History, index: number): History {
  const before = (at: number): number => (at > index ? at - 1 : at)
  const faults = history.faults.map((window) => ({ ...window, from: before(window.from), until: before(window.until) }))
  return { ...history, steps: history.steps.toSpliced(index, 1), faults }
}

export const report = ({ history, wrong }: Proof): string => `${describe(history)}\n${wrong.map((line) => `  ✗ ${line}`).join('\n')}`
