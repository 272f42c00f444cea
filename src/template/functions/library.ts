/**
 * The functions that templates can call: one table, which is also their reference and their tests.
 *
 * All of them are pure: the same arguments give the same result, and no argument is changed. Kubernetes names come first; what JavaScript has
 * itself (string and list methods, `Object.keys`, `Math.max`) is not repeated.
 */
import { dateFunctions } from './dates.ts'
import { encodingFunctions } from './encoding.ts'
import { listFunctions } from './lists.ts'
import { mapFunctions } from './maps.ts'
import { networkFunctions } from './networks.ts'
import { objectFunctions } from './objects.ts'
import { quantityFunctions } from './quantities.ts'
import { checked, type LibraryDependencies, type LibraryFunction } from './signature.ts'
import { stringFunctions } from './strings.ts'
import { versionFunctions } from './versions.ts'

/** The table, by subject, in the order of the reference. */
export const libraryTable: Readonly<Record<string, readonly LibraryFunction[]>> = {
  Strings: stringFunctions,
  Lists: listFunctions,
  Maps: mapFunctions,
  'Encoding and digests': encodingFunctions,
  Versions: versionFunctions,
  'Dates and durations': dateFunctions,
  Networks: networkFunctions,
  Quantities: quantityFunctions,
  Objects: objectFunctions,
}

export type Library = Readonly<Record<string, (...values: unknown[]) => unknown>>

/** The functions by name, in a frozen record without a prototype. They throw FunctionError for arguments that they refuse. */
export function createLibrary(dependencies: LibraryDependencies): Library {
  const library: Record<string, (...values: unknown[]) => unknown> = Object.create(null)
  for (const entry of Object.values(libraryTable).flat()) library[entry.name] = checked(entry, dependencies)
  return Object.freeze(library)
}
