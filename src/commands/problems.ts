/** Problems on a terminal: one line each, errors before warnings are told apart by a word. */
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Terminal } from './terminal.ts'

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
const yellow = (text: string): string => `\u001b[33m${text}\u001b[39m`

/** Prints every problem to standard error. True if one of them is an error. */
export function printProblems(terminal: Terminal, problems: readonly Problem[]): boolean {
  for (const problem of problems) {
    const warning = problem.severity === 'warning'
    const line = `${formatProblem(problem)}`
    const marked = warning ? `warning: ${line}` : line
    terminal.error(`${terminal.colours ? (warning ? yellow(marked) : red(marked)) : marked}\n`)
  }
  return problems.some(({ severity }) => severity !== 'warning')
}
