/**
 * What an object holds beside metadata, spec and status: `data` of a ConfigMap, `rules` of a Role, or what a CustomResourceDefinition declares
 * at its root. A template reads each under its own name.
 */
import type { KubernetesObject } from '../api/object.ts'
import type { Schema } from './view.ts'

const elsewhere: readonly string[] = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/** Maps that the API server leaves out where they are empty. */
const maps: Readonly<Record<string, readonly string[]>> = { 'v1 Secret': ['data'], 'v1 ConfigMap': ['data', 'binaryData'] }

/** The members by name; one that is declared and not there is an empty map, or null where the kind is not known to have a map there. */
export function contentOf(object: KubernetesObject, schema: Schema | undefined): Readonly<Record<string, unknown>> {
  const known = maps[`${object.apiVersion} ${object.kind}`] ?? []
  const names = new Set([...Object.keys(object), ...Object.keys(schema?.properties ?? {}), ...known])
  const members = [...names].filter((name) => !elsewhere.includes(name))
  return Object.fromEntries(members.map((name) => [name, object[name] ?? (known.includes(name) ? {} : null)]))
}
