/**
 * One render: runs templates over one set of inputs, and turns what they insert into trees.
 *
 * A render has one budget for all its templates and includes. Every error leaves it as a TemplateError with the template's position.
 */
import { nearest } from '../api/nearest.ts'
import { isMap } from '../api/object.ts'
import type { Position } from '../api/problem.ts'
import { isLiteralIn, positionIn, TreeBuilder } from './build.ts'
import type { ShapeCache } from './cache.ts'
import type { InputFunctions, Template, TemplateFrame } from './compile.ts'
import { TemplateError, UndefinedError, UnknownError } from './error.ts'
import { FunctionError } from './functions/signature.ts'
import { replacementFor } from './globals.ts'
import { type Budget, exceeded } from './limits.ts'
import type { TagPiece } from './parse.ts'
import type { Revealed } from './revealed.ts'
import { makeShape } from './shape.ts'
import { copyValue, type Inserted } from './value.ts'
import { type ContextMembers, contextView, didYouMean, membersOf, type ReadObserver } from './view.ts'

export interface RenderedTree {
  value: Inserted
  position: Position
  positionOf(path: readonly (string | number)[]): Position
  /** Whether the scalar at this path stands in the template's text as it is. */
  isLiteral(path: readonly (string | number)[]): boolean
}

export interface RenderOptions {
  partials: ReadonlyMap<string, Template>
  cache: ShapeCache
  budget: Budget
  /** Made for the render that they tell what is read. */
  functions: (observer: ReadObserver) => InputFunctions
  revealed: Revealed
  /** For status.yaml.eta: what is undefined because null was read on inserts null, and keys with null are left out. */
  nullable?: boolean
}

export class Render implements ReadObserver {
  missing: ReadObserver['missing']
  readonly #options: RenderOptions
  readonly #functions: InputFunctions
  /** What was read of the same names by one template is not made again for the next. */
  readonly #views = new Map<ContextMembers, object>()
  #depth = 0

  constructor(options: RenderOptions) {
    this.#options = options
    this.#functions = options.functions(this)
  }

  /** What templates can call that reads the inputs. */
  get functions(): InputFunctions {
    return this.#functions
  }

  get budget(): Budget {
    return this.#options.budget
  }

  tick(): void {
    this.#options.budget.step()
  }

