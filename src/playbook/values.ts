/**
 * Values of a playbook: pieces of its YAML in which tags or expressions stand, compiled, and evaluated once there is a scope.
 *
 *   image: etcd:v<%= it.spec.version %>     a text with tags; a plain scalar that is one tag keeps the value's type
 *   when: it.set.whole && it.set.free       an expression
 *   when: { '>': [{ var: spec.size }, 2] }  a rule of JSON Logic
 */
import { parseDuration } from '../api/duration.ts'
import type { JsonValue } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { evaluateRule, isTrue, ruleProblem } from '../reconcile/json-logic.ts'
import { isLiteralIn, positionIn, TreeBuilder } from '../template/build.ts'
import type { Template } from '../template/compile.ts'
import { TemplateError, UndefinedError, UnknownError } from '../template/error.ts'
import type { RenderedTree } from '../template/render.ts'
import type { Shape, ShapeEntry, ShapeNode } from '../template/shape.ts'
import { copyValue, describeValue, type Inserted, omit } from '../template/value.ts'
import { toValue } from '../yaml/node.ts'
import type { Code } from './code.ts'
import { evaluationOf, type Evaluation } from './evaluation.ts'
import { namesInRule } from './rule-names.ts'
import type { Scope } from './scope.ts'
import type { Source, SourceNode, SourceScalar } from './source.ts'
import type { Value } from './step.ts'

/** A piece of YAML with tags. */
export class TaggedValue implements Value<Inserted> {
  readonly at: Position
  readonly #root: ShapeNode
  readonly #templates: readonly Template[]
  readonly #shape: Shape

