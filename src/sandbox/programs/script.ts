/**
 * What a test says of the programs in containers: nothing runs in the sandbox, so it tells what would have been printed and how it ended.
 *
 * Scripts are data, so that they can stand in a file; a function stands in where an answer depends on more than the command.
 */
import { parseDuration } from '../../api/duration.ts'
import type { TextMatch } from '../faults/match.ts'
import type { Container, Pod } from '../controllers/pods.ts'

/** A container that a script may be meant for. */
export interface ScriptedContainer {
  readonly pod: Pod
  readonly container: Container
}

/** Which containers a script is for: all that are given have to fit. A script without one is for every container. */
export interface PodMatch {
  readonly namespace?: TextMatch
  /** The pod's. */
  readonly name?: TextMatch
  /** The pod has all of them. */
  readonly labels?: Readonly<Record<string, string>>
  /** The container's name. */
  readonly container?: TextMatch
  readonly image?: TextMatch
}

/** How a program ended, and what it printed until then. */
export interface ExecResult {
  readonly stdout?: string
  readonly stderr?: string
  /** Default: 0. */
  readonly exitCode?: number
  /** How long it ran, a duration such as `5s`, by the sandbox's clock. Default: no time. */
  readonly delay?: string
}

/** The answer to a command; of several the first that fits. */
export interface ExecRule extends ExecResult {
  /** The command begins with these words. Default: any command. */
  readonly command?: readonly string[]
  /** How many commands it answers. Default: all. */
  readonly times?: number
}

export interface ExecInput extends ScriptedContainer {
  /** All that the client sends, once it has sent it: resolves at its end. Without an input it is empty. */
  stdin(): Promise<string>
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** Undefined: the next script is asked. */
export type ExecFunction = (command: readonly string[], input: ExecInput) => ExecResult | undefined | Promise<ExecResult | undefined>

export interface LogLine {
  readonly line: string
  /** When it is printed, a duration after the start of the container. Default: at once. */
  readonly after?: string
}

/** A text of lines, which are printed as the container starts, or line by line. */
export type Log = string | readonly (string | LogLine)[] | ((container: ScriptedContainer) => string | readonly (string | LogLine)[])

/** How a container ends. */
export interface ContainerEnd {
  /** Default: 0. */
  readonly exitCode?: number
  /** What it left in its termination message file; the last 4,096 bytes of it are kept. Default: nothing. */
  readonly terminationMessage?: string
  /** Default: `Completed` or `Error`. */
  readonly reason?: string
  /** How long it runs, a duration such as `5s`. Default: no time. */
  readonly delay?: string
  /** How many runs end so. Default: all. */
  readonly times?: number
}

export interface PodScript {
  readonly match?: PodMatch
  /** Answers `kubectl exec`. */
  readonly exec?: ExecRule | readonly ExecRule[] | ExecFunction
  /** Answers `kubectl logs`. */
  readonly logs?: Log
  /** Answers `kubectl logs --previous`, once the container has been started again. */
  readonly previousLogs?: Log
  /** Ends the container: of several the first that is not used up. Undefined from a function: the next script is asked. */
  readonly run?: ContainerEnd | readonly ContainerEnd[] | ((container: ScriptedContainer) => ContainerEnd | undefined)
}

/** Milliseconds. */
export const durationOf = (text: string | undefined): number => parseDuration(text ?? '0') ?? 0

const execFields: readonly (keyof ExecRule)[] = ['command', 'stdout', 'stderr', 'exitCode', 'delay', 'times']
const endFields: readonly (keyof ContainerEnd)[] = ['exitCode', 'terminationMessage', 'reason', 'delay', 'times']

/** Throws a TypeError or RangeError that says what is wrong with a script. */
export function checkScript(script: PodScript): void {
  checkFields(script, ['match', 'exec', 'logs', 'previousLogs', 'run'], 'a script of pods')
  checkFields(script.match ?? {}, ['namespace', 'name', 'labels', 'container', 'image'], "a script's match")
  for (const rule of listed<ExecRule>(script.exec)) checkPart(rule, execFields, "a script's exec")
  for (const end of listed<ContainerEnd>(script.run)) checkPart(end, endFields, "a script's run")
  for (const log of [script.logs, script.previousLogs])
    if (typeof log === 'object')
      for (const line of log) if (typeof line === 'object') checkPart(line, ['line', 'after'], "a line of a script's logs")
}

/** The parts that are data. */
export function listed<Part extends object>(parts: Part | readonly Part[] | ((...given: never[]) => unknown) | undefined): readonly Part[] {
  if (parts === undefined || typeof parts === 'function') return []
  return Array.isArray(parts) ? (parts as readonly Part[]) : [parts as Part]
}

/** @throws TypeError, RangeError for what a function may have answered as well */
export function checkResult(result: ExecResult): ExecResult {
  checkPart(result, execFields, 'the answer to a command')
  return result
}

export function checkEnd(end: ContainerEnd): ContainerEnd {
  checkPart(end, endFields, 'the end of a container')
  return end
}

interface Part {
  readonly exitCode?: number
  readonly times?: number
  readonly delay?: string
  readonly after?: string
}

function checkPart(part: Part, fields: readonly string[], what: string): void {
  checkFields(part, fields, what)
  const { exitCode = 0, times = 1, delay, after } = part
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255)
    throw new RangeError(`exitCode of ${what} is ${exitCode}; it has to be a whole number from 0 to 255`)
  if (!(times >= 0)) throw new RangeError(`times of ${what} is ${times}; it has to be a number from 0 on`)
  for (const [name, text] of Object.entries({ delay, after }))
    if (text !== undefined && !((parseDuration(String(text)) ?? -1) >= 0))
      throw new TypeError(`${name} of ${what} is ${JSON.stringify(text)}; it has to be a duration such as "5s"`)
}

function checkFields(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is not a field of ${what}; it has ${known.join(', ')}`)
}
