/** The kinds of steps: one table, which compiles steps, checks their inputs, and is their reference and their schema. */
import type { StepKind } from '../step.ts'
import { deletion, patch, scale } from './changes.ts'
import { command, exec, logs } from './exec.ts'
import { apply, assert, block, fail, get, remember, run, set, waiting } from './flow.ts'
import { http } from './http.ts'
import { job } from './job.ts'
import { condition, event, metric, status } from './telling.ts'

/** In the order of the reference. */
export const stepKinds: readonly StepKind[] = [
  ...[apply, get, http, exec, logs, job, deletion, patch, scale, command],
  ...[status, condition, event, metric, waiting, assert, fail, set, remember, block, run],
]
