/** Deployments. (registry/apps/deployment/strategy.go; apps/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import {
  type Errors,
  forbidden,
  intOrPercent,
  intOrPercentValue,
  nonNegative,
  notMoreThan100Percent,
  notSupported,
  required,
} from './checks.ts'
import { age, columns, containerCells, count, wide } from './columns.ts'
import { printedAs } from './internal-types.ts'
import { warnOfHostname, prepareTemplate } from './pod/warnings.ts'
import { collisionsDecremented, immutableSelector, validateCounts, validateOwnSelector, validateSelectedTemplate } from './replicated.ts'
import { formatSelector, isUsable } from './selectors.ts'
import type { Deployment } from './shapes.ts'

const validateDeployment = (object: KubernetesObject): FieldError[] => {
  const { spec } = object as Deployment
  const errors: Errors = []
  nonNegative(errors, 'spec.replicas', spec.replicas)
  validateOwnSelector(errors, 'spec.selector', spec.selector, 'deployment')
  validateSelectedTemplate(errors, 'spec', spec.selector, spec.template ?? {})
  validateStrategy(errors, 'spec.strategy', spec.strategy ?? {})
  nonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds)
  nonNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit)
  const deadline = spec.progressDeadlineSeconds
  nonNegative(errors, 'spec.progressDeadlineSeconds', deadline)
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  return errors
}

function validateStrategy(errors: Errors, path: string, { type, rollingUpdate }: NonNullable<Deployment['spec']['strategy']>): void {
  const at = `${path}.rollingUpdate`
  if (type === 'Recreate') {
    if (rollingUpdate) errors.push(forbidden(at, "may not be specified when strategy `type` is 'Recreate'"))
    return
  }
  if (type !== 'RollingUpdate') {
    errors.push(notSupported(path, printedAs('DeploymentStrategy', { type, rollingUpdate }), ['Recreate', 'RollingUpdate']))
    return
  }
  if (!rollingUpdate) {
    errors.push(required(at, 'this should be defaulted and never be nil'))
    return
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  intOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable)
  intOrPercent(errors, `${at}.maxSurge`, maxSurge)
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0)
    errors.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  notMoreThan100Percent(errors, `${at}.maxUnavailable`, maxUnavailable)
}

const statusFields = [
  ...['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'],
  ...['terminatingReplicas', 'collisionCount'],
]
const tooMany = 'cannot be greater than status.replicas'

const strategy: Strategy = {
  generation: 'spec and annotations',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  prepare(object, old, context) {
    const { metadata, spec } = object as Deployment
    if (!old) warnOfHostname(context.warnings, metadata.name)
    prepareTemplate(context.warnings, 'spec.template', spec.template, (old as Deployment | undefined)?.spec.template)
  },
  validate: validateDeployment,
  validateUpdate: (object, old) =>
    immutableSelector('spec.selector', (object as Deployment).spec.selector, (old as Deployment).spec.selector),
  prepareStatus(object, old) {
    if (old.metadata.labels) object.metadata.labels = old.metadata.labels
    else delete object.metadata.labels
  },
  validateStatus: (object, old) => [
    ...validateCounts((object as Deployment).status ?? {}, statusFields, [
      ['updatedReplicas', 'replicas', tooMany],
      ['readyReplicas', 'replicas', tooMany],
      ['availableReplicas', 'replicas', tooMany],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
    ]),
    ...collisionsDecremented((object as Deployment).status, (old as Deployment).status),
  ],
}

export const deployments: KindBehaviour = {
  strategy,
  columns: columns<Deployment>(
    [['Name', 'string', 'name'], ['Ready'], ['Up-to-date'], ['Available'], ['Age'], ...wide('Containers', 'Images', 'Selector')],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      `${count(status.readyReplicas)}/${count(spec.replicas)}`,
      count(status.updatedReplicas),
      count(status.availableReplicas),
      age(metadata.creationTimestamp, now),
      ...containerCells(spec.template?.spec?.containers),
      spec.selector && !isUsable(spec.selector) ? '<invalid>' : formatSelector(spec.selector ?? {}),
    ],
  ),
}
