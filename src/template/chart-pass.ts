/** One render of a chart: its budget, the names that templates know, and what they read. */
import type { Problem } from '../api/problem.ts'
import { type GenerateNeed, generatedSecretNames } from '../reconcile/generated.ts'
import { type Lookup, lookupId } from '../reconcile/lookup.ts'
import { type Answer, type IncidentalPart, incidentalParts, type Inputs, type StatusAnswer } from '../reconcile/program.ts'
import type { ShapeCache } from './cache.ts'
import type { InputFunctions, Template } from './compile.ts'
import { contextMembers } from './context.ts'
import { TemplateError, UnknownError } from './error.ts'
import { generateFunctions } from './generate.ts'
import { Budget, type Clock, type Limits } from './limits.ts'
import { lookupFunctions, type LookupOptions, secretNamed } from './lookup.ts'
import type { Values } from './merge.ts'
import { Render } from './render.ts'
import { Revealed } from './revealed.ts'
import { revealFunction } from './secret-places.ts'
import type { ContextMembers, ReadObserver, Schema } from './view.ts'

/** What of a chart is the same in every render. */
export interface ChartPassOptions {
  about: Values
  files: Values
  partials: ReadonlyMap<string, Template>
  valuesSchema: Schema | undefined
  schema: Schema | undefined
  clock: Clock
  limits: Limits
  cache: ShapeCache
}

/** Each once: many are kept, one for each custom resource, and there are few that differ. */
const unreadParts = new Map<string, readonly IncidentalPart[]>()

export class ChartPass {
  readonly budget: Budget
  readonly render: Render
  readonly members: ContextMembers
  readonly unknown = new Set<string>()
  readonly needs: Lookup[] = []
  readonly generate: GenerateNeed[] = []
  readonly #lookups = new Map<string, Lookup>()
  readonly #read = new Set<IncidentalPart>()
  readonly revealed = new Revealed()
  /** What the names of generated values stand for. */
  readonly names: Map<string, string>
  /** What was read that can change while the declaration stays, but for lookups and the time: each value by its path. */
  readonly values = new Map<string, unknown>()
  readNow = false
  readCapabilities = false
  /** Secret values were read, so where they went has to be looked at. */
  readSecrets = false

  constructor(parts: ChartPassOptions, inputs: Inputs, values: Values, nullable: boolean) {
    this.names = new Map(Object.entries(inputs.names ?? {}))
    this.budget = new Budget(parts.limits, parts.clock)
    const { cache, partials } = parts
    const functions = (observer: ReadObserver): InputFunctions => this.#functions(inputs, observer, nullable)
    this.render = new Render({ partials, cache, budget: this.budget, functions, revealed: this.revealed, nullable })
    this.members = contextMembers({
      inputs,
      values,
      schema: parts.schema,
      valuesSchema: parts.valuesSchema,
      chart: parts.about,
      files: parts.files,
      render: this.render,
      readNow: () => void (this.readNow = true),
      readCapabilities: () => this.#readCapabilities(inputs),
      read: (part) => void this.#read.add(part),
      noted: (path, value) => void this.values.set(path, value),
      readUnknown: (kind) => void this.unknown.add(kind),
      readSecret: () => void (this.readSecrets = true),
      nullable,
    })
  }

