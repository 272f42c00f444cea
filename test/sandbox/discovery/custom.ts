/** A custom resource of any names, as far as discovery and OpenAPI look at it. */
import type { Resource } from '../../../src/sandbox/registry/resource.ts'
import { anySchema } from '../../../src/sandbox/schema/schema.ts'

export const customResource = (given: Partial<Resource> & Pick<Resource, 'group' | 'version' | 'resource' | 'kind'>): Resource => ({
  singular: given.kind.toLowerCase(),
  listKind: `${given.kind}List`,
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
  storage: `${given.group}/${given.resource}`,
  schema: anySchema,
  codec: { decode: unused, toStorage: unused, fromStorage: unused },
  strategy: { generation: 'spec', unconditionalUpdate: false, createOnUpdate: false, hasStatus: false },
  subresources: new Map(),
  columns: { definitions: [], cells: () => [] },
  selectableFields: new Map(),
  ...given,
})

const unused = (): never => {
  throw new Error('discovery reads and writes no objects')
}
