/** What the sandbox says to the creation of a definition. */
import type { KubernetesObject } from '../../../src/api/object.ts'
import { definitionStorage } from '../../../src/sandbox/definitions/definition.ts'
import { definitionKinds } from '../../../src/sandbox/definitions/kind/behaviour.ts'
import { validateObjectMeta } from '../../../src/sandbox/registry/object-meta.ts'
import type { KindBehaviour, WriteContext } from '../../../src/sandbox/registry/resource.ts'
import { ApiError, invalid } from '../../../src/sandbox/status/api-error.ts'
import type { DefinitionCase } from './definition-cases.ts'

export function definitionOfCase({ spec, version, schema, properties, metadata }: DefinitionCase, group: string): KubernetesObject {
  const described = schema ?? { type: 'object', properties: { spec: { type: 'object', properties: properties ?? {} } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `foos.${group}`, ...metadata },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: described }, ...version }],
      ...spec,
    },
  }
}

/** The object with its warnings, or a Status. Changes the definition in place. */
export function definitionAnswer(object: KubernetesObject): { object: unknown; warnings: readonly string[] } {
  const { strategy, complete } = definitionKinds[definitionStorage] as KindBehaviour
  const context: WriteContext = {
    now: () => '2026-01-02T03:04:05Z',
    random: () => 0.5,
    objects: { get: () => undefined, list: () => [] },
    user: { username: 'test', groups: [] },
    dryRun: true,
    warnings: [],
  }
  try {
    complete?.(object)
    strategy.prepare?.(object, undefined, context)
    const errors = [...validateObjectMeta(object.metadata, { namespaced: false }), ...(strategy.validate?.(object, context) ?? [])]
    if (errors.length > 0) throw invalid({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }, object.metadata.name, errors)
    return { object, warnings: context.warnings }
  } catch (error) {
    if (error instanceof ApiError) return { object: error.status(), warnings: [] }
    throw error
  }
}
