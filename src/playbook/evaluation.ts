/**
 * What evaluates the values of a playbook in one walk: the names of `it`, the budget of the whole walk, and what was read.
 *
 * Beside what a chart's templates read there is what the walk has found so far. Something that is not known stops the expression that reads it
 * and not the walk: it is for the walk to say what follows.
 */
import type { JsonObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Lookup } from '../reconcile/lookup.ts'
import type { GenerateNeed } from '../reconcile/generated.ts'
import type { Answer, Inputs } from '../reconcile/program.ts'
import { ChartPass, type ChartPassOptions } from '../template/chart-pass.ts'
import { TemplateError, UnknownError } from '../template/error.ts'
import type { Render } from '../template/render.ts'
import { type ContextMembers, view } from '../template/view.ts'
import { kindNamed } from './kind-names.ts'
import { namesView } from './names.ts'
import type { Found, Known, Scope, WalkScope } from './scope.ts'
import type { RequestScope, Value } from './step.ts'

/** A scope as the values of a compiled playbook see it. */
export interface Evaluation extends Scope, RequestScope {
  readonly render: Render
  readonly members: ContextMembers
  /** `it` */
  readonly context: object
  readonly inputs: Inputs
  readonly pass: ChartPass
  /** The same with other names, which stand above those that are there. */
  over(members: ContextMembers): Evaluation
  /** Takes over what a chart's render has read; throws where it came to no documents. */
  absorb(answer: Answer): Extract<Answer, { kind: 'rendered' }> | { kind: 'problems'; problems: readonly Problem[] }
}

/** The scopes of a compiled playbook are made in this folder alone. */
export const evaluationOf = (scope: Scope): Evaluation => scope as Evaluation

/** The names that the playbook gives, which can be read before they have a value. */
export interface PlaybookNames {
  vars: readonly { readonly name: string; readonly value: Value }[]
  steps: ReadonlySet<string>
  set: ReadonlySet<string>
  memory: ReadonlySet<string>
  schedules: ReadonlySet<string>
}

export interface EvaluationOptions {
  parts: ChartPassOptions
  names: PlaybookNames
  /** The playbook, for problems without a better place. */
  file: string
}

const second = 1000

class ScopeOfWalk implements Evaluation {
  readonly render: Render
  readonly members: ContextMembers
  readonly inputs: Inputs
  readonly pass: ChartPass
  readonly primary: RequestScope['primary']
  readonly #file: string
  #context: object | undefined

  constructor(pass: ChartPass, members: ContextMembers, inputs: Inputs, file: string) {
    this.pass = pass
    this.render = pass.render
    this.members = members
    this.inputs = inputs
    this.#file = file
    const { name, namespace } = inputs.primary.metadata
    this.primary = { name, namespace }
  }

  get context(): object {
    this.#context ??= this.render.viewOf(this.members)
    return this.#context
  }

  readonly kindOf = (kind: string, apiVersion?: string): { apiVersion: string; kind: string } =>
    kindNamed(kind, apiVersion, this.inputs.capabilities.apiVersions)

  with(names: Readonly<Record<string, unknown>>): Evaluation {
    const members = Object.entries(names).map(([name, value]): [string, () => unknown] => [
      name,
      () => view(value, { path: `it.${name}`, observer: this.render }),
    ])
    return this.over(Object.fromEntries(members))
  }

