/**
 * The resources that the server serves by itself.
 */
import { createDefaults } from '../defaults/defaults.ts'
import type { KindBehaviour, Resource } from '../registry/resource.ts'
import { decode } from '../schema/decode.ts'
import { createTypes } from '../schema/types.ts'
import { defaultsTable } from '../tables/defaults.ts'
import { resourcesTable } from '../tables/resources.ts'
import { typesTable } from '../tables/types.ts'
import { type Answers, assembleResources } from './assemble.ts'
import { platformKinds } from './platform/kinds.ts'
import { workloadKinds } from './workloads/workloads.ts'

export interface BuiltInOptions {
  /** By storage, before those of kinds/platform and kinds/workloads: what custom resource definitions do. */
  readonly behaviours?: Readonly<Record<string, KindBehaviour>>
  /** What is answered to a POST of a resource that is not stored, by storage; without one, 501. */
  readonly answers?: Answers
}

/** One for each group, version and resource, the preferred version of a group first; each call makes its own. */
export const builtInResources = ({ behaviours = {}, answers = {} }: BuiltInOptions = {}): Resource[] =>
  assembleResources({
    table: resourcesTable,
    types: createTypes(typesTable),
    decode,
    applyDefaults: createDefaults(defaultsTable),
    behaviours: { ...platformKinds, ...workloadKinds, ...behaviours },
    answers,
  })
