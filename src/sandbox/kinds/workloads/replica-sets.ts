/** ReplicaSets. (registry/apps/replicaset/strategy.go; apps/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import type { FieldError } from '../../status/field-error.ts'
import { type Errors, nonNegative } from './checks.ts'
import { age, columns, containerCells, count, wide } from './columns.ts'
import { warnOfHostname, prepareTemplate } from './pod/warnings.ts'
import { immutableSelector, validateCounts, validateOwnSelector, validateSelectedTemplate } from './replicated.ts'
import { selectorCell } from './selectors.ts'
import type { ReplicaSet } from './shapes.ts'

const validateReplicaSet = (object: KubernetesObject): FieldError[] => {
  const { spec } = object as ReplicaSet
  const errors: Errors = []
  nonNegative(errors, 'spec.replicas', spec.replicas)
  nonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds)
  // The server says deployment here.
  validateOwnSelector(errors, 'spec.selector', spec.selector, 'deployment')
  validateSelectedTemplate(errors, 'spec', spec.selector, spec.template ?? {})
  return errors
}

const tooMany = 'cannot be greater than status.replicas'
export const replicaStatusBounds = [
  ['fullyLabeledReplicas', 'replicas', tooMany],
  ['readyReplicas', 'replicas', tooMany],
  ['availableReplicas', 'replicas', tooMany],
  ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
] as const
export const replicaStatusFields = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration']

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  prepare(object, old, context) {
    const { metadata, spec } = object as ReplicaSet
    if (!old) warnOfHostname(context.warnings, metadata.name)
    prepareTemplate(context.warnings, 'spec.template', spec.template, (old as ReplicaSet | undefined)?.spec.template)
  },
  validate: validateReplicaSet,
  validateUpdate: (object, old) =>
    immutableSelector('spec.selector', (object as ReplicaSet).spec.selector, (old as ReplicaSet).spec.selector),
  validateStatus: (object) =>
    validateCounts((object as ReplicaSet).status ?? {}, [...replicaStatusFields, 'terminatingReplicas'], replicaStatusBounds),
}

export const replicaSets: KindBehaviour = {
  strategy,
  columns: columns<ReplicaSet>(
    [
      ['Name', 'string', 'name'],
      ['Desired', 'integer'],
      ['Current', 'integer'],
      ['Ready', 'integer'],
      ['Age'],
      ...wide('Containers', 'Images', 'Selector'),
    ],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      count(spec.replicas),
      count(status.replicas),
      count(status.readyReplicas),
      age(metadata.creationTimestamp, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ],
  ),
}