  /** The documents of a template. `members` are the names of `it`. */
  documents(template: Template, members: ContextMembers): RenderedTree[] {
    const { cache, nullable = false } = this.#options
    const frame = new Frame(template, this.#options, this)
    const trace = this.#run(template, frame, members)
    const key = String.fromCharCode(template.id) + trace
    let shape = cache.get(key)
    this.#options.budget.characters(shape ? shape.characters : staticCharacters(template, trace))
    if (!shape) {
      shape = makeShape(template, trace)
      cache.set(key, shape)
    }
    const made = shape
    const { values } = frame
    const builder = new TreeBuilder(made, values, { dropNull: nullable })
    return made.documents.map((node) => ({
      value: builder.build(node),
      position: made.position(node.at),
      positionOf: (path) => positionIn(made, values, node, path),
      isLiteral: (path) => isLiteralIn(values, node, path),
    }))
  }

  /** The values that the tags of a template insert, in their order. */
  inserts(template: Template, members: ContextMembers): readonly Inserted[] {
    const frame = new Frame(template, this.#options, this)
    this.#run(template, frame, members)
    return frame.values
  }

  /** What the only expression of a template gives, as `take` makes it of it; what `take` throws is the expression's error. */
  evaluate<Type>(template: Template, members: ContextMembers, take: (value: unknown) => Type): Type {
    let taken: { value: Type } | undefined
    const frame = new Frame(template, this.#options, this, (value) => void (taken = { value: take(value) }))
    this.#run(template, frame, members)
    if (!taken) throw new Error('an expression has one value')
    return taken.value
  }

  #run(template: Template, frame: Frame, members: ContextMembers): string {
    const include = (name: unknown, data?: unknown): Inserted => this.#include(name, data, members)
    try {
      return template.run(this.viewOf(members), frame, include, this.#functions)
    } catch (error) {
      throw frame.explain(error)
    }
  }

  /** What templates read as `it`. */
  viewOf(members: ContextMembers): object {
    const known = this.#views.get(members)
    if (known) return known
    const made = contextView(members, this)
    this.#views.set(members, made)
    return made
  }

  #include(name: unknown, data: unknown, members: ContextMembers): Inserted {
    const { partials, budget } = this.#options
    const template = typeof name === 'string' ? partials.get(name) : undefined
    if (!template)
      throw new TemplateError('TEMPLATE_UNDEFINED', `there is no partial ${JSON.stringify(name)}`, {
        remedy: didYouMean(String(name), partials.keys()),
      })
    if (data !== undefined && !isMap(data))
      throw new TemplateError('TEMPLATE_VALUE', `include(${JSON.stringify(name)}, …) takes a map as its data`)
    const own = data ? withData(members, data) : members
    budget.depth(++this.#depth, 'includes')
    try {
      const [tree, ...others] = this.documents(template, own)
      if (others.length > 0)
        throw new TemplateError('TEMPLATE_VALUE', `the partial ${JSON.stringify(name)} holds more than one document`, {
          at: others[0]?.position,
        })
      return tree ? tree.value : null
    } finally {
      this.#depth--
    }
  }
}

/** The names of a partial's `it`: those around it, and above them those of its data. */
function withData(members: ContextMembers, data: object): ContextMembers {
  const given = membersOf(data)
  if (given === members) return members
  const own: Record<string, () => unknown> = Object.assign(Object.create(null), members, given)
  if (!given) for (const key of Object.keys(data)) own[key] = () => (data as Record<string, unknown>)[key]
  return own
}

function staticCharacters(template: Template, trace: string): number {
  let characters = 0
  for (let index = 0; index < trace.length; index++) {
    const piece = template.pieces[trace.charCodeAt(index)]
    if (piece?.kind === 'text') characters += piece.text.length
  }
  return characters
}

class Frame implements TemplateFrame {
  at = 0
  readonly values: Inserted[] = []
  readonly #template: Template
  readonly #budget: Budget
  readonly #observer: ReadObserver
  readonly #nullable: boolean
  readonly #revealed: Revealed
  readonly #take: ((value: unknown) => void) | undefined

  constructor(
    template: Template,
    { budget, revealed, nullable = false }: RenderOptions,
    observer: ReadObserver,
    take?: (value: unknown) => void,
  ) {
    this.#take = take
    this.#template = template
    this.#revealed = revealed
    this.#budget = budget
    this.#observer = observer
    this.#nullable = nullable
  }

  step(): true {
    return this.#budget.step()
  }

  insert(value: unknown): void {
    if (this.#take) this.#take(value)
    else if (value === undefined) this.values.push(this.#undefined())
    else this.values.push(copyValue(value, this.#budget))
  }

  #undefined(): null {
    const { code } = this.#tag() as TagPiece
    const { missing } = this.#observer
    if (missing && readsPath(code, missing)) throw new UndefinedError(missing.path, missing.key, missing.remedy)
    if (this.#nullable) return null
    throw new TemplateError('TEMPLATE_UNDEFINED', `${code.trim()} is undefined`, { remedy: 'omit drops a key; ?? gives another value' })
  }

  #tag(): TagPiece | undefined {
    const piece = this.#template.pieces[this.at]
    return piece && piece.kind !== 'text' ? piece : undefined
  }

  /** Any error as one with this template's position and a message for its author. */
  explain(error: unknown): unknown {
    if (error instanceof UnknownError) return error
    if (error instanceof TemplateError) {
      error.at ??= error instanceof UndefinedError ? this.#locate(error.path, error.key) : this.#tagPosition()
      return error
    }
    if (error instanceof RangeError && /call stack/i.test(error.message)) {
      const limit = exceeded('functions or values are nested too deep')
      limit.at = this.#tagPosition()
      return limit
    }
    if (error instanceof TypeError) {
      const [, what, key] = /^Cannot read properties of (undefined|null) \(reading '(.*)'\)$/.exec(error.message) ?? []
      const path = this.#observer.missing?.path
      if (what && key !== undefined && path && this.#readsOn(path, key))
        return new TemplateError('TEMPLATE_UNDEFINED', `${path} is ${what}, so .${key} cannot be read`, {
          at: this.#locate(path, path),
          remedy: this.#observer.missing?.remedy ?? `${path}?.${key} reads on where it may be missing`,
        })
    }
    if (error instanceof ReferenceError) {
      const [, name = ''] = /^(\S+) is not defined$/.exec(error.message) ?? []
      const near = nearest(name, this.#template.names)
      if (name)
        return new TemplateError('TEMPLATE_UNDEFINED', `${name} is not defined`, {
          at: this.#locate(name, name),
          remedy: replacementFor(name) ?? (near && `did you mean ${near}?`),
        })
    }
    const message = this.#messageOf(error)
    return new TemplateError('TEMPLATE_FAILED', message, { at: this.#tagPosition() })
  }

  #messageOf(error: unknown): string {
    // What the JavaScript engine says quotes what it is about.
    if (this.#revealed.isAny && !(error instanceof FunctionError))
      return `${error instanceof Error ? error.name : 'an error'}, whose message could hold what reveal() gave and is left out`
    return error instanceof Error ? error.message : String(error)
  }

  #readsOn(path: string, key: string): boolean {
    return this.#template.source.includes(path) || this.#template.source.includes(key)
  }

  #tagPosition(): Position {
    const tag = this.#tag()
    return tag ? this.#template.position(tag.start) : { file: this.#template.file }
  }

  /** Where a path is read: in the tag that runs, else in the only tag that spells it, else where the running tag begins. */
  #locate(path: string, key: string): Position {
    const tag = this.#tag()
    const inTag = tag && findPath(tag, path, key)
    if (inTag !== undefined) return this.#template.position(inTag)
    for (const piece of this.#template.pieces) {
      const found = piece.kind === 'text' ? undefined : findPath(piece, path, key)
      if (found !== undefined) return this.#template.position(found)
    }
    return this.#tagPosition()
  }
}

const readsPath = (code: string, { path, key }: { path: string; key: string }): boolean =>
  code.includes(path) || code.replaceAll('?.', '.').includes(path) || code.includes(key)

/** The offset at which a tag spells a path, or at least its last name. */
function findPath(tag: TagPiece, path: string, key: string): number | undefined {
  for (const text of [path, path.replaceAll('"', "'"), path.replaceAll('.', '?.')]) {
    const index = indexOfWord(tag.code, text)
    if (index >= 0) return tag.start + index
  }
  const index = indexOfWord(tag.code, key)
  return index >= 0 ? tag.start + index : undefined
}

function indexOfWord(code: string, word: string): number {
  for (let index = code.indexOf(word); index >= 0; index = code.indexOf(word, index + 1)) {
    const before = code[index - 1] ?? ' '
    const after = code[index + word.length] ?? ' '
    if (!/[\p{ID_Continue}$]/u.test(before) && !/[\p{ID_Continue}$]/u.test(after)) return index
  }
  return -1
}
