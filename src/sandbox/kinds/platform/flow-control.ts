/** Flow schemas and priority levels: stored and shown; the sandbox queues nothing. (pkg/apis/flowcontrol; pkg/printers) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isDns1123Subdomain } from '../names.ts'
import { cellOf } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, isSet, listOf, numberOf, textOf } from './values.ts'

const group = 'flowcontrol.apiserver.k8s.io'
const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])
const limitedOf = (object: KubernetesObject): Fields => fieldsOf(specOf(object)['limited'])
const queuingOf = (object: KubernetesObject): Fields => fieldsOf(fieldsOf(limitedOf(object)['limitResponse'])['queuing'])
const highestPrecedence = 10000

function validateSchema(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const precedence = numberOf(spec['matchingPrecedence'])
  const errors: FieldError[] = []
  if (precedence <= 0) errors.push(invalidValue('spec.matchingPrecedence', precedence, 'must be a positive value'))
  if (precedence > highestPrecedence)
    errors.push(invalidValue('spec.matchingPrecedence', precedence, `must not be greater than ${highestPrecedence}`))
  if (precedence === 1 && object.metadata.name !== 'exempt')
    errors.push(invalidValue('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  const method = spec['distinguisherMethod']
  const type = fieldsOf(method)['type']
  const methods = ['ByNamespace', 'ByUser']
  if (isSet(method) && !methods.includes(textOf(type))) errors.push(notSupported('spec.distinguisherMethod', type, methods))
  const name = textOf(fieldsOf(spec['priorityLevelConfiguration'])['name'])
  const path = 'spec.priorityLevelConfiguration.name'
  return [...errors, ...(name ? checkText(path, name, isDns1123Subdomain) : [required(path, 'must reference a priority level')])]
}

function validateLevel(object: KubernetesObject): FieldError[] {
  const { type, limited, exempt } = specOf(object)
  switch (type) {
    case 'Exempt':
      return isSet(limited) ? [forbidden('spec.limited', 'must be nil if the type is not Limited')] : []
    case 'Limited':
      if (isSet(exempt)) return [forbidden('spec.exempt', 'must be nil if the type is Limited')]
      return isSet(limited) ? [] : [required('spec.limited', 'must not be empty when type is Limited')]
    default:
      return [notSupported('spec.type', textOf(type), ['Exempt', 'Limited'])]
  }
}

const orNone = (value: unknown) => (isSet(value) ? cellOf(value) : '<none>')

export const flowControlKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/flowschemas`]: {
    strategy: strategyOf({
      namespaced: false,
      generation: 'spec',
      hasStatus: true,
      validate: validateSchema,
      update: ['metadata change', 'metadata', 'object'],
    }),
    columns: columnsOf(
      nameRule,
      [column('PriorityLevel'), (object) => textOf(fieldsOf(specOf(object)['priorityLevelConfiguration'])['name'])],
      [column('MatchingPrecedence'), (object) => numberOf(specOf(object)['matchingPrecedence'])],
      [column('DistinguisherMethod'), (object) => orNone(fieldsOf(specOf(object)['distinguisherMethod'])['type'])],
      ageRule,
      [
        column('MissingPL'),
        (object) =>
          textOf(
            listOf(fieldsOf(object['status'])['conditions'])
              .map(fieldsOf)
              .find(({ type }) => type === 'Dangling')?.['status'],
          ) || '?',
      ],
    ),
  },
  [`${group}/prioritylevelconfigurations`]: {
    strategy: strategyOf({
      namespaced: false,
      generation: 'spec',
      hasStatus: true,
      validate: validateLevel,
      update: ['metadata change', 'metadata', 'object'],
    }),
    columns: columnsOf(
      nameRule,
      [column('Type'), (object) => textOf(specOf(object)['type'])],
      [column('NominalConcurrencyShares'), (object) => orNone(limitedOf(object)['nominalConcurrencyShares'])],
      [column('Queues'), (object) => orNone(queuingOf(object)['queues'])],
      [column('HandSize'), (object) => orNone(queuingOf(object)['handSize'])],
      [column('QueueLengthLimit'), (object) => orNone(queuingOf(object)['queueLengthLimit'])],
      ageRule,
    ),
  },
}
