/** ControllerRevisions: what StatefulSets and DaemonSets were. (registry/apps/controllerrevision/strategy.go; apps/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { type Errors, immutableMessage, nonNegative } from './checks.ts'
import { age, columns, count } from './columns.ts'
import { same } from './equality.ts'
import type { ControllerRevision } from './shapes.ts'

const validateRevision = (object: KubernetesObject): Errors => {
  const errors: Errors = []
  nonNegative(errors, 'revision', (object as ControllerRevision).revision)
  return errors
}

function validateRevisionCreate(object: KubernetesObject): FieldError[] {
  const { data } = object as ControllerRevision
  const errors = validateRevision(object)
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'))
  else if (typeof data !== 'object' || Array.isArray(data)) errors.push(required('data', 'data must be a valid JSON object'))
  return errors
}

const strategy: Strategy = {
  generation: 'none',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: false,
  checksMetadataTwice: true,
  validate: validateRevisionCreate,
  validateUpdate: (object, old) => [
    ...validateRevision(object),
    ...(same(object['data'], old['data']) ? [] : [invalidValue('data', object['data'], immutableMessage)]),
  ],
  validateUpdateAlone: true,
}

export const controllerRevisions: KindBehaviour = {
  strategy,
  columns: columns<ControllerRevision>(
    [['Name', 'string', 'name'], ['Controller'], ['Revision'], ['Age']],
    ({ metadata, revision }, now) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller)
      const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
      return [
        metadata.name,
        owner ? `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}` : '<none>',
        count(revision),
        age(metadata.creationTimestamp, now),
      ]
    },
  ),
}
