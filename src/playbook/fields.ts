/** Reading a map of a playbook: its keys, each with what it may be. What is wrong is added to the problems, and the key counts as absent. */
import { parseDuration } from '../api/duration.ts'
import { nearest } from '../api/nearest.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { MappingNode } from '../yaml/node.ts'
import type { Source, SourceNode } from './source.ts'

export class Fields {
  readonly at: Position
  readonly #source: Source
  readonly #node: MappingNode<number>
  readonly #problems: Problem[]

  constructor(source: Source, node: MappingNode<number>, problems: Problem[]) {
    this.at = source.at(node.at)
    this.#source = source
    this.#node = node
    this.#problems = problems
  }

  get names(): string[] {
    return this.#node.entries.map(({ key }) => key.text)
  }

  get(name: string): SourceNode | undefined {
    return this.#node.entries.find(({ key }) => key.text === name)?.value
  }

  /** Where a key stands, rather than its value. */
  keyAt(name: string): Position {
    const entry = this.#node.entries.find(({ key }) => key.text === name)
    return entry ? this.#source.at(entry.key.at) : this.at
  }

  /** @param what `a step`, as messages name the map */
  refuseUnknown(what: string, allowed: readonly string[]): void {
    for (const { key } of this.#node.entries) {
      if (allowed.includes(key.text)) continue
      const near = nearest(key.text, allowed)
      this.#problems.push({
        code: 'PLAYBOOK_UNKNOWN_KEY',
        message: `"${key.text}" is not a field of ${what}`,
        at: this.#source.at(key.at),
        remedy: near ? `did you mean "${near}"?` : `${what} has: ${allowed.join(', ')}`,
      })
    }
  }

  text(name: string): string | undefined {
    const node = this.get(name)
    if (!node) return undefined
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') return this.#invalid(node, `${name} is a text`)
    if (/<%|%>/.test(node.value)) return this.#invalid(node, `${name} is known before anything is evaluated`, 'write it without a tag')
    return node.value
  }

  boolean(name: string): boolean | undefined {
    const node = this.get(name)
    if (!node) return undefined
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value
    return this.#invalid(node, `${name} is true or false`, 'write it without quotes')
  }

  count(name: string): number | undefined {
    const node = this.get(name)
    if (!node) return undefined
    if (node.kind === 'scalar' && Number.isSafeInteger(node.value) && (node.value as number) >= 0) return node.value as number
    return this.#invalid(node, `${name} is a whole number that is not negative`, 'e.g. 5')
  }

  /** In milliseconds. */
  duration(name: string): number | undefined {
    const node = this.get(name)
    if (!node) return undefined
    const milliseconds = node.kind === 'scalar' && typeof node.value === 'string' ? parseDuration(node.value) : undefined
    if (milliseconds !== undefined && milliseconds >= 0) return milliseconds
    return this.#invalid(node, `${name} is a duration`, 'e.g. 30s, 1m30s')
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const node = this.get(name)
    if (!node) return undefined
    const chosen = node.kind === 'scalar' ? choices.find((choice) => choice === node.value) : undefined
    if (chosen !== undefined) return chosen
    const near = node.kind === 'scalar' ? nearest(node.text, choices) : undefined
    return this.#invalid(node, `${name} is ${choices.join(' or ')}`, near ? `did you mean "${near}"?` : undefined)
  }

  list(name: string): SourceNode[] {
    const node = this.get(name)
    if (!node || (node.kind === 'scalar' && node.value === null)) return []
    if (node.kind === 'sequence') return node.items
    this.#invalid(node, `${name} is a list`)
    return []
  }

  map(name: string): { key: string; keyAt: Position; value: SourceNode }[] {
    const node = this.get(name)
    if (!node || (node.kind === 'scalar' && node.value === null)) return []
    if (node.kind === 'mapping') return node.entries.map(({ key, value }) => ({ key: key.text, keyAt: this.#source.at(key.at), value }))
    this.#invalid(node, `${name} is a map`)
    return []
  }

  #invalid(node: SourceNode, message: string, remedy?: string): undefined {
    this.#problems.push({ code: 'PLAYBOOK_INVALID', message, at: this.#source.at(node.at), ...(remedy && { remedy }) })
  }
}
