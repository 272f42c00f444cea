/**
 * What a write to an endpoint does not change, so that nobody owns it through there.
 *
 * The main endpoint leaves the status alone, the status endpoint the spec and, for custom resources and some built-in kinds, the metadata.
 * (GetResetFields of each kind's strategy; apiextensions-apiserver, registry/customresource)
 */
import { field, type Path } from '../../fields/path.ts'
import { type FieldSet, fromPaths } from '../../fields/set.ts'

const set = (...dotted: readonly string[]): FieldSet => fromPaths(dotted.map((path): Path => path.split('.').map(field)))

const status = set('status')
const spec = set('spec')
const specAndMetadata = set('spec', 'metadata')

/** By storage, endpoint by endpoint, where it is not `status` for the object and `spec` for its status. */
const exceptions: Readonly<Record<string, Readonly<Record<string, FieldSet>>>> = {
  '/pods': { status: set('spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences') },
  '/namespaces': { finalize: status },
  'admissionregistration.k8s.io/validatingadmissionpolicies': { status: specAndMetadata },
  'apiextensions.k8s.io/customresourcedefinitions': { status: specAndMetadata },
  'apps/deployments': { status: set('spec', 'metadata.labels') },
  'certificates.k8s.io/certificatesigningrequests': {
    '': set('spec', 'status'),
    status: set('spec', 'status.conditions'),
    approval: set('spec', 'status.certificate'),
  },
  'flowcontrol.apiserver.k8s.io/flowschemas': { status: specAndMetadata },
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': { status: specAndMetadata },
  'networking.k8s.io/servicecidrs': { status: specAndMetadata },
  'resource.k8s.io/resourceclaims': { status: specAndMetadata },
}

export interface Endpoint {
  /** `group/resource`. */
  readonly storage: string
  /** Empty for the object itself. */
  readonly subresource: string
  readonly hasStatus: boolean
  readonly custom: boolean
}

/** Undefined where a write can change everything. */
export function resetFieldsOf({ storage, subresource, hasStatus, custom }: Endpoint): FieldSet | undefined {
  const exception = Object.hasOwn(exceptions, storage) ? exceptions[storage]?.[subresource] : undefined
  if (exception) return exception
  if (subresource === '') return hasStatus ? status : undefined
  if (subresource !== 'status') return undefined
  return custom ? specAndMetadata : spec
}
