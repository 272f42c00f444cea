/**
 * Where secret values may stand: in the `data` and `stringData` of a Secret, and nowhere else.
 *
 * In `data` a handle becomes base64 of its bytes, whatever its spelling; in `stringData` it becomes its text. `reveal()` is the way out, and
 * stands in the template for everybody to see.
 */
import { isMap } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { isSecret } from '../reconcile/desired.ts'
import type { RenderedDocument } from '../reconcile/program.ts'
import type { Library } from './functions/library.ts'
import { FunctionError } from './functions/signature.ts'
import type { RenderedTree } from './render.ts'
import type { Revealed } from './revealed.ts'
import { decodedSecret, encodedSecret, isSecretHandle, secretOf, textOfSecret } from './secret.ts'

type PositionOf = (path: readonly (string | number)[]) => Position

/** Puts the values into a document's tree, in place; a problem for each that may not stand where it is. */
export function placeSecrets({ object, positionOf }: RenderedDocument): Problem[] {
  const problems: Problem[] = []
  const places = isSecret(object) ? ['data', 'stringData'] : []
  for (const place of places) {
    const values = object[place]
    if (!isMap(values) || isSecretHandle(values)) continue
    for (const [key, value] of Object.entries(values)) {
      if (!isSecretHandle(value)) continue
      const text = place === 'data' ? secretOf(value).bytes : textOfSecret(value)
      if (text === undefined)
        problems.push({
          code: 'TEMPLATE_VALUE',
          message: `the value of ${secretOf(value).source} is no UTF-8 text and cannot stand in stringData`,
          at: positionOf([place, key]),
          remedy: 'put it in data',
        })
      else (values as Record<string, unknown>)[key] = text
    }
  }
  return [...problems, ...stray(object, positionOf, [])]
}

/** A problem for each secret value in what says which object a document is, and in its labels and annotations. */
export const strayInIdentity = ({ value, positionOf }: RenderedTree): Problem[] =>
  isMap(value) ? ['apiVersion', 'kind', 'metadata'].flatMap((key) => stray(value[key], positionOf, [key])) : []

/** A problem for each document of a kind that `reveal()` gave: a cache is told by its kind, in the log and in metrics. */
export const revealedKinds = (documents: readonly RenderedDocument[], revealed: Revealed): Problem[] =>
  documents.flatMap(({ object, positionOf, isLiteral }) =>
    (['apiVersion', 'kind'] as const)
      .filter((key) => isLiteral?.([key]) !== true && revealed.isIn(object[key]))
      .map((key) => ({
        code: 'SECRET_EXPOSED' as const,
        message: 'a document cannot be of a kind that reveal() gave',
        at: positionOf([key]),
      })),
  )

/** A problem for each secret value in what becomes status. */
export const strayInStatus = ({ value, positionOf }: RenderedTree): Problem[] => stray(value, positionOf, [])

function stray(value: unknown, positionOf: PositionOf, path: readonly (string | number)[]): Problem[] {
  if (isSecretHandle(value))
    return [
      {
        code: 'SECRET_EXPOSED',
        message: `the value of ${secretOf(value).source} may stand only in the data or stringData of a Secret`,
        at: positionOf(path),
        remedy: 'refer to the Secret by its name and key; reveal() makes a text of the value',
      },
    ]
  if (Array.isArray(value)) return value.flatMap((item, index) => stray(item, positionOf, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => stray(item, positionOf, [...path, key]))
}

/** `reveal()`, which tells what it gives. */
export const revealFunction =
  (revealed: Revealed) =>
  (handle: unknown): string => {
    if (typeof handle === 'string') return handle
    const text = isSecretHandle(handle) ? textOfSecret(handle) : undefined
    if (text === undefined) throw new FunctionError('reveal(secret): "secret" must be the text of a secret')
    revealed.add(text)
    return text
  }

/** The functions of the library that take handles too. */
export function secretScope(library: Library): Library {
  const encode = library['base64Encode'] as (...values: unknown[]) => unknown
  const decode = library['base64Decode'] as (...values: unknown[]) => unknown
  return {
    base64Encode: (value, ...more) => (isSecretHandle(value) ? encodedSecret(value) : encode(value, ...more)),
    base64Decode: (value, ...more) => {
      if (!isSecretHandle(value)) return decode(value, ...more)
      const decoded = decodedSecret(value)
      if (!decoded) throw new FunctionError('base64Decode: the secret is not base64')
      return decoded
    },
  }
}
