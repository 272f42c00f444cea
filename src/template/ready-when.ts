/**
 * Readiness gates as expressions: `it.status?.phase === 'Running'` in `fairlead.dev/ready-when`, where `it` is the observed object.
 *
 * The expression is template text, compiled like what stands in a tag and with the same functions but those that read more than `it`. What is
 * not there reads on as null. One that ends in an error does not hold.
 */
import { readyWhenAnnotation } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Gate, RenderedDocument } from '../reconcile/program.ts'
import { compileTemplate, type InputFunctions } from './compile.ts'
import type { Library } from './functions/library.ts'
import { Budget, type Clock, type Limits } from './limits.ts'
import { unwrap, view } from './view.ts'

export interface GatesOptions {
  library: Library
  limits: Limits
  clock: Clock
}

/** The compiled expressions of a chart, by their text: there are as many as its templates have. */
export class Gates {
  readonly #options: GatesOptions
  readonly #known = new Map<string, Gate>()

  constructor(options: GatesOptions) {
    this.#options = options
  }

  /** The gate of an expression that stands in a template; made once. */
  of(expression: string): Gate {
    let gate = this.#known.get(expression)
    if (!gate) this.#known.set(expression, (gate = this.#compile(expression)))
    return gate
  }

  /** The document with its readiness gate, where that is an expression that nothing was inserted into. */
  gated(document: RenderedDocument): RenderedDocument {
    const text = document.object.metadata.annotations?.[readyWhenAnnotation]
    const path = ['metadata', 'annotations', readyWhenAnnotation]
    if (typeof text !== 'string' || text.trimStart().startsWith('{') || document.isLiteral?.(path) === false) return document
    return { ...document, gate: this.of(text) }
  }

  #compile(expression: string): Gate {
    const { library, limits, clock } = this.#options
    if (expression.includes('%>')) return { problem: 'holds %>, which ends a tag' }
    const { template, problems } = compileTemplate('', `<%= ${expression} %>`, { id: 0, scope: library, partials: [], nullable: true })
    if (!template) return { problem: `is not an expression: ${problems[0]?.message ?? 'it has no value'}` }
    const evaluate = (object: object): unknown => {
      const budget = new Budget(limits, clock)
      let value: unknown
      const frame = { at: 0, insert: (inserted: unknown) => void (value = unwrap(inserted)), step: () => budget.step() }
      const observer = { tick: () => void budget.step(), missing: undefined }
      template.run(view(object, { path: 'it', observer, nullable: true }), frame, refuse, refused)
      return value
    }
    try {
      evaluate({ metadata: {} })
    } catch (error) {
      // What an empty object lacks is no fault; a name that there is not is one for every object.
      if (error instanceof ReferenceError) return { problem: `is not an expression: ${error.message}; the object is "it"` }
    }
    return {
      judge: (object: KubernetesObject) => {
        try {
          return { holds: Boolean(evaluate(object)) }
        } catch (error) {
          return { holds: false, error: error instanceof Error ? error.message : String(error) }
        }
      },
    }
  }
}

const refuse = (): never => {
  throw new ReferenceError('only the object itself can be read')
}

const refused: InputFunctions = { lookup: refuse, lookupAll: refuse, generate: {}, reveal: refuse }
