/**
 * CustomResourceDefinitions as a kind of their own: what the server fills in, and what it demands.
 *
 * (apiextensions-apiserver, registry/customresourcedefinition/strategy.go and etcd.go; apis/apiextensions/v1/defaults.go)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { cleanupFinalizer, type Definition, definitionOf, type DefinitionSpec, definitionStorage, type Names } from '../definition.ts'
import { setCondition } from './conditions.ts'
import { unrecognizedFormats } from './formats.ts'
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from './validate.ts'

/** By storage. */
export const definitionKinds: Readonly<Record<string, KindBehaviour>> = {
  [definitionStorage]: {
    strategy: {
      generation: 'spec',
      unconditionalUpdate: false,
      anyFinalizers: true,
      createOnUpdate: false,
      hasStatus: true,
      validateUpdateAlone: true,
      prepare(object, old) {
        const definition = definitionOf(object)
        const stored = definition.spec.versions.find(({ storage }) => storage)?.name
        const before = old ? definitionOf(old).status : undefined
        const storedVersions = before?.storedVersions ?? []
        definition.status = {
          conditions: before?.conditions ?? (null as never),
          acceptedNames: before?.acceptedNames ?? ({ plural: '', kind: '' } as Names),
          storedVersions: stored === undefined || storedVersions.includes(stored) ? storedVersions : [...storedVersions, stored],
        }
      },
      validate(object, context) {
        for (const format of unrecognizedFormats(definitionOf(object))) context.warnings.push(`unrecognized format "${format}"`)
        return validateDefinition(definitionOf(object))
      },
      validateUpdate(object, old, context) {
        const before = new Set(unrecognizedFormats(definitionOf(old)))
        for (const format of unrecognizedFormats(definitionOf(object)))
          if (!before.has(format)) context.warnings.push(`unrecognized format "${format}"`)
        return validateDefinitionUpdate(definitionOf(object), definitionOf(old))
      },
      validateStatus: (object) => validateDefinitionStatus(definitionOf(object)),
      isFinished: (object) => definitionOf(object).status?.conditions?.some(({ type }) => type === 'Terminating') === true,
      prepareDeletion: markForDeletion,
    },
    complete: fillIn,
  },
}

/** The defaults, before ownership is worked out. What has no default but has to be there is empty: validation names it. */
function fillIn(object: KubernetesObject): void {
  const given = (object['spec'] ?? {}) as Partial<DefinitionSpec>
  const names: Partial<Names> = given.names ?? {}
  const { plural = '', kind = '', listKind } = names
  const definition = object as Definition
  definition.spec = {
    ...given,
    group: given.group ?? '',
    names: {
      ...names,
      plural,
      singular: names.singular || kind.toLowerCase(),
      kind,
      ...((listKind || kind) && { listKind: listKind || `${kind}List` }),
    },
    scope: given.scope ?? ('' as never),
    versions: given.versions ?? [],
    conversion: given.conversion ?? { strategy: 'None' },
  }
}

/** A definition waits until its instances are gone. */
function markForDeletion(object: KubernetesObject): void {
  const definition = definitionOf(object)
  const { metadata } = definition
  const { deletionGracePeriodSeconds: _, generation = 1, finalizers = [], ...rest } = metadata as Record<string, unknown> & typeof metadata
  definition.metadata = {
    ...rest,
    // Its deletion counts as no change of it, other than that of other kinds.
    generation: generation - 1,
    finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
  }
  definition.status = setCondition(
    definition.status ?? {},
    {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    metadata.deletionTimestamp ?? '',
  )
}
