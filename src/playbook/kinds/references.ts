/** Objects that a step names: by kind and name, and bound to one incarnation where there is a UID, as `ref(object)` gives it. */
import { isMap, type JsonObject } from '../../api/object.ts'
import type { RequestScope } from '../step.ts'
import { map, text } from './schema.ts'

export const reference: JsonObject = map({ apiVersion: text, kind: text, namespace: text, name: text, uid: text }, 'kind', 'name')

/** A reference that reads the schema above, written out. Throws TemplateError for a kind that is not known. */
export function referenceOf(value: unknown, { kindOf, primary }: RequestScope): JsonObject {
  const { apiVersion, kind, namespace = primary.namespace, name, uid } = value as Record<string, string | undefined>
  return {
    ...kindOf(kind as string, apiVersion),
    ...(namespace !== undefined && { namespace }),
    name: name as string,
    ...(uid !== undefined && { uid }),
  }
}

/** Those of a list; null stands for an object that is not there, and is passed over. */
export const referencesOf = (values: unknown, scope: RequestScope): JsonObject[] =>
  (Array.isArray(values) ? values : [values]).filter(isMap).map((value) => referenceOf(value, scope))
