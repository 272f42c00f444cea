/**
 * Controller revisions: the templates that a StatefulSet or DaemonSet has had, numbered. (pkg/controller/history/controller_history.go)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import type { LabelSelector } from '../../api/selectors.ts'
import type { World } from './controller.ts'
import { equalJson } from '../../api/equal.ts'
import { claim, type ControllerIndex, controllerReference } from './ownership.ts'
import type { PodTemplate } from './pods.ts'
import { templateHash } from './template-hash.ts'

export const revisionStorage = 'apps/controllerrevisions'

export interface ControllerRevision extends KubernetesObject {
  revision: number
  data: { spec: { template: JsonObject } }
}

export interface Revisions {
  /** Oldest first; the last one is that of the present template. */
  readonly all: readonly ControllerRevision[]
  readonly latest: ControllerRevision
}

/** The revisions of an owner, after the present template has got one; going back to an earlier template gives that one a new number. */
export function revisionsOf(
  world: World,
  index: ControllerIndex,
  owner: KubernetesObject & { spec: { selector: LabelSelector; template: PodTemplate } },
  hashLabel: string,
  collisions: number | undefined,
): Revisions {
  const known = claim(world, revisionStorage, index, owner, owner.spec.selector) as ControllerRevision[]
  const all = known.sort((a, b) => a.revision - b.revision)
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } }
  const equal = all.findLast((one) => equalJson(one.data, data))
  const last = all.at(-1)
  if (equal && equal === last) return { all, latest: equal }
  const revision = (last?.revision ?? 0) + 1
  if (equal) {
    const latest = world.update(revisionStorage, { ...equal, revision }) as ControllerRevision
    return { all: [...all.filter((one) => one !== equal), latest], latest }
  }
  const hash = templateHash(owner.spec.template, collisions)
  const latest = world.create(revisionStorage, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name.slice(0, 223)}-${hash}`,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
      ...(owner.metadata.annotations ? { annotations: { ...owner.metadata.annotations } } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  }) as ControllerRevision
  return { all: [...all, latest], latest }
}

export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _patch, ...template } = data.spec.template
  return template as unknown as PodTemplate
}

/** Deletes the oldest of the revisions that nothing uses, beyond the limit. */
export function truncateHistory(world: World, { all }: Revisions, inUse: (revision: ControllerRevision) => boolean, limit: number): void {
  const unused = all.filter((revision) => !inUse(revision))
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit))) {
    world.delete(revisionStorage, metadata.namespace ?? '', metadata.name)
  }
}
