/** What identifies an object, and what the server writes itself, has no owner. (apimachinery, managedfields/internal/stripmeta.go) */
import { field, type Path } from '../../fields/path.ts'
import { difference, type FieldSet, fromPaths } from '../../fields/set.ts'

const inMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]

const untracked: FieldSet = fromPaths([
  [field('apiVersion')],
  [field('kind')],
  [field('metadata')],
  ...inMetadata.map((name): Path => [field('metadata'), field(name)]),
])

export const stripMeta = (set: FieldSet): FieldSet => difference(set, untracked)
