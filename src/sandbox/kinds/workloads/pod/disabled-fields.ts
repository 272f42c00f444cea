/** Fields of features that are switched off in a cluster of this version, which the server drops. (api/pod/util.go, DropDisabledPodFields) */
import type { Container, PodSpec, ProjectionSource } from '../shapes.ts'

/** Unless they were there before. */
export function dropDisabledFields(spec: PodSpec | undefined, old: PodSpec | undefined): void {
  if (!spec) return
  for (const list of ['initContainers', 'containers'] as const)
    for (const container of (spec[list] ?? []) as { lifecycle?: { stopSignal?: string } }[]) {
      if (container.lifecycle?.stopSignal === undefined || hasStopSignal(old)) continue
      delete container.lifecycle.stopSignal
      if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle
    }
  for (const { projected } of spec.volumes ?? [])
    for (const source of (projected?.sources ?? []) as Record<string, unknown>[])
      for (const name of ['clusterTrustBundle', 'podCertificate'] as const) if (!projects(old, name)) delete source[name]
}

const hasStopSignal = (spec: PodSpec | undefined): boolean =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ lifecycle }: Container) => lifecycle?.stopSignal !== undefined)

const projects = (spec: PodSpec | undefined, name: string): boolean =>
  spec?.volumes?.some(({ projected }) => projected?.sources?.some((source: ProjectionSource) => Object.hasOwn(source, name))) ?? false
