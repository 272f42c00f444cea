/** The claims that a template makes volumes of. (core/validation, ValidatePersistentVolumeClaimSpec) */
import { isDns1123Label, isDns1123Subdomain, nameIsDnsSubdomain } from '../../names.ts'
import { validateAnnotations, validateLabels } from '../../../registry/object-meta.ts'
import {
  type Errors,
  each,
  forbidden,
  invalidValue,
  isNegative,
  isPositive,
  notSupported,
  quantityText,
  required,
  supported,
} from '../checks.ts'
import { validateSelector } from '../selectors.ts'
import type { VolumeClaimSpec, VolumeClaimTemplate } from '../shapes.ts'

export function validateVolumeClaimTemplate(errors: Errors, path: string, { metadata = {}, spec = {} }: VolumeClaimTemplate): void {
  if (metadata.annotations) errors.push(...validateAnnotations(metadata.annotations, `${path}.metadata.annotations`))
  if (metadata.labels) errors.push(...validateLabels(metadata.labels, `${path}.metadata.labels`))
  for (const [field, value] of Object.entries(metadata)) {
    const empty = value === undefined || value === null || value === '' || value === 0
    if (field !== 'annotations' && field !== 'labels' && !empty) errors.push(forbidden(`${path}.metadata.${field}`, 'cannot be set'))
  }
  validateVolumeClaimSpec(errors, `${path}.spec`, spec)
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export function validateVolumeClaimSpec(errors: Errors, path: string, spec: VolumeClaimSpec): void {
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  validateSelector(errors, `${path}.selector`, spec.selector)
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported(`${path}.accessModes`, mode, accessModes))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode)))
    errors.push(forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  storage(errors, `${path}.resources[storage]`, spec.resources?.requests?.['storage'])
  if (spec.storageClassName)
    each(errors, `${path}.storageClassName`, spec.storageClassName, nameIsDnsSubdomain(spec.storageClassName, false))
  supported(errors, `${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem'])
  if (spec.dataSource) source(errors, `${path}.dataSource`, spec.dataSource)
  if (spec.dataSourceRef) {
    source(errors, `${path}.dataSourceRef`, spec.dataSourceRef)
    const { namespace } = spec.dataSourceRef
    if (namespace) each(errors, `${path}.dataSourceRef.namespace`, namespace, isDns1123Label(namespace))
  }
  const className = spec.volumeAttributesClassName
  if (className) each(errors, `${path}.volumeAttributesClassName`, className, nameIsDnsSubdomain(className, false))
}

function storage(errors: Errors, path: string, amount: string | undefined): void {
  if (amount === undefined) errors.push(required(path))
  else if (!isPositive(amount) || isNegative(amount)) errors.push(invalidValue(path, quantityText(amount), 'must be greater than zero'))
}

function source(errors: Errors, path: string, { apiGroup = '', kind = '', name }: NonNullable<VolumeClaimSpec['dataSource']>): void {
  if (!name) errors.push(required(`${path}.name`))
  if (!kind) errors.push(required(`${path}.kind`))
  if (apiGroup === '') {
    if (kind !== 'PersistentVolumeClaim')
      errors.push(invalidValue(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  } else each(errors, `${path}.apiGroup`, apiGroup, isDns1123Subdomain(apiGroup))
}
