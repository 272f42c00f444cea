/** ReplicationControllers. (registry/core/replicationcontroller/strategy.go; core/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import type { FieldError } from '../../status/field-error.ts'
import { type Errors, nonNegative, required } from './checks.ts'
import { age, columns, containerCells, count, wide } from './columns.ts'
import { labelsNotSelected, validateAlwaysRunning, validatePodTemplate } from './pod/template.ts'
import { warnOfHostname, prepareTemplate } from './pod/warnings.ts'
import { replicaStatusBounds, replicaStatusFields } from './replica-sets.ts'
import { validateCounts } from './replicated.ts'
import { formatLabels, selects } from './selectors.ts'
import type { ReplicationController } from './shapes.ts'

const validateReplicationController = (object: KubernetesObject): FieldError[] => {
  const { spec } = object as ReplicationController
  const errors: Errors = []
  const { selector = {}, template } = spec
  nonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds)
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'))
  if (spec.replicas === undefined) errors.push(required('spec.replicas'))
  nonNegative(errors, 'spec.replicas', spec.replicas)
  if (!template) return [...errors, required('spec.template')]
  if (Object.keys(selector).length > 0 && !selects({ matchLabels: selector }, template.metadata?.labels))
    errors.push(labelsNotSelected('spec.template', template))
  validatePodTemplate(errors, 'spec.template', template)
  validateAlwaysRunning(errors, 'spec.template', template, 'ReplicationController')
  return errors
}

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  defaultPropagation: 'Orphan',
  prepare(object, old, context) {
    const { metadata, spec } = object as ReplicationController
    if (!old) warnOfHostname(context.warnings, metadata.name)
    prepareTemplate(context.warnings, 'spec.template', spec.template, (old as ReplicationController | undefined)?.spec.template)
  },
  validate: validateReplicationController,
  validateStatus: (object) => validateCounts((object as ReplicationController).status ?? {}, replicaStatusFields, replicaStatusBounds),
}

export const replicationControllers: KindBehaviour = {
  strategy,
  columns: columns<ReplicationController>(
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
      formatLabels(spec.selector),
    ],
  ),
  selectableFields: new Map([['status.replicas', (object) => String((object as ReplicationController).status?.replicas ?? 0)]]),
}
