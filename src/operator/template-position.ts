/**
 * Where in a template a field came from that the server complains about.
 *
 * The server names list items by index in validation (`spec.containers[0].image`) and by their keys where a body does not fit the kind
 * (`.spec.ports[port=80,protocol="TCP"].name`). A key that the body leaves to its default is taken as equal.
 */
import type { Position } from '../api/problem.ts'
import type { DesiredObject } from '../reconcile/desired.ts'

/** The position of the field, or of the nearest that encloses it. */
export const templatePosition = ({ document, body }: DesiredObject, path: string): Position => document.positionOf(stepsOf(path, body))

/** The path's steps through `body`, as far as they can be told. */
export function stepsOf(path: string, body: unknown): (string | number)[] {
  const steps: (string | number)[] = []
  let at = body
  for (const [, name, bracket] of path.matchAll(/\.?([^.[\]]+)|\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/g)) {
    const step = name ?? stepInBrackets(bracket ?? '', at)
    if (step === undefined) break
    steps.push(step)
    at = (at as Record<string | number, unknown> | null | undefined)?.[step]
  }
  return steps
}

function stepInBrackets(text: string, list: unknown): string | number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  if (!Array.isArray(list)) return text || undefined
  const keys = [...text.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, key = '', value = '']) => [key, value] as const)
  if (keys.length === 0) return undefined
  const index = (list as Record<string, unknown>[]).findIndex((item) =>
    keys.every(([key, value]) => item?.[key] === undefined || JSON.stringify(item[key]) === value),
  )
  return index < 0 ? undefined : index
}
