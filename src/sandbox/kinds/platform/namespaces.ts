/**
 * Namespaces: the finalizer in their spec, their name as a label, the ones that have to stay.
 *
 * (pkg/registry/core/namespace; plugin namespace/lifecycle)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { forbiddenError } from '../../status/api-error.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isQualifiedName, nameIsDnsLabel } from '../names.ts'
import { strategyOf } from './strategy.ts'
import { checkText, draftAt, fieldsOf, isDraft, listOf, textOf, textsOf } from './values.ts'

const finalizer = 'kubernetes'
const nameLabel = 'kubernetes.io/metadata.name'
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])
const standardFinalizers: ReadonlySet<string> = new Set([finalizer, 'orphan', 'foregroundDeletion'])

const finalizersOf = (namespace: KubernetesObject): readonly string[] => textsOf(fieldsOf(namespace['spec'])['finalizers'])
const phaseOf = (namespace: KubernetesObject): string => textOf(fieldsOf(namespace['status'])['phase'])

function label({ metadata }: KubernetesObject): void {
  if (!metadata.name || metadata.labels?.[nameLabel] === metadata.name) return
  metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}

function checkFinalizer(path: string, name: string): FieldError[] {
  const errors = checkText(path, name, isQualifiedName)
  return name.includes('/') || standardFinalizers.has(name)
    ? errors
    : [...errors, invalidValue(path, name, 'name is neither a standard finalizer name nor is it fully qualified')]
}

const checkPhase = (namespace: KubernetesObject): FieldError[] => {
  const phase = phaseOf(namespace)
  if (namespace.metadata.deletionTimestamp === undefined)
    return phase === 'Active' ? [] : [invalidValue('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
  return phase === 'Terminating'
    ? []
    : [invalidValue('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
}

const strategy: Strategy = strategyOf({
  namespaced: false,
  hasStatus: true,
  returnsDeleted: true,
  validateName: nameIsDnsLabel,
  prepare(namespace, old) {
    label(namespace)
    const spec = draftAt(namespace, 'spec')
    if (old) {
      delete spec['finalizers']
      if (finalizersOf(old).length > 0) spec['finalizers'] = [...finalizersOf(old)]
    } else {
      if (!finalizersOf(namespace).includes(finalizer)) spec['finalizers'] = [...finalizersOf(namespace), finalizer]
      draftAt(namespace, 'status')['phase'] = 'Active'
    }
  },
  validate: (namespace) => finalizersOf(namespace).flatMap((name) => checkFinalizer('spec.finalizers', name)),
  update: ['metadata', 'object', 'metadata change'],
  validateStatus: checkPhase,
  prepareDeletion(namespace) {
    namespace['status'] = { ...fieldsOf(namespace['status']), phase: 'Terminating' }
    delete namespace.metadata['deletionGracePeriodSeconds']
  },
  isFinished: (namespace) => finalizersOf(namespace).length === 0,
  beforeDelete({ metadata: { name } }) {
    if (immortal.has(name)) throw forbiddenError({ group: '', resource: 'namespaces' }, name, 'this namespace may not be deleted')
  },
})

/** PUT of the finalizers in the spec: when the last one is gone, so is the namespace. */
const finalize: Strategy = strategyOf({
  ...strategy,
  namespaced: false,
  validateName: nameIsDnsLabel,
  prepare(namespace, old) {
    label(namespace)
    if (old && isDraft(old['status'])) namespace['status'] = old['status']
  },
  update: ['metadata change', 'change'],
  validateChange: (namespace) => finalizersOf(namespace).flatMap((name, index) => checkFinalizer(`spec.finalizers[${index}]`, name)),
})

export const namespaceKinds: Readonly<Record<string, KindBehaviour>> = {
  '/namespaces': {
    strategy,
    columns: columnsOf(nameRule, [column('Status'), phaseOf], ageRule),
    selectableFields: new Map([
      ['status.phase', phaseOf],
      ['name', ({ metadata }: KubernetesObject) => metadata.name],
    ]),
    subresources: { finalize: { kind: 'write', verbs: ['update'], strategy: finalize } },
  },
  '/componentstatuses': {
    strategy: strategyOf({ namespaced: false }),
    columns: columnsOf(
      nameRule,
      [column('Status'), (object) => ({ True: 'Healthy', '': 'Unknown' })[textOf(healthOf(object)['status'])] ?? 'Unhealthy'],
      [column('Message'), (object) => textOf(healthOf(object)['message'])],
      [column('Error'), (object) => textOf(healthOf(object)['error'])],
    ),
  },
}

const healthOf = (object: KubernetesObject) =>
  fieldsOf(
    listOf(object['conditions'])
      .map(fieldsOf)
      .find(({ type }) => type === 'Healthy'),
  )
