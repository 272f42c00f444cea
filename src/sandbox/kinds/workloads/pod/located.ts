/** The containers of a pod and where they are in it. (core/pods, VisitContainersWithPath) */
import type { Container, PodSpec } from '../shapes.ts'

/** Every container with the path of its own, in the server's order. */
export const locatedContainers = (spec: PodSpec, path: string): [string, Container][] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) =>
    (spec[field] ?? []).map((container, index): [string, Container] => [`${path}.${field}[${index}]`, container]),
  )
