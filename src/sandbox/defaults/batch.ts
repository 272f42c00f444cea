/** How often a Job's pods run. (pkg/apis/batch/v1/defaults.go) */
import { fieldsIn, isEmpty, type Rules } from './fields.ts'

/** Without an end of its own, an indexed Job ends by its indexes. */
const noLimit = 2 ** 31 - 1

export const batchRules: Rules = {
  // Those of a Job alone: a CronJob's template is kept as it is, and its Jobs get theirs.
  'io.k8s.api.batch.v1.Job'(job) {
    const spec = fieldsIn(job, 'spec')
    if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1
    spec['parallelism'] ??= 1
    spec['backoffLimit'] ??= spec['backoffLimitPerIndex'] === undefined ? 6 : noLimit
    spec['podReplacementPolicy'] ??= spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed'
    const metadata = fieldsIn(job, 'metadata')
    const { labels } = fieldsIn(fieldsIn(spec, 'template'), 'metadata')
    // Not a copy: labels that are generated for the template later on are the Job's own too.
    if (labels !== undefined && isEmpty(metadata['labels'])) metadata['labels'] = labels
  },
}
