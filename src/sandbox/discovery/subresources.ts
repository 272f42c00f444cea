/** What discovery tells of a subresource: the verbs, and the kind of what is sent and answered. */
import type { Resource, Subresource } from '../registry/resource.ts'

export interface SubresourceListing {
  readonly verbs: readonly string[]
  readonly kind: string
  /** Both absent where they are those of the resource. */
  readonly group?: string
  readonly version?: string
}

const readWrite = ['get', 'patch', 'update']

export function listing(subresource: Subresource, { kind }: Resource): SubresourceListing {
  switch (subresource.kind) {
    case 'status':
      return { verbs: readWrite, kind }
    case 'scale':
      return { verbs: readWrite, group: 'autoscaling', version: 'v1', kind: 'Scale' }
    case 'write':
      return { verbs: subresource.verbs, kind }
    case 'action':
      return { verbs: ['create'], ...parsed(subresource.responseKind) }
    case 'connect':
      return { verbs: subresource.verbs, ...parsed(subresource.responseKind) }
  }
}

/** `Pod` or `policy/v1/Eviction`. */
function parsed(responseKind: string): Omit<SubresourceListing, 'verbs'> {
  const [group = '', version, kind] = responseKind.split('/')
  return version === undefined || kind === undefined ? { kind: group } : { group, version, kind }
}
