/**
 * The strategies of the platform kinds, told by what differs from the rule.
 *
 * An update is checked in steps whose order and number differ by kind: upstream, most kinds check the metadata a second time there, and a
 * problem with it is reported as often. (pkg/registry, the strategies; pkg/apis, validation)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { validateObjectMeta, validateObjectMetaUpdate, validateStandardFinalizers } from '../../registry/object-meta.ts'
import type { Strategy, WriteContext } from '../../registry/resource.ts'
import type { FieldError } from '../../status/field-error.ts'
import { nameIsDnsSubdomain, type ObjectNameCheck } from '../names.ts'

/** `metadata change` and `metadata`: the rules of object-meta.ts; `object` and `change`: those of the kind. */
export type UpdateStep = 'metadata change' | 'metadata' | 'object' | 'change'

export interface KindRules extends Partial<Omit<Strategy, 'validateUpdate' | 'validateUpdateAlone' | 'validateName'>> {
  /** Default: true. */
  readonly namespaced?: boolean
  readonly validateName?: ObjectNameCheck
  /** Default: metadata change, change, metadata, object. */
  readonly update?: readonly UpdateStep[]
  /** Warnings, where nothing is wrong. `old` is undefined on create. */
  readonly warn?: (object: KubernetesObject, old: KubernetesObject | undefined, warnings: string[]) => void
  readonly validateChange?: (object: KubernetesObject, old: KubernetesObject, context: WriteContext) => FieldError[]
}

const usualUpdate: readonly UpdateStep[] = ['metadata change', 'change', 'metadata', 'object']

export function strategyOf(rules: KindRules = {}): Strategy {
  const { namespaced = true, validateName = nameIsDnsSubdomain, update = usualUpdate, validate, validateChange, warn, ...rest } = rules
  const step = (kind: UpdateStep, object: KubernetesObject, old: KubernetesObject, context: WriteContext): FieldError[] => {
    switch (kind) {
      case 'metadata change':
        return [
          ...validateObjectMetaUpdate(object.metadata, old.metadata),
          ...(rules.anyFinalizers === true ? [] : validateStandardFinalizers(object.metadata)),
        ]
      case 'metadata':
        return validateObjectMeta(object.metadata, { namespaced, validateName, standardFinalizers: rules.anyFinalizers !== true })
      case 'object':
        return validate?.(object, context) ?? []
      case 'change':
        return validateChange?.(object, old, context) ?? []
    }
  }
  return {
    generation: 'none',
    unconditionalUpdate: true,
    createOnUpdate: false,
    hasStatus: false,
    ...rest,
    validateName,
    validateUpdateAlone: true,
    validate(object, context) {
      const errors = validate?.(object, context) ?? []
      if (errors.length === 0) warn?.(object, undefined, context.warnings)
      return errors
    },
    validateUpdate(object, old, context) {
      const errors = update.flatMap((kind) => step(kind, object, old, context))
      if (errors.length === 0) warn?.(object, old, context.warnings)
      return errors
    },
  }
}
