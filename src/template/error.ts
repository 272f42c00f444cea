/** What a template's evaluation stops with. Each becomes one problem; none leaves the render. */
import type { Position, Problem, ProblemCode } from '../api/problem.ts'

export class TemplateError extends Error {
  readonly code: ProblemCode
  readonly remedy: string | undefined
  at: Position | undefined

  constructor(code: ProblemCode, message: string, { remedy, at }: { remedy?: string | undefined; at?: Position | undefined } = {}) {
    super(message)
    this.code = code
    this.remedy = remedy
    this.at = at
  }

  toProblem(): Problem {
    return {
      code: this.code,
      message: this.message,
      ...(this.at && { at: this.at }),
      ...(this.remedy && { remedy: this.remedy }),
    }
  }
}

/** A name that does not exist. `path` is how the template spelled it, as far as that is known: it serves to find the column. */
export class UndefinedError extends TemplateError {
  readonly path: string
  readonly key: string

  constructor(path: string, key: string, remedy?: string) {
    super('TEMPLATE_UNDEFINED', `${path} is undefined`, { remedy })
    this.path = path
    this.key = key
  }
}

/** A template reads a kind whose objects cannot be known now. */
export class UnknownError extends Error {}

/** A template reads what the snapshot of inputs lacks. */
export class NeedsError extends UnknownError {}
