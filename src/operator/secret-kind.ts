/** Secrets as a kind. */
import type { GroupVersionKind } from '../api/object.ts'
import type { Resource } from '../kube/client.ts'
import type { PassContext } from './pass-context.ts'

export const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' }

export const secretResource = ({ resourceOf }: Pick<PassContext, 'resourceOf'>): Resource =>
  resourceOf(secretKind) ?? { ...secretKind, plural: 'secrets', namespaced: true, verbs: [], subresources: [] }