  constructor(source: Source, node: SourceNode, code: Code) {
    this.at = source.at(node.at)
    const templates: Template[] = []
    const slots: { at: Position; code: string }[] = []
    this.#root = shapeOf(node, (scalar) => {
      const template = code.tags(source, scalar)
      if (!template) return undefined
      templates.push(template)
      return template.pieces.map((piece) => {
        if (piece.kind === 'text') return piece.text
        return slots.push({ at: template.position(piece.start), code: piece.code }) - 1
      })
    })
    this.#templates = templates
    this.#shape = {
      documents: [this.#root],
      aliased: false,
      position: source.at,
      slotPosition: (slot) => slots[slot]?.at ?? this.at,
      slotCode: (slot) => slots[slot]?.code ?? '',
      characters: 0,
      bytes: 0,
    }
  }

  /** Whether there is nothing to evaluate. */
  get isLiteral(): boolean {
    return this.#templates.length === 0
  }

  evaluate(scope: Scope): Inserted {
    const value = this.#build(this.#inserted(evaluationOf(scope)))
    return value === omit ? null : value
  }

  /** As a document, with the place of each of its fields. */
  tree(scope: Scope): RenderedTree {
    const [root, shape, values] = [this.#root, this.#shape, this.#inserted(evaluationOf(scope))]
    return {
      value: this.#build(values),
      position: this.at,
      positionOf: (path) => positionIn(shape, values, root, path),
      isLiteral: (path) => isLiteralIn(values, root, path),
    }
  }

  /** Where a part of the value is written. */
  positionOf(path: readonly (string | number)[]): Position {
    return positionIn(this.#shape, [], this.#root, path)
  }

  #inserted = ({ render, members }: Evaluation): Inserted[] => this.#templates.flatMap((template) => render.inserts(template, members))

  #build(values: readonly Inserted[]): Inserted {
    return new TreeBuilder(this.#shape, values).build(this.#root)
  }
}

type Parts = (string | number)[]

/** The node as a shape; `partsOf` gives the parts of a scalar with tags. */
function shapeOf(node: SourceNode, partsOf: (scalar: SourceScalar) => Parts | undefined): ShapeNode {
  switch (node.kind) {
    case 'scalar': {
      const parts = partsOf(node)
      if (!parts) return { kind: 'static', at: node.at, value: node.value }
      const [first] = parts
      if (node.style !== 'plain')
        return {
          kind: 'text',
          at: node.at,
          parts,
          style: node.style === 'single' || node.style === 'double' ? 'a quoted scalar' : 'a block scalar',
        }
      return parts.length === 1 && typeof first === 'number'
        ? { kind: 'slot', at: node.at, slot: first }
        : { kind: 'text', at: node.at, parts, style: 'a longer scalar' }
    }
    case 'sequence':
      return { kind: 'sequence', at: node.at, items: node.items.map((item) => shapeOf(item, partsOf)) }
    case 'mapping': {
      let dynamic = false
      const entries = node.entries.map(({ key, value }): ShapeEntry => {
        const parts = partsOf(key)
        dynamic ||= parts !== undefined
        return { kind: 'entry', key: parts ? { parts } : key.text, at: key.at, value: shapeOf(value, partsOf) }
      })
      return { kind: 'mapping', at: node.at, entries, dynamic }
    }
  }
}

/** What an expression gives: plain data with handles for secrets, or undefined. */
export type Given = Inserted | undefined

/** An expression, or a rule where a map stands. */
export class Expression implements Value<Given> {
  readonly at: Position
  readonly #evaluate: (evaluation: Evaluation) => Given
  readonly #holds: (evaluation: Evaluation) => boolean

  private constructor(at: Position, evaluate: (evaluation: Evaluation) => Given, holds: (evaluation: Evaluation) => boolean) {
    this.at = at
    this.#evaluate = evaluate
    this.#holds = holds
  }

  static of(source: Source, node: SourceNode, code: Code, problems: Problem[]): Expression | undefined {
    const at = source.at(node.at)
    const refuse = (message: string, remedy?: string): undefined =>
      void problems.push({ code: 'PLAYBOOK_INVALID', message, at, ...(remedy && { remedy }) })
    if (node.kind === 'sequence')
      return refuse('an expression is a text, or a rule of JSON Logic as a map', 'write a list as one expression: "[a, b]"')
    if (node.kind === 'mapping') {
      const rule = toValue(node) as JsonValue
      const problem = ruleProblem(rule)
      if (problem) return refuse(problem)
      code.rule(namesInRule(rule), at)
      const apply = ({ context }: Evaluation): unknown => ruled(rule, context, at)
      return new Expression(
        at,
        (evaluation) => taken(apply(evaluation), evaluation),
        (evaluation) => isTrue(apply(evaluation)),
      )
    }
    if (typeof node.value !== 'string') {
      const { value } = node
      if (value === null) return refuse('the expression is missing')
      return new Expression(
        at,
        () => value,
        () => Boolean(value),
      )
    }
    if (/<%|%>/.test(node.text)) return refuse('an expression has no tags', 'write what stands between <%= and %> alone')
    const template = code.expression(source, node)
    if (!template) return undefined
    return new Expression(
      at,
      (evaluation) => evaluation.render.evaluate(template, evaluation.members, (value) => taken(value, evaluation)),
      (evaluation) => evaluation.render.evaluate(template, evaluation.members, isTruthy),
    )
  }

  evaluate(scope: Scope): Given {
    return this.#evaluate(evaluationOf(scope))
  }

  /** The same as a condition. */
  condition(): Value<boolean> {
    return { at: this.at, evaluate: (scope) => this.#holds(evaluationOf(scope)) }
  }
}

const taken = (value: unknown, { render }: Evaluation): Given => {
  if (value === undefined) return undefined
  const copy = copyValue(value, render.budget)
  return copy === omit ? undefined : copy
}

function isTruthy(value: unknown): boolean {
  if (typeof value === 'function') throw new TemplateError('TEMPLATE_VALUE', 'the condition is a function, and not what it gives')
  return Boolean(value)
}

/** Rules read names that may be missing, and compare values of any shape: what they cannot use is the author's mistake. */
function ruled(rule: JsonValue, context: object, at: Position): unknown {
  try {
    return evaluateRule(rule, context)
  } catch (error) {
    if (error instanceof UnknownError || (error instanceof TemplateError && !(error instanceof UndefinedError))) throw error
    throw new TemplateError('TEMPLATE_FAILED', error instanceof Error ? error.message : String(error), { at })
  }
}

/** A value that has to be of some sort; `convert` gives undefined for any other. */
export function converted<Type>(value: Value, is: string, convert: (value: unknown) => Type | undefined): Value<Type> {
  return {
    at: value.at,
    evaluate(scope) {
      const given = value.evaluate(scope)
      const result = convert(given)
      if (result === undefined)
        throw new TemplateError('TEMPLATE_VALUE', `the value has to be ${is}, not ${describeValue(given)}`, { at: value.at })
      return result
    },
  }
}

export const asText = (value: Value): Value<string> =>
  converted(value, 'a text', (given) => (['string', 'number', 'boolean'].includes(typeof given) ? String(given) : undefined))

export const asList = (value: Value): Value<readonly unknown[]> =>
  converted(value, 'a list', (given) => (Array.isArray(given) ? given : undefined))

/** Milliseconds: a text like 1m30s, or what `duration()` gives. */
export const asDuration = (value: Value): Value<number> =>
  converted(value, 'a duration such as 1m30s', (given) => {
    const milliseconds = typeof given === 'string' ? parseDuration(given) : typeof given === 'number' ? given : undefined
    return milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined
  })
