/** The end of a pass: its status, where it differs, and what a person has to know. */
import type { KubernetesObject } from '../api/object.ts'
import { formatProblem } from '../api/problem.ts'
import { isApiError } from '../kube/errors.ts'
import { readInstructions } from '../reconcile/instructions.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { withNames } from '../reconcile/sharing.ts'
import type { PassReport } from '../reconcile/status.ts'
import { hasLeftLostVersions } from './lost-versions.ts'
import { masked, type PrimaryMemory } from './memory.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport, failedWrites, outcomeOf, outdated, type Warning, warningsOf, warnOfNews } from './pass-report.ts'
import type { Preparation } from './preparation.ts'

export interface Reporting {
  primary: KubernetesObject
  memory: PrimaryMemory
  context: PassContext
}

export async function report(passReport: PassReport, outcome: Outcome, reporting: Reporting): Promise<Outcome> {
  return (await reportOn(passReport, outcome, reporting, [])).outcome
}

/**
 * Writes the status if it differs, and logs what a person has to know. A status that cannot be written now makes the pass one that is
 * tried again. With the primary as it is then.
 */
export async function reportOn(
  passReport: PassReport,
  outcome: Outcome,
  { primary, memory, context }: Reporting,
  warnings: readonly Warning[],
): Promise<{ outcome: Outcome; primary: KubernetesObject }> {
  const told = (text: string): string => withNames(masked(text, memory), context.names)
  const all = [
    ...[...passReport.problems, ...readInstructions(primary).problems, ...passReport.unfollowed].map(
      (problem): Warning => ({ fields: { code: problem.code }, message: formatProblem(problem) }),
    ),
    ...warnings,
  ]
  try {
    const written = await context.statusWriter.write(primary, toldReport(passReport, told), memory)
    if (written) context.primaries.wrote(written)
    return { outcome, primary: written ?? primary }
  } catch (error) {
    const failed = unwritten((await hasLeftLostVersions(error, primary, context)) ? outdated(primary, context) : error)
    all.push(...failed.warnings)
    return { outcome: outcome.kind === 'retry' && failed.outcome.kind === 'retry' ? outcome : failed.outcome, primary }
  } finally {
    warnOfNews(all, primary, memory, context)
  }
}

/** The report as people are told. What the program itself says is left as it is. */
function toldReport(report: PassReport, told: (text: string) => string): PassReport {
  const toldOf = <Said extends { message?: string }>(said: Said): Said =>
    said.message === undefined ? said : { ...said, message: told(said.message) }
  return {
    ...report,
    waiting: report.waiting.map(told),
    problems: report.problems.map((problem) => ({
      ...toldOf(problem),
      ...(problem.remedy !== undefined && { remedy: told(problem.remedy) }),
    })),
    failedWrites: report.failedWrites.map((write) => ({ ...toldOf(write), object: told(write.object) })),
    passing: report.passing?.map(toldOf),
  }
}

/** How a pass ends whose status could not be written. Throws what is a fault of the operator. */
export function unwritten(error: unknown): { outcome: Outcome; warnings: Warning[] } {
  if (!isApiError(error)) throw error
  // Deleted in between: nothing is left to report to.
  if (error.class === 'notFound') return { outcome: { kind: 'done' }, warnings: [] }
  const outcome: Outcome = { kind: 'retry', error, ...(error.retryAfter === undefined ? {} : { after: error.retryAfter }) }
  // Changed in between: its event is on the way.
  if (error.class === 'conflict') return { outcome, warnings: [] }
  const message = `the status was not written: ${error.message}`
  return { outcome, warnings: [{ fields: { reason: error.reason, code: error.code }, message }] }
}

/** The pass ends before it has written: the next one goes on, or it is told what is in the way. */
export async function unprepared(prepared: Exclude<Preparation, { kind: 'ready' }>, reporting: Reporting): Promise<Outcome> {
  const { primary, context } = reporting
  switch (prepared.kind) {
    case 'renewed':
      return { kind: 'done', resyncAfter: 0 }
    case 'outdated':
      return { kind: 'retry', error: outdated(primary, context) }
    case 'failed': {
      const results = [prepared.result]
      const passReport = { ...emptyReport(primary, context), failedWrites: failedWrites(results) }
      const outcome = outcomeOf(results, { kind: 'none' }, context, false)
      return (await reportOn(passReport, outcome, reporting, warningsOf(results, undefined))).outcome
    }
  }
}
