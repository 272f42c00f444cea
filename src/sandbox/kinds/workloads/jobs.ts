/** Jobs. (registry/batch/job/strategy.go; batch/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { isDns1123Label } from '../names.ts'
import { type Errors, immutableMessage } from './checks.ts'
import { age, columns, containerCells, count, humanDuration, wide } from './columns.ts'
import { same } from './equality.ts'
import { isConditionTrue, validateJobStatus } from './job-status.ts'
import { isIndexed, validateJobSpec } from './job-spec.ts'
import { printedAs } from './internal-types.ts'
import { labelsNotSelected } from './pod/template.ts'
import { warnOfHostname, prepareTemplate } from './pod/warnings.ts'
import { isUsable, printedSelector, selectorCell, selects, sortedTexts, validateSelector } from './selectors.ts'
import type { Affinity, Job, JobSpec, PodTemplate, Texts } from './shapes.ts'

const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'] as const
/** A Job without labels has those of its template, also when it is read. (pkg/apis/batch/v1/defaults.go) */
function labelLikeTemplate({ metadata, spec }: Job): void {
  const { labels } = spec.template?.metadata ?? {}
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'] as const

/** Each Job selects its own pods, by a label with its uid. */
function generateSelector(job: Job): void {
  const spec = job.spec as { selector?: { matchLabels?: Texts }; template?: { metadata?: { labels?: Texts } } }
  const own: Record<string, string> = Object.fromEntries([
    ...nameLabels.map((label) => [label, job.metadata.name]),
    ...uidLabels.map((label) => [label, job.metadata.uid ?? '']),
  ])
  const labels = { ...own, ...spec.template?.metadata?.labels }
  // A Job without labels has those of its template, which by then are one and the same map. (pkg/apis/batch/v1/defaults.go)
  if (job.metadata.labels === spec.template?.metadata?.labels) job.metadata.labels = { ...labels }
  spec.template = { ...spec.template, metadata: { ...spec.template?.metadata, labels } }
  spec.selector = { ...spec.selector, matchLabels: { [uidLabels[1]]: job.metadata.uid ?? '', ...spec.selector?.matchLabels } }
}

function validateGeneratedSelector(errors: Errors, { metadata, spec }: Job, prefixed: boolean): void {
  if (spec.manualSelector || !spec.selector) return
  const { name, uid = '' } = metadata
  if (!uid) errors.push(required('metadata.uid'))
  const labels = spec.template?.metadata?.labels ?? {}
  const expect = (label: string, value: string): void => {
    const path = `spec.template.metadata.labels[${label}]`
    if (!Object.hasOwn(labels, label)) errors.push(required(path, `must be '${value}'`))
    else if (labels[label] !== value) errors.push(invalidValue(path, sortedTexts(labels), `must be '${value}'`))
  }
  const expected: [string, string][] = [
    [uidLabels[0], uid],
    [nameLabels[0], name],
    ...(prefixed
      ? ([
          [uidLabels[1], uid],
          [nameLabels[1], name],
        ] as [string, string][])
      : []),
  ]
  for (const [label, value] of expected) expect(label, value)
  if (isUsable(spec.selector) && !selects(spec.selector, Object.fromEntries(expected)))
    errors.push(invalidValue('spec.selector', printedSelector(spec.selector), '`selector` not auto-generated'))
}

function validateWholeSpec(errors: Errors, path: string, spec: JobSpec): void {
  validateJobSpec(errors, path, spec)
  if (!spec.selector) errors.push(required(`${path}.selector`))
  else validateSelector(errors, `${path}.selector`, spec.selector)
  if (!spec.selector || (isUsable(spec.selector) && !selects(spec.selector, spec.template?.metadata?.labels)))
    errors.push(labelsNotSelected(`${path}.template`, spec.template ?? {}))
}

function validateJob(object: KubernetesObject, prefixed = true): Errors {
  const errors: Errors = []
  const job = object as Job
  const { metadata, spec } = job
  validateGeneratedSelector(errors, job, prefixed)
  validateWholeSpec(errors, 'spec', spec)
  if (isIndexed(spec) && (spec.completions ?? 0) > 0) {
    const hostname = `${metadata.name}-${(spec.completions as number) - 1}`
    if (isDns1123Label(hostname).length > 0)
      errors.push(invalidValue('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`))
  }
  return errors
}

/** Fields that never change, printed as the server prints them. */
const immutable: readonly {
  field: 'completionMode' | 'podFailurePolicy' | 'backoffLimitPerIndex' | 'managedBy' | 'successPolicy'
  type?: string
}[] = [
  { field: 'completionMode' },
  { field: 'podFailurePolicy', type: 'PodFailurePolicy' },
  { field: 'backoffLimitPerIndex' },
  { field: 'managedBy' },
  { field: 'successPolicy', type: 'SuccessPolicy' },
]

function validateJobUpdate(object: KubernetesObject, oldObject: KubernetesObject): FieldError[] {
  const [{ spec }, old] = [object as Job, oldObject as Job]
  const oldLabels = old.spec.template?.metadata?.labels ?? {}
  const errors = validateJob(object, Object.hasOwn(oldLabels, nameLabels[1]) && Object.hasOwn(oldLabels, uidLabels[1]))
  // The server looks at the spec a second time.
  validateWholeSpec(errors, 'spec', spec)
  validateCompletions(errors, spec, old.spec)
  if (!same(spec.selector, old.spec.selector))
    errors.push(invalidValue('spec.selector', spec.selector ? printedSelector(spec.selector) : null, immutableMessage))
  validateTemplateUpdate(errors, spec, old)
  for (const { field, type } of immutable) {
    if (same(spec[field], old.spec[field])) continue
    const value = spec[field] ?? null
    errors.push(invalidValue(`spec.${field}`, type ? printedAs(type, value) : value, immutableMessage))
  }
  return errors
}

function validateCompletions(errors: Errors, spec: JobSpec, old: JobSpec): void {
  if (spec.completions === old.completions) return
  if (!isIndexed(spec)) errors.push(invalidValue('spec.completions', spec.completions ?? null, immutableMessage))
  else if (spec.completions !== undefined && spec.completions !== spec.parallelism)
    errors.push(invalidValue('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'))
}

function validateTemplateUpdate(errors: Errors, spec: JobSpec, { spec: oldSpec, status = {} }: Job): void {
  const template = spec.template ?? {}
  const suspended = oldSpec.suspend === true
  const mutable =
    suspended && (status.startTime === undefined || isConditionTrue(status.conditions, 'Suspended')) && (status.active ?? 0) === 0
  const old = mutable ? withDirectives(oldSpec.template ?? {}, template) : (oldSpec.template ?? {})
  if (!mutable) {
    if (!same(template, old)) errors.push(invalidValue('spec.template', printedAs('PodTemplateSpec', template), immutableMessage))
    return
  }
  const [next, before] = [template.spec ?? {}, withResources(old, template).spec ?? {}]
  if (!same(next, before)) errors.push(invalidValue('spec.template.spec', printedAs('PodSpec', next), immutableMessage))
}

/** The old template with those parts of the new one that tell where pods of a suspended Job may run. */
function withDirectives(old: PodTemplate, next: PodTemplate): PodTemplate {
  const { affinity: oldAffinity, ...rest } = old.spec ?? {}
  const { nodeAffinity: _nodeAffinity, ...others } = oldAffinity ?? {}
  const node = next.spec?.affinity?.nodeAffinity
  const affinity: Affinity = { ...others, ...(node && { nodeAffinity: node }) }
  const keepsAffinity = next.spec?.affinity !== undefined || Object.keys(affinity).length > 0
  const { nodeSelector, tolerations, schedulingGates } = next.spec ?? {}
  const { labels, annotations } = next.metadata ?? {}
  return {
    metadata: defined({ ...old.metadata, labels, annotations }),
    spec: defined({ ...rest, nodeSelector, tolerations, schedulingGates, affinity: keepsAffinity ? affinity : undefined }),
  }
}

function withResources(old: PodTemplate, next: PodTemplate): PodTemplate {
  const spec: Record<string, unknown> = { ...old.spec }
  for (const field of ['containers', 'initContainers'] as const) {
    const [before, after] = [old.spec?.[field] ?? [], next.spec?.[field] ?? []]
    if (before.length !== after.length || before.length === 0) continue
    spec[field] = before.map((container, index) => {
      const other = after[index]
      return other?.name === container.name ? defined({ ...container, resources: other?.resources }) : container
    })
  }
  return { ...old, spec: spec as NonNullable<PodTemplate['spec']> }
}

const defined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  defaultPropagation: 'Orphan',
  prepare(object, old, context) {
    const job = object as Job
    if (!old && !job.spec.manualSelector) generateSelector(job)
    labelLikeTemplate(job)
    if (!old) warnOfHostname(context.warnings, job.metadata.name)
    prepareTemplate(context.warnings, 'spec.template', job.spec.template, (old as Job | undefined)?.spec.template)
  },
  prepareStatus: (object) => labelLikeTemplate(object as Job),
  validate: (object) => validateJob(object),
  validateUpdate: validateJobUpdate,
  validateUpdateAlone: true,
  validateStatus: (object, old) => validateJobStatus(object as Job, old as Job),
}

const states = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
] as const

function stateCell({ metadata, status = {} }: Job): string {
  const hasCondition = (type: string): boolean => status.conditions?.find((condition) => condition.type === type)?.status === 'True'
  return states.find(([type]) => (type === '' ? metadata.deletionTimestamp !== undefined : hasCondition(type)))?.[1] ?? 'Running'
}

function completionCell({ spec, status = {} }: Job): string {
  const done = count(status.succeeded)
  if (spec.completions !== undefined) return `${done}/${spec.completions}`
  return count(spec.parallelism) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`
}

function durationCell({ status = {} }: Job, now: number): string {
  if (!status.startTime) return ''
  return humanDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
}

export const jobs: KindBehaviour = {
  strategy,
  columns: columns<Job>(
    [['Name', 'string', 'name'], ['Status'], ['Completions'], ['Duration'], ['Age'], ...wide('Containers', 'Images', 'Selector')],
    (job, now) => [
      job.metadata.name,
      stateCell(job),
      completionCell(job),
      durationCell(job, now),
      age(job.metadata.creationTimestamp, now),
      ...containerCells(job.spec.template?.spec?.containers),
      selectorCell(job.spec.selector),
    ],
  ),
  selectableFields: new Map([['status.successful', (object) => String((object as Job).status?.succeeded ?? 0)]]),
}
