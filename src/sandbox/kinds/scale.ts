/** The `scale` subresource of the built-in kinds that have one: the same fields in all of them. */
import type { Subresource } from '../registry/resource.ts'
import { formatLabels, formatLabelSelector } from './columns.ts'

/** @param selector Whether spec.selector is a LabelSelector, or a map of labels as in a ReplicationController. */
export const scaleSubresource = (selector: 'selector' | 'labels'): Subresource => ({
  kind: 'scale',
  specReplicasPath: 'spec.replicas',
  statusReplicasPath: 'status.replicas',
  selector: ({ spec }) => {
    const value = (spec as { selector?: unknown } | undefined)?.selector
    const text = selector === 'labels' ? formatLabels(value) : formatLabelSelector(value)
    return text === '<none>' ? '' : text
  },
})
