/** Leases. (coordination.k8s.io/v1) */
import type { Resource } from './client.ts'

export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  verbs: ['get', 'list', 'create', 'patch'],
  subresources: [],
}
