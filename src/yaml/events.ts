/**
 * From js-yaml's parse events to nodes. The events carry the scalar style and offsets into the text, which its ready-made values lack.
 *
 * Beyond YAML itself: keys are scalars, no key stands twice in a mapping, aliases are few and expand to a bounded tree, and `<<` merges
 * as go-yaml does (a key of the mapping itself wins over a merged one).
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException } from 'js-yaml'
import type { MappingNode, Node, ScalarNode, ScalarStyle } from './node.ts'
import { plainScalar, taggedScalar } from './scalars.ts'

export interface YamlError<At> {
  at: At
  message: string
}

export interface YamlDocument<At> {
  /** Undefined for a document that holds nothing but comments. */
  root: Node<At> | undefined
}

export interface ReadOptions<At> {
  /** Turns an offset into the text into the place that nodes and errors carry. */
  locate: (offset: number) => At
  /** Aliases in one text. */
  maxAliases?: number
  /** Nodes in one text, each alias counted with all that it stands for. */
  maxNodes?: number
  /** Maximum nesting of collections. */
  maxDepth?: number
  /** Sees each anchor, alias and tag; a message refuses it. */
  refuseProperty?: (text: string) => string | undefined
}

const styles: Record<number, ScalarStyle> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
}

class Refused extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** All documents of a text. With errors, `documents` holds those before the first. */
export function readDocuments<At>(text: string, options: ReadOptions<At>): { documents: YamlDocument<At>[]; errors: YamlError<At>[] } {
  const documents: YamlDocument<At>[] = []
  try {
    const events = parseEvents(text, { maxDepth: options.maxDepth ?? 100 })
    const builder = new Builder(text, events, options)
    while (builder.more) documents.push(builder.document())
    return { documents, errors: [] }
  } catch (error) {
    if (error instanceof Refused) return { documents, errors: [{ at: options.locate(error.offset), message: error.message }] }
    if (error instanceof YAMLException)
      return { documents, errors: [{ at: options.locate(Math.min(error.mark?.position ?? 0, text.length)), message: error.reason }] }
    throw error
  }
}

class Builder<At> {
  #index = 0
  #aliases = 0
  #nodes = 0
  #anchors = new Map<string, { node: Node<At>; size: number }>()
  readonly #text: string
  readonly #events: readonly Event[]
  readonly #options: ReadOptions<At>

  constructor(text: string, events: readonly Event[], options: ReadOptions<At>) {
    this.#text = text
    this.#events = events
    this.#options = options
  }

  get more(): boolean {
    return this.#index < this.#events.length
  }

  document(): YamlDocument<At> {
    this.#index++
    this.#anchors = new Map()
    let root: Node<At> | undefined
    while (this.#next().type !== EVENT_ID.POP) root = this.#node(0)
    this.#index++
    // An empty document has one plain scalar without text: `---` alone, or comments only.
    return { root: root?.kind === 'scalar' && root.style === 'plain' && root.text === '' ? undefined : root }
  }

  #next(): Event {
    return this.#events[this.#index] as Event
  }

