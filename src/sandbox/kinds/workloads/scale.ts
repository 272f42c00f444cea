/** The scale of a kind that counts its pods with a label selector. (registry/apps, ScaleREST) */
import type { Subresource } from '../../registry/resource.ts'
import { formatSelector } from './selectors.ts'
import type { LabelSelector } from './shapes.ts'

export const scaled: Subresource = {
  kind: 'scale',
  specReplicasPath: 'spec.replicas',
  statusReplicasPath: 'status.replicas',
  selector: (object) => {
    const { selector } = object['spec'] as { readonly selector?: LabelSelector }
    return selector && formatSelector(selector)
  },
}