  over(members: ContextMembers): Evaluation {
    return new ScopeOfWalk(this.pass, { ...this.members, ...members }, this.inputs, this.#file)
  }

  attempt<Type>(
    evaluate: (scope: Scope) => Type,
  ): { kind: 'value'; value: Type } | { kind: 'unknown'; reason: string } | { kind: 'problem'; problem: Problem } {
    const { revealed } = this.pass
    try {
      return { kind: 'value', value: evaluate(this) }
    } catch (error) {
      if (error instanceof UnknownError) return { kind: 'unknown', reason: revealed.masked(error.message) }
      const at = { file: this.#file }
      if (error instanceof TemplateError) return { kind: 'problem', problem: revealed.maskedProblem({ at, ...error.toProblem() }) }
      if (error instanceof RangeError)
        return { kind: 'problem', problem: { code: 'TEMPLATE_LIMIT', message: 'values are nested too deep', at } }
      throw error
    }
  }

  absorb(answer: Answer): Extract<Answer, { kind: 'rendered' }> | { kind: 'problems'; problems: readonly Problem[] } {
    this.pass.absorb(answer)
    switch (answer.kind) {
      case 'rendered':
      case 'problems':
        return answer
      case 'needs':
        throw new UnknownError('what the chart reads is not in the snapshot')
      case 'unknown':
        throw new UnknownError(`${answer.reads.join(', ')} cannot be known now`)
    }
  }
}

/** The scope of one walk. */
export class WholeScope extends ScopeOfWalk implements WalkScope {
  constructor({ parts, names, file }: EvaluationOptions, inputs: Inputs, found: Found) {
    const pass = new ChartPass(parts, inputs, {}, false)
    const { chart: _chart, ...members } = pass.members
    super(pass, { ...members, ...walkMembers(pass, names, inputs, found, () => this) }, inputs, file)
  }

  get lacking(): { kind: 'needs'; needs: readonly Lookup[]; generate?: readonly GenerateNeed[] } | undefined {
    return this.pass.lacking
  }

  answer(given: Answer): Answer {
    return this.pass.answer(given)
  }

  get reads(): WalkScope['reads'] {
    const { readNow, readInputs, values, unread, names } = this.pass
    return { readNow, readInputs, values, unread, ...(names.size > 0 && { names: Object.fromEntries(names) }) }
  }
}

function walkMembers(pass: ChartPass, names: PlaybookNames, inputs: Inputs, found: Found, scope: () => Scope): ContextMembers {
  const observer = pass.render
  const known = (value: unknown): Known | undefined => (value === undefined ? undefined : { kind: 'value', value })
  const own = (map: JsonObject, name: string): unknown => (Object.hasOwn(map, name) ? map[name] : undefined)
  const blocks = (id: unknown): boolean => {
    if (typeof id === 'string' && names.steps.has(id)) return found.failed(id)
    throw new TemplateError('TEMPLATE_VALUE', 'it.failed(id): "id" must be the id of a step')
  }
  return {
    now: () => {
      pass.readNow = true
      return Math.floor(inputs.now / second) * second
    },
    vars: () =>
      namesView({ path: 'it.vars', names: () => names.vars.map(({ name }) => name), read: varsOf(names.vars, scope, found), observer }),
    steps: () => namesView({ path: 'it.steps', names: () => names.steps, read: (name) => found.steps.get(name), observer }),
    set: () => namesView({ path: 'it.set', names: () => names.set, read: (name) => found.set.get(name), observer }),
    memory: () =>
      namesView({
        path: 'it.memory',
        names: () => [...names.memory, ...Object.keys(found.memory)],
        read: (name) => known(own(found.memory, name)),
        observer,
      }),
    schedules: () =>
      namesView({
        path: 'it.schedules',
        names: () => names.schedules,
        read: (name) => known(own(found.schedules, name) ?? (names.schedules.has(name) ? {} : undefined)),
        observer,
      }),
    run: () =>
      namesView({ path: 'it.run', names: () => ['name', 'due'], read: (name) => known(found.run && own(found.run, name)), observer }),
    failed: () => blocks,
  }
}

/** Each is evaluated when it is first read, in each run of a schedule anew, and sees those before it. */
function varsOf(vars: PlaybookNames['vars'], scope: () => Scope, found: Found): (name: string) => Known | undefined {
  const values = new Map<string, Known>()
  let before = vars.length
  let { run } = found
  return (name) => {
    if (run !== found.run) values.clear()
    run = found.run
    const done = values.get(name)
    if (done) return done
    const index = vars.findIndex((each) => each.name === name)
    if (index < 0) return undefined
    if (index >= before)
      throw new TemplateError('TEMPLATE_VALUE', `it.vars.${name} cannot be read here`, { remedy: 'a var sees only those before it' })
    const outer = before
    before = index
    try {
      const value: Known = { kind: 'value', value: (vars[index] as { value: Value }).value.evaluate(scope()) }
      values.set(name, value)
      return value
    } finally {
      before = outer
    }
  }
}