  /** `around`: where the key or the collection begins that the node belongs to; an empty node has no place of its own. */
  #node(around: number): Node<At> {
    const event = this.#next()
    this.#index++
    this.#count(1, offsetOf(event, around))
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        this.#checkProperties(event)
        return this.#anchored(event, this.#scalar(event, around), this.#nodes - 1)
      }
      case EVENT_ID.SEQUENCE: {
        this.#checkProperties(event, '!!seq')
        const before = this.#nodes - 1
        const items: Node<At>[] = []
        while (this.#next().type !== EVENT_ID.POP) items.push(this.#node(event.start))
        this.#index++
        return this.#anchored(event, { kind: 'sequence', at: this.#options.locate(event.start), items }, before)
      }
      case EVENT_ID.MAPPING: {
        this.#checkProperties(event, '!!map')
        const before = this.#nodes - 1
        const node = this.#mapping(event.start)
        this.#index++
        return this.#anchored(event, node, before)
      }
      case EVENT_ID.ALIAS:
        return this.#alias(event.anchorStart, event.anchorEnd)
      default:
        throw new Error('a document or an end inside a document')
    }
  }

  #scalar(event: ScalarEvent, around: number): ScalarNode<At> {
    const text = getScalarValue(this.#text, event)
    const style = styles[event.style] as ScalarStyle
    const tag = event.tagStart < 0 ? '' : this.#text.slice(event.tagStart, event.tagEnd)
    const at = this.#options.locate(offsetOf(event, around))
    const value = tag ? taggedScalar(tag, text) : style === 'plain' ? plainScalar(text) : text
    if (value === undefined) throw new Refused(event.tagStart, `the tag ${tag} is unknown or does not fit its value`)
    const multiline = style === 'plain' && /[\r\n]/.test(this.#text.slice(event.valueStart, event.valueEnd))
    return { kind: 'scalar', at, style: tag && style === 'plain' ? 'single' : style, text, value, multiline }
  }

  #mapping(start: number): MappingNode<At> {
    const entries: MappingNode<At>['entries'] = []
    const own = new Set<string>()
    const merged: { offset: number; node: Node<At> }[] = []
    while (this.#next().type !== EVENT_ID.POP) {
      const offset = offsetOf(this.#next(), start)
      const key = this.#node(start)
      if (key.kind !== 'scalar') throw new Refused(offset, 'a key has to be a scalar')
      const value = this.#node(offset)
      if (key.text === '<<' && key.style === 'plain') {
        merged.push({ offset, node: value })
        continue
      }
      if (own.has(key.text)) throw new Refused(offset, `the key ${JSON.stringify(key.text)} stands twice in one mapping`)
      own.add(key.text)
      entries.push({ key, value })
    }
    for (const { offset, node } of merged) this.#merge(entries, own, node, offset)
    return { kind: 'mapping', at: this.#options.locate(start), entries }
  }

  #merge(entries: MappingNode<At>['entries'], own: Set<string>, source: Node<At>, offset: number): void {
    const sources = source.kind === 'sequence' ? source.items : [source]
    for (const node of sources) {
      if (node.kind !== 'mapping') throw new Refused(offset, '`<<` merges a mapping, or a list of mappings')
      for (const entry of node.entries) {
        this.#count(1, offset)
        if (own.has(entry.key.text)) continue
        own.add(entry.key.text)
        entries.push(entry)
      }
    }
  }

  #alias(start: number, end: number): Node<At> {
    const name = this.#text.slice(start, end)
    const refused = this.#options.refuseProperty?.(name)
    if (refused) throw new Refused(start, refused)
    if (++this.#aliases > (this.#options.maxAliases ?? 100)) throw new Refused(start, 'too many aliases')
    const anchor = this.#anchors.get(name)
    if (!anchor) throw new Refused(start, `there is no anchor &${name} before this alias`)
    this.#count(anchor.size, start)
    return anchor.node
  }

  #anchored(event: { anchorStart: number; anchorEnd: number }, node: Node<At>, before: number): Node<At> {
    if (event.anchorStart >= 0)
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), { node, size: this.#nodes - before })
    return node
  }

  #checkProperties(event: { anchorStart: number; anchorEnd: number; tagStart: number; tagEnd: number }, collectionTag?: string): void {
    const anchor = event.anchorStart < 0 ? undefined : this.#text.slice(event.anchorStart, event.anchorEnd)
    const tag = event.tagStart < 0 ? undefined : this.#text.slice(event.tagStart, event.tagEnd)
    const refused = (anchor && this.#options.refuseProperty?.(anchor)) ?? (tag && this.#options.refuseProperty?.(tag))
    if (refused) throw new Refused(anchor && event.anchorStart >= 0 ? event.anchorStart : event.tagStart, refused)
    if (tag && collectionTag && tag !== collectionTag && tag !== '!')
      throw new Refused(event.tagStart, `the tag ${tag} is unknown or does not fit its value`)
  }

  #count(nodes: number, offset: number): void {
    this.#nodes += nodes
    if (this.#nodes > (this.#options.maxNodes ?? 200_000)) throw new Refused(offset, 'the text has too many nodes')
  }
}

/** Where an event's own text begins: behind its anchor and tag; `around` for one without text. */
function offsetOf(event: Event, around: number): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      // The value of a quoted scalar begins behind its quote.
      if (event.valueStart >= 0)
        return event.valueStart - (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0)
      return Math.max(event.anchorEnd, event.tagEnd, around)
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1
    default:
      return 0
  }
}
