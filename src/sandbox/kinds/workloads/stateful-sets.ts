/** StatefulSets. (registry/apps/statefulset/strategy.go; apps/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import { validateAnnotations, validateLabels } from '../../registry/object-meta.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, forbidden, invalidValue } from '../../status/field-error.ts'
import { nameIsDnsLabel } from '../names.ts'
import {
  type Errors,
  dnsLabel,
  intOrPercent,
  intOrPercentValue,
  nonNegative,
  notMoreThan100Percent,
  notSupported,
  required,
} from './checks.ts'
import { age, columns, containerCells, count, wide } from './columns.ts'
import { same } from './equality.ts'
import { printedAs } from './internal-types.ts'
import { validatePodAnnotations } from './pod/annotations.ts'
import { labelsNotSelected, validatePodTemplate } from './pod/template.ts'
import { validateVolumeClaimSpec } from './pod/volume-claim.ts'
import { prepareTemplate } from './pod/warnings.ts'
import { collisionsDecremented, validateCounts, validateOwnSelector } from './replicated.ts'
import { isEmptySelector, isUsable, printedSelector, selects } from './selectors.ts'
import type { PodTemplate, StatefulSet, Volume } from './shapes.ts'

/** What an update does not look at again. */
interface Leniency {
  readonly update: boolean
  /** The stored object was not valid itself. */
  readonly template: boolean
}

function validateStatefulSet(object: KubernetesObject, lenient: Leniency = { update: false, template: false }): FieldError[] {
  const { spec } = object as StatefulSet
  const errors: Errors = []
  const policy = spec.podManagementPolicy ?? ''
  if (policy === '') errors.push(required('spec.podManagementPolicy'))
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  validateUpdateStrategy(errors, 'spec.updateStrategy', spec.updateStrategy ?? {})
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const retention = spec.persistentVolumeClaimRetentionPolicy
    const value = retention?.[field] ?? ''
    if (retention && value !== 'Retain' && value !== 'Delete')
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, ['Retain', 'Delete']))
  }
  if (!lenient.update)
    spec.volumeClaimTemplates?.forEach((claim, index) => {
      validateVolumeClaimSpec(errors, `spec.volumeClaimTemplates[${index}].spec`, claim.spec ?? {})
    })
  nonNegative(errors, 'spec.replicas', spec.replicas)
  nonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds)
  nonNegative(errors, 'spec.ordinals.start', spec.ordinals?.start)
  if (!lenient.update && spec.serviceName) dnsLabel(errors, 'spec.serviceName', spec.serviceName)
  validateOwnSelector(errors, 'spec.selector', spec.selector, 'statefulset')
  validateTemplate(errors, spec, lenient)
  const pod = spec.template?.spec ?? {}
  if (pod.restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', pod.restartPolicy ?? '', ['Always']))
  if (pod.activeDeadlineSeconds !== undefined)
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in StatefulSet is not Supported'))
  return errors
}