  #functions(inputs: Inputs, observer: ReadObserver, nullable: boolean): InputFunctions {
    const readSecret = (): void => void (this.readSecrets = true)
    const lookup: LookupOptions = {
      results: inputs.lookups ?? {},
      read: (read) => void this.#lookups.set(lookupId(read), read),
      need: (need) => void this.needs.push(need),
      readUnknown: (name) => void this.unknown.add(name),
      readSecret,
      isRevealed: (text) => this.revealed.isIn(text),
      observer,
      nullable,
    }
    const generate = generateFunctions({
      names: this.names,
      isRevealed: (text) => this.revealed.isIn(text),
      values: inputs.generated ?? {},
      asKept: inputs.asKept ?? false,
      namespace: inputs.primary.metadata.namespace,
      keptIn: inputs.generatedIn ?? generatedSecretNames(inputs.primary)[0],
      need: (need) => void this.generate.push(need),
      readSecret,
      secretNamed: (name) => secretNamed(inputs.primary.metadata.namespace, name, lookup),
      observer,
    })
    return { ...lookupFunctions(lookup), generate, reveal: revealFunction(this.revealed) }
  }

  /** What the snapshot lacks, if it lacks anything. */
  get lacking(): { kind: 'needs'; needs: readonly Lookup[]; generate?: readonly GenerateNeed[] } | undefined {
    if (this.needs.length + this.generate.length === 0) return undefined
    return { kind: 'needs', needs: this.needs, ...(this.generate.length > 0 ? { generate: this.generate } : {}) }
  }

  /** Generated values are no input of this sort: they are kept, and made anew only where somebody asks for it. */
  get readInputs(): boolean {
    return this.readNow || this.values.size > 0 || this.#lookups.size > 0
  }

  /** As one value, whose lists have no order of their own: most that is asked of it is whether something is there. */
  #readCapabilities({ capabilities: { kubeVersion, apiVersions } }: Inputs): void {
    if (!this.readCapabilities) this.values.set('it.capabilities', { kubeVersion, apiVersions: apiVersions.toSorted() })
    this.readCapabilities = true
  }

  get unread(): readonly IncidentalPart[] {
    const unread = incidentalParts.filter((part) => !this.#read.has(part))
    const text = unread.join()
    const known = unreadParts.get(text)
    if (!known) unreadParts.set(text, unread)
    return known ?? unread
  }

  /** The answer, with what was read for it. */
  answer<T extends Answer | StatusAnswer>(given: T): T {
    const answer = this.revealed.isAny ? this.#masked(given) : given
    if (this.#lookups.size === 0 && !this.readCapabilities) return answer
    return { ...answer, lookups: [...this.#lookups.values()], ...(this.readCapabilities && { readCapabilities: true }) }
  }

  /** What of an answer is for people holds nothing that was revealed. */
  #masked<T extends Answer | StatusAnswer>(given: T): T {
    const answer = { ...given, masked: (text: string) => this.revealed.masked(text) }
    switch (answer.kind) {
      case 'problems':
        return { ...answer, problems: answer.problems.map((problem) => this.revealed.maskedProblem(problem)) }
      case 'unknown':
        return { ...answer, reads: answer.reads.map((name) => this.revealed.masked(name)) }
      case 'rendered':
      case 'status':
      case 'needs':
        return answer
    }
  }

  /** Takes over what another render has read for the same inputs. */
  absorb(answer: Answer): void {
    for (const lookup of answer.lookups ?? []) this.#lookups.set(lookupId(lookup), lookup)
    if (answer.readCapabilities) this.readCapabilities = true
    if (answer.kind === 'needs') {
      this.needs.push(...answer.needs)
      this.generate.push(...(answer.generate ?? []))
    }
    if (answer.kind !== 'rendered') return
    this.readNow ||= answer.readNow
    for (const [path, value] of answer.values ?? []) this.values.set(path, value)
    for (const part of incidentalParts) if (!answer.unread?.includes(part)) this.#read.add(part)
    for (const [name, meaning] of Object.entries(answer.names ?? {})) this.names.set(name, meaning)
  }

  /** Runs a part of the render; what a template can cause becomes a problem. */
  attempt(run: () => void, { file }: { file: string }): Problem | undefined {
    try {
      run()
      return undefined
    } catch (error) {
      if (error instanceof UnknownError) return undefined
      const at = { file }
      if (error instanceof TemplateError) return { at, ...error.toProblem() }
      if (error instanceof RangeError) return { code: 'TEMPLATE_LIMIT', message: 'values are nested too deep', at }
      throw error
    }
  }
}
