/** `fairlead run`: the operator, until it is told to stop. */
import { giveBackAtRest, keepYoungGenerationSmall } from '../operator/heap.ts'
import type { RunOptions } from '../operator/options.ts'
import { runOperator } from '../operator/run.ts'

/** The exit code: 0 after a stop that was asked for. */
export function run(options: RunOptions): Promise<number> {
  keepYoungGenerationSmall([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''])
  giveBackAtRest()
  return runOperator(options)
}