function validateUpdateStrategy(errors: Errors, path: string, strategy: NonNullable<StatefulSet['spec']['updateStrategy']>): void {
  const { type = '', rollingUpdate } = strategy
  if (type === '') errors.push(required(path))
  else if (type === 'OnDelete') {
    if (rollingUpdate)
      errors.push(
        invalidValue(
          `${path}.rollingUpdate`,
          printedAs('RollingUpdateStatefulSetStrategy', rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      )
  } else if (type !== 'RollingUpdate')
    errors.push(invalidValue(path, printedAs('StatefulSetUpdateStrategy', strategy), "must be 'RollingUpdate' or 'OnDelete'"))
  else if (rollingUpdate) {
    const at = `${path}.rollingUpdate`
    nonNegative(errors, `${at}.partition`, rollingUpdate.partition)
    const { maxUnavailable } = rollingUpdate
    if (maxUnavailable === undefined) return
    intOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable)
    if (intOrPercentValue(maxUnavailable) === 0) errors.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0'))
    notMoreThan100Percent(errors, `${at}.maxUnavailable`, maxUnavailable)
  }
}

function validateTemplate(
  errors: Errors,
  { selector, template = {}, volumeClaimTemplates = [] }: StatefulSet['spec'],
  lenient: Leniency,
): void {
  const path = 'spec.template'
  if (selector && !isUsable(selector)) {
    errors.push(invalidValue('spec.selector', printedSelector(selector), ''))
    return
  }
  const unselected = selector ? !isEmptySelector(selector) && !selects(selector, template.metadata?.labels) : true
  if (unselected) errors.push(labelsNotSelected(path, template))
  if (!lenient.template) validatePodTemplate(errors, path, asCreated(template, volumeClaimTemplates))
  const { labels = {}, annotations = {} } = template.metadata ?? {}
  errors.push(...validateLabels(labels, `${path}.labels`), ...validateAnnotations(annotations, `${path}.annotations`))
  validatePodAnnotations(errors, `${path}.annotations`, annotations, template.spec ?? {})
}

/** The template as the controller fills it in: with a volume for each claim, and names of its own. */
function asCreated(template: PodTemplate, claims: NonNullable<StatefulSet['spec']['volumeClaimTemplates']>): PodTemplate {
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec ?? {}
  if (claims.length === 0) return { ...template, spec }
  const names = new Set(claims.map(({ metadata }) => (metadata?.['name'] as string | undefined) ?? ''))
  const volumes: Volume[] = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...template, spec: { ...spec, volumes: [...volumes, ...(spec.volumes ?? []).filter(({ name = '' }) => !names.has(name))] } }
}

const updatable = [
  ...(['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy'] as const),
  'minReadySeconds' as const,
]
const refusedChange =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

function validateStatefulSetUpdate(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const invalidBefore = validateStatefulSet(old, { update: true, template: false }).length > 0
  const errors = validateStatefulSet(object, { update: true, template: invalidBefore })
  const fixed = (spec: StatefulSet['spec']): unknown =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !(updatable as readonly string[]).includes(field)))
  if (!same(fixed((object as StatefulSet).spec), fixed((old as StatefulSet).spec))) errors.push(forbidden('spec', refusedChange))
  return errors
}

const statusFields = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
]
const tooMany = 'cannot be greater than status.replicas'

const strategy: Strategy = {
  generation: 'spec',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  validateName: nameIsDnsLabel,
  prepare(object, old, context) {
    const { spec } = object as StatefulSet
    // Of a feature that is switched off by default.
    const update = spec.updateStrategy?.rollingUpdate as { maxUnavailable?: unknown } | undefined
    if (update && (old as StatefulSet | undefined)?.spec.updateStrategy?.rollingUpdate?.maxUnavailable === undefined)
      delete update.maxUnavailable
    prepareTemplate(context.warnings, 'spec.template', spec.template, (old as StatefulSet | undefined)?.spec.template)
    if ((spec.revisionHistoryLimit ?? 0) < 0)
      context.warnings.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
  },
  validate: (object) => validateStatefulSet(object),
  validateUpdate: validateStatefulSetUpdate,
  validateUpdateAlone: true,
  validateStatus: (object, old) => [
    ...validateCounts((object as StatefulSet).status ?? {}, statusFields, [
      ['readyReplicas', 'replicas', tooMany],
      ['currentReplicas', 'replicas', tooMany],
      ['updatedReplicas', 'replicas', tooMany],
      ['availableReplicas', 'replicas', tooMany],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than status.readyReplicas'],
    ]),
    ...collisionsDecremented((object as StatefulSet).status, (old as StatefulSet).status),
  ],
}

export const statefulSets: KindBehaviour = {
  strategy,
  columns: columns<StatefulSet>(
    [['Name', 'string', 'name'], ['Ready'], ['Age'], ...wide('Containers', 'Images')],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      `${count(status.readyReplicas)}/${count(spec.replicas)}`,
      age(metadata.creationTimestamp, now),
      ...containerCells(spec.template?.spec?.containers),
    ],
  ),
}
