/** What is wrong with the text of a quantity, in the server's words. (apimachinery, api/resource/quantity.go) */

const shape = /^[+-]?\d*(?:\.\d*)?([eEinumkKMGTP]*(?:[+-]?\d*))$/
const suffixes = /^(?:[KMGTPE]i|[numkMGTPE]?|[eE][+-]?\d+)$/

/** Undefined for a text that the server takes for a quantity, which includes one without any digit. */
export function quantityProblem(text: string): string | undefined {
  const match = text === '' ? null : shape.exec(text)
  if (match === null) return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  return suffixes.test(match[1] as string) ? undefined : "unable to parse quantity's suffix"
}
