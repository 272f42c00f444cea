/** `fairlead run`: the operator, until it is told to stop. */
import type { RunOptions } from '../operator/options.ts'
import { runOperator } from '../operator/run.ts'

/** The exit code: 0 after a stop that was asked for. */
export const run = (options: RunOptions): Promise<number> => runOperator(options)
