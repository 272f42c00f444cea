/** DaemonSets. (registry/apps/daemonset/strategy.go; apps/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { type Errors, intOrPercent, intOrPercentValue, nonNegative, notMoreThan100Percent, notSupported, required } from './checks.ts'
import { age, columns, containerCells, count, wide } from './columns.ts'
import { same } from './equality.ts'
import { printedAs } from './internal-types.ts'
import { labelsNotSelected, validateAlwaysRunning, validatePodTemplate } from './pod/template.ts'
import { prepareTemplate } from './pod/warnings.ts'
import { collisionsDecremented, immutableSelector, validateCounts } from './replicated.ts'
import { formatLabels, isEmptySelector, isUsable, printedSelector, selectorCell, selects, validateSelector } from './selectors.ts'
import type { DaemonSet } from './shapes.ts'

const validateDaemonSet = (object: KubernetesObject): FieldError[] => {
  const { spec } = object as DaemonSet
  const { selector, template = {} } = spec
  const errors: Errors = []
  validateSelector(errors, 'spec.selector', selector)
  if (!selector || (isUsable(selector) && !selects(selector, template.metadata?.labels)))
    errors.push(labelsNotSelected('spec.template', template))
  if (selector && isEmptySelector(selector))
    errors.push(invalidValue('spec.selector', printedSelector(selector), 'empty selector is invalid for daemonset'))
  validatePodTemplate(errors, 'spec.template', template)
  validateAlwaysRunning(errors, 'spec.template', template, 'DaemonSet')
  nonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds)
  validateUpdateStrategy(errors, 'spec.updateStrategy', spec.updateStrategy ?? {})
  nonNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit)
  return errors
}

function validateUpdateStrategy(
  errors: Errors,
  path: string,
  { type, rollingUpdate }: NonNullable<DaemonSet['spec']['updateStrategy']>,
): void {
  if (type === 'OnDelete') return
  if (type !== 'RollingUpdate') {
    errors.push(notSupported(path, printedAs('DaemonSetUpdateStrategy', { type, rollingUpdate }), ['RollingUpdate', 'OnDelete']))
    return
  }
  const at = `${path}.rollingUpdate`
  if (!rollingUpdate) {
    errors.push(required(at))
    return
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  intOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable)
  intOrPercent(errors, `${at}.maxSurge`, maxSurge)
  notMoreThan100Percent(errors, `${at}.maxUnavailable`, maxUnavailable)
  notMoreThan100Percent(errors, `${at}.maxSurge`, maxSurge)
  const [unavailable, surge] = [intOrPercentValue(maxUnavailable) !== 0, intOrPercentValue(maxSurge) !== 0]
  if (unavailable && surge) errors.push(invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!unavailable && !surge) errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
}

const statusFields = [
  ...[
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
  ],
  ...['numberAvailable', 'numberUnavailable', 'collisionCount'],
]

/** Counts the versions of the template. (apps/v1, DeprecatedTemplateGeneration) */
const templateGeneration = 'deprecated.daemonset.template.generation'

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  prepare(object, old, context) {
    const { metadata, spec } = object as DaemonSet
    const before = old as DaemonSet | undefined
    const annotated =
      metadata.annotations && Object.hasOwn(metadata.annotations, templateGeneration) ? metadata.annotations[templateGeneration] : ''
    const generation = before
      ? Number(before.metadata.annotations?.[templateGeneration] ?? 0) + (same(before.spec.template, spec.template) ? 0 : 1)
      : Math.max(1, Number(annotated) || 0)
    metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
    prepareTemplate(context.warnings, 'spec.template', spec.template, before?.spec.template)
  },
  prepareStatus({ metadata }, old) {
    const counted = old.metadata.annotations?.[templateGeneration]
    if (counted !== undefined) metadata.annotations = { ...metadata.annotations, [templateGeneration]: counted }
  },
  validate: validateDaemonSet,
  validateUpdate: (object, old) => [
    ...immutableSelector('spec.selector', (object as DaemonSet).spec.selector, (old as DaemonSet).spec.selector),
    ...validateDaemonSet(object),
  ],
  validateUpdateAlone: true,
  validateStatus: (object, old) => [
    ...validateCounts((object as DaemonSet).status ?? {}, statusFields, []),
    ...collisionsDecremented((object as DaemonSet).status, (old as DaemonSet).status),
  ],
}

export const daemonSets: KindBehaviour = {
  strategy,
  columns: columns<DaemonSet>(
    [
      ['Name', 'string', 'name'],
      ['Desired', 'integer'],
      ['Current', 'integer'],
      ['Ready', 'integer'],
      ['Up-to-date', 'integer'],
      ['Available', 'integer'],
      ['Node Selector'],
      ['Age'],
      ...wide('Containers', 'Images', 'Selector'),
    ],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      count(status.desiredNumberScheduled),
      count(status.currentNumberScheduled),
      count(status.numberReady),
      count(status.updatedNumberScheduled),
      count(status.numberAvailable),
      formatLabels(spec.template?.spec?.nodeSelector),
      age(metadata.creationTimestamp, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ],
  ),
}
