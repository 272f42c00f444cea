/** The scripts that are there, and which of them answers. What was added last is asked first. */
import { fitsText } from '../faults/match.ts'
import {
  checkEnd,
  checkResult,
  checkScript,
  type ContainerEnd,
  type ExecInput,
  type ExecRule,
  type ExecResult,
  listed,
  type Log,
  type LogLine,
  type PodMatch,
  type PodScript,
  type ScriptedContainer,
} from './script.ts'

/** Scripts that were added together. */
export interface ScriptHandle {
  remove(): void
}

export class PodScripts {
  #scripts: readonly PodScript[] = []
  /** How often a rule with a limit has answered. */
  readonly #answered = new Map<object, number>()

  /** Throws a TypeError or RangeError, and adds none, where one is not right. */
  add(...scripts: readonly PodScript[]): ScriptHandle {
    for (const script of scripts) checkScript(script)
    // Copies: the same script may be added twice, and is removed once.
    const added = scripts.map((script) => ({ ...script }))
    this.#scripts = [...added, ...this.#scripts]
    return {
      remove: () => {
        this.#scripts = this.#scripts.filter((script) => !added.includes(script))
      },
    }
  }

  /** Whether any script answers commands in this container. */
  answers(of: ScriptedContainer): boolean {
    return this.#for(of).some(({ exec }) => exec !== undefined)
  }

  /** Undefined where no script answers the command. */
  async exec(command: readonly string[], input: ExecInput): Promise<ExecResult | undefined> {
    for (const { exec } of this.#for(input)) {
      const rule = listed<ExecRule>(exec).find((each) => begins(command, each.command ?? []) && this.#isLeft(each))
      if (rule) return this.#count(rule)
      const result = typeof exec === 'function' ? await exec(command, input) : undefined
      if (result) return checkResult(result)
    }
    return undefined
  }

  /** Undefined where no script tells what the container printed. `previous`: before it was started again. */
  log(of: ScriptedContainer, previous: boolean): readonly LogLine[] | undefined {
    for (const { logs, previousLogs } of this.#for(of)) {
      const log = previous ? previousLogs : logs
      if (log !== undefined) return linesOf(log, of)
    }
    return undefined
  }

  /** How the next run of a container ends; undefined where no script tells. Counts it. */
  end(of: ScriptedContainer): ContainerEnd | undefined {
    for (const { run } of this.#for(of)) {
      const left = listed<ContainerEnd>(run).find((each) => this.#isLeft(each))
      if (left) return this.#count(left)
      const end = typeof run === 'function' ? run(of) : undefined
      if (end) return checkEnd(end)
    }
    return undefined
  }

  #for(of: ScriptedContainer): PodScript[] {
    return this.#scripts.filter(({ match = {} }) => fits(match, of))
  }

  #isLeft(rule: { readonly times?: number }): boolean {
    return (this.#answered.get(rule) ?? 0) < (rule.times ?? Infinity)
  }

  #count<Rule extends object>(rule: Rule): Rule {
    this.#answered.set(rule, (this.#answered.get(rule) ?? 0) + 1)
    return rule
  }
}

function fits(match: PodMatch, { pod: { metadata }, container }: ScriptedContainer): boolean {
  const texts = [
    [match.namespace, metadata.namespace],
    [match.name, metadata.name],
    [match.container, container.name],
    [match.image, container.image],
  ] as const
  return (
    texts.every(([wanted, text]) => wanted === undefined || fitsText(wanted, text ?? '')) &&
    Object.entries(match.labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
  )
}

const begins = (command: readonly string[], words: readonly string[]): boolean => words.every((word, at) => command[at] === word)

function linesOf(log: Log, of: ScriptedContainer): LogLine[] {
  const told = typeof log === 'function' ? log(of) : log
  if (typeof told !== 'string') return told.map((line) => (typeof line === 'string' ? { line } : line))
  const lines = told.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => ({ line }))
}
