/** Leases, priority classes and runtime classes. (pkg/apis/coordination, scheduling and node, validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, WriteContext } from '../../registry/resource.ts'
import { forbiddenError } from '../../status/api-error.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { validateLabels } from '../../registry/object-meta.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isDns1123Label } from '../names.ts'
import { validateTolerations } from '../workloads/pod/scheduling.ts'
import type { Toleration } from '../workloads/shapes.ts'
import { checkImmutable } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { checkText, draftAt, type Fields, fieldsOf, isSet, listOf, numberOf, textOf } from './values.ts'

const highestUserPriority = 1000000000
const systemPrefix = 'system-'
const systemClasses: Readonly<Record<string, number>> = { 'system-node-critical': 2000001000, 'system-cluster-critical': 2000000000 }
const priorityStorage = 'scheduling.k8s.io/priorityclasses'
const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])

function validateLease(lease: KubernetesObject): FieldError[] {
  const spec = specOf(lease)
  const { leaseDurationSeconds, leaseTransitions } = spec
  const errors: FieldError[] = []
  if (isSet(leaseDurationSeconds) && numberOf(leaseDurationSeconds) <= 0)
    errors.push(invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  if (isSet(leaseTransitions) && numberOf(leaseTransitions) < 0)
    errors.push(invalidValue('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'))
  return errors
}

function validatePriority(object: KubernetesObject): FieldError[] {
  const { name } = object.metadata
  const value = numberOf(object['value'])
  const policy = object['preemptionPolicy']
  const errors: FieldError[] = []
  if (name.startsWith(systemPrefix)) {
    const why = systemProblem(object)
    const message = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`
    if (why !== undefined) errors.push(forbidden('metadata.name', message))
  } else if (value > highestUserPriority)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`))
  if (isSet(policy) && policy !== 'PreemptLowerPriority' && policy !== 'Never')
    errors.push(policy === '' ? required('preemptionPolicy') : notSupported('preemptionPolicy', policy, ['PreemptLowerPriority', 'Never']))
  return errors
}

function systemProblem(object: KubernetesObject): string | undefined {
  const { name } = object.metadata
  const value = Object.hasOwn(systemClasses, name) ? systemClasses[name] : undefined
  if (value === undefined) return `${name} is not a known system priority class`
  if (value !== numberOf(object['value'])) return `value of ${name} PriorityClass must be ${value}`
  return object['globalDefault'] === true ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

/** There is one default. (plugin priority) Throws ApiError (403). */
export function admitPriorityClass(object: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext): void {
  if (object['globalDefault'] !== true) return
  const { name } = object.metadata
  const other = [...context.objects.list(priorityStorage)].find((each) => each['globalDefault'] === true)
  if (!other || (old && other.metadata.name === name)) return
  const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
  throw forbiddenError({ group: 'scheduling.k8s.io', resource: 'priorityclasses' }, name, why)
}

function validateRuntimeClass(object: KubernetesObject): FieldError[] {
  const handler = textOf(object['handler'])
  const errors = handler ? checkText('handler', handler, isDns1123Label) : [required('handler')]
  const scheduling = fieldsOf(object['scheduling'])
  if (isSet(scheduling['nodeSelector']))
    errors.push(...validateLabels(fieldsOf(scheduling['nodeSelector']) as Record<string, string>, 'scheduling.nodeSelector'))
  validateTolerations(errors, 'scheduling.tolerations', listOf(scheduling['tolerations']) as readonly Toleration[])
  return errors
}

export const schedulingKinds: Readonly<Record<string, KindBehaviour>> = {
  'coordination.k8s.io/leases': {
    strategy: strategyOf({
      createOnUpdate: true,
      unconditionalUpdate: false,
      anyFinalizers: true,
      // Fields of a feature that is off.
      prepare(lease) {
        const spec = draftAt(lease, 'spec')
        delete spec['strategy']
        delete spec['preferredHolder']
      },
      validate: validateLease,
      update: ['metadata change', 'object'],
    }),
    columns: columnsOf(nameRule, [column('Holder'), (lease) => textOf(specOf(lease)['holderIdentity'])], ageRule),
  },
  [priorityStorage]: {
    strategy: strategyOf({
      namespaced: false,
      validate: validatePriority,
      prepare(object, old, context) {
        // Told on create, and never counted.
        if (!old) object.metadata.generation = 1
        admitPriorityClass(object, old, context)
      },
      update: ['metadata change', 'change'],
      validateChange: (object, old) => [
        ...(numberOf(object['value']) === numberOf(old['value']) ? [] : [forbidden('value', 'may not be changed in an update.')]),
        ...checkImmutable('preemptionPolicy', object['preemptionPolicy'], old['preemptionPolicy']),
      ],
      beforeDelete({ metadata: { name } }) {
        if (!Object.hasOwn(systemClasses, name)) return
        throw forbiddenError(
          { group: 'scheduling.k8s.io', resource: 'priorityclasses' },
          name,
          'this is a system priority class and cannot be deleted',
        )
      },
    }),
    columns: columnsOf(
      nameRule,
      [column('Value', 'integer'), ({ value }) => numberOf(value)],
      [column('Global-Default', 'boolean'), ({ globalDefault }) => globalDefault === true],
      ageRule,
      [column('PreemptionPolicy'), ({ preemptionPolicy }) => textOf(preemptionPolicy)],
    ),
  },
  'node.k8s.io/runtimeclasses': {
    strategy: strategyOf({
      namespaced: false,
      createOnUpdate: true,
      unconditionalUpdate: false,
      validate: validateRuntimeClass,
      anyFinalizers: true,
      update: ['metadata', 'object', 'metadata change', 'change'],
      validateChange: (object, old) => checkImmutable('handler', object['handler'], old['handler']),
    }),
    columns: columnsOf(nameRule, [column('Handler'), ({ handler }) => textOf(handler)], ageRule),
  },
}
