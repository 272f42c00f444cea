/**
 * Plays a history once, with a crash at one point or without any.
 *
 * After the start and after each step the operator comes to rest; without a crash, the state that is found then is the one that every other
 * run is to come to.
 */
import { equalJson } from '../../api/equal.ts'
import { differences, type World } from '../world.ts'
import type { CallName, CrashPoint } from './calls.ts'
import type { History, Step } from './history.ts'
import type { Stage } from './stage.ts'

/** A run without a crash. */
export interface Reference {
  calls: readonly CallName[]
  /** After the start and after each step. */
  states: readonly World[]
}

export type CrashResult =
  /** Every step has come to the state of the reference. `met`: the call came again, and the operator was killed there. */
  { kind: 'equal'; met: boolean } | { kind: 'different'; step: string; differences: readonly string[] }

/** Sets a history up: what is there before the operator starts. With a crash at one point, or without. */
export type OpenStage = (history: History, point?: CrashPoint) => Promise<Stage>

/** @throws Error if the history cannot be played */
export async function playReference(history: History, open: OpenStage): Promise<Reference> {
  await using stage = await open(history)
  await stage.start()
  const { length } = history.steps
  const states = [await stage.rest(undefined, length === 0)]
  for (const [index, { action }] of history.steps.entries()) {
    await stage.act(action)
    states.push(await stage.rest(undefined, index === length - 1))
  }
  return { calls: [...stage.calls], states }
}

/** @throws Error if the history cannot be played */
export async function playCrash(history: History, open: OpenStage, { states }: Reference, point: CrashPoint): Promise<CrashResult> {
  await using stage = await open(history, point)
  await stage.start()
  for (const [index, expected] of states.entries()) {
    if (index > 0) await stage.act((history.steps[index - 1] as Step).action)
    const found = await stage.rest(expected, index === states.length - 1)
    if (!sameWorld(found, expected)) return { kind: 'different', step: titleOf(history, index), differences: differences(found, expected) }
  }
  const met = stage.crashed
  if (met) return { kind: 'equal', met }
  await stage.crash()
  const expected = states.at(-1) as World
  const found = await stage.rest(expected, true)
  if (!sameWorld(found, expected)) return { kind: 'different', step: 'the end', differences: differences(found, expected) }
  return { kind: 'equal', met }
}

/** Of the step that leads to the state of this index. */
export const titleOf = ({ steps }: History, index: number): string => (index === 0 ? 'the start' : (steps[index - 1]?.title ?? ''))

export const sameWorld = (one: World, other: World): boolean =>
  one.size === other.size && [...one].every(([key, value]) => equalJson(value, other.get(key)))
