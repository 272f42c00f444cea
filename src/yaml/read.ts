/** Reading YAML files: positions on every node, problems instead of exceptions. */
import type { Position, Problem } from '../api/problem.ts'
import { readDocuments } from './events.ts'
import { type Node, type PlainValue, toValue } from './node.ts'

/** Line and column (1-based) of an offset, in UTF-16 units. */
export function lineLocator(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let offset = text.indexOf('\n'); offset >= 0; offset = text.indexOf('\n', offset + 1)) starts.push(offset + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 }
  }
}

/**
 * Every document of a file that holds something; empty and comment-only ones are left out.
 * `file` is the name that problems show.
 */
export function readYaml(file: string, text: string): { documents: Node[]; problems: Problem[] } {
  const locate = lineLocator(text)
  const position = (offset: number): Position => ({ file, ...locate(offset) })
  const { documents, errors } = readDocuments(text, { locate: position })
  return {
    documents: documents.map(({ root }) => root).filter((root) => root !== undefined),
    problems: errors.map(({ at, message }) => ({ code: 'YAML_INVALID', message, at })),
  }
}

/** As `readYaml`, with plain values: for callers that need no positions inside the documents. */
export function parseYaml(file: string, text: string): { values: PlainValue[]; problems: Problem[] } {
  const { documents, problems } = readYaml(file, text)
  return { values: documents.map(toValue), problems }
}
