/**
 * From the YAML of steps to compiled ones.
 *
 * A step is a map with one key of a kind (`http`, `wait`, …) and what all steps have (`when`, `loop`, …). What does not go together is a problem
 * with its place; the compiler goes on, so that all problems of a playbook are found at once.
 */
import { nearest } from '../api/nearest.ts'
import type { Problem } from '../api/problem.ts'
import { member, toValue } from '../yaml/node.ts'
import type { WrittenObject } from '../template/skeleton.ts'
import { type Applies, writtenText } from './apply.ts'
import type { Code } from './code.ts'
import { Fields } from './fields.ts'
import { checkedInputs, writtenProblems } from './inputs.ts'
import { keyOfItem } from './item-keys.ts'
import { compileGet } from './objects.ts'
import type { Source, SourceNode } from './source.ts'
import type { Doing, Step, StepKind, Value } from './step.ts'
import { optionProblems, stepKeys } from './step-options.ts'
import { asDuration, asList, asText, Expression, TaggedValue } from './values.ts'
import { compileWait } from './waits.ts'

export interface StepsOptions {
  kinds: readonly StepKind[]
  code: Code
  applies: Applies
  problems: Problem[]
  /** The steps of a file that a step includes, with the file they stand in. */
  include: (path: string, at: NonNullable<Problem['at']>) => { source: Source; steps: readonly SourceNode[] } | undefined
}

/** Where steps stand. */
interface Place {
  /** In front of the paths of steps without an id. */
  prefix: string
  /** Files on the way here, against circles. */
  files: readonly string[]
}

const idSyntax = /^[a-zA-Z][a-zA-Z0-9-]{0,39}$/

export class StepCompiler {
  readonly ids = new Map<string, NonNullable<Problem['at']>>()
  /** Names of `set` and `remember`. */
  readonly set = new Set<string>()
  readonly memory = new Set<string>()
  /** Steps with `run`, whose lane is known once all of them are read. */
  readonly runs: { lane: string; at: NonNullable<Problem['at']>; resolve: (steps: readonly Step[]) => void }[] = []
  /** Objects that steps scale, as they are written. */
  readonly scaled: WrittenObject[] = []
  readonly #paths = new Set<string>()
  readonly #options: StepsOptions

  constructor(options: StepsOptions) {
    this.#options = options
  }

  /** A list of steps, those that it includes in their place. */
  steps(source: Source, nodes: readonly SourceNode[], place: Place = { prefix: '', files: [] }): Step[] {
    return nodes.flatMap((node) => this.#entry(source, node, place))
  }

  #entry(source: Source, node: SourceNode, place: Place): Step[] {
    const { problems, include } = this.#options
    const file = member(node, 'include')
    if (!file || node.kind !== 'mapping') return this.#step(source, node, place)
    const fields = new Fields(source, node, problems)
    fields.refuseUnknown('a step that includes a file', ['include', 'name'])
    const path = fields.text('include')
    if (path === undefined) return []
    if (place.files.includes(path)) {
      this.#refuse(source, file, `${path} includes itself`)
      return []
    }
    const included = include(path, source.at(file.at))
    return included ? this.steps(included.source, included.steps, { ...place, files: [...place.files, path] }) : []
  }

  #step(source: Source, node: SourceNode, place: Place): Step[] {
    const { problems, kinds } = this.#options
    if (node.kind !== 'mapping') {
      this.#refuse(source, node, 'a step is a map', `it has one of: ${kinds.map(({ key }) => key).join(', ')}`)
      return []
    }
    const fields = new Fields(source, node, problems)
    const kind = this.#kindOf(fields, source, node)
    if (!kind) return []
    const isRead = fields.get('read') !== undefined || kind.promise === 'reads'
    fields.refuseUnknown('a step', [...stepKeys, ...kinds.map(({ key }) => key)])
    problems.push(...optionProblems(fields, kind, isRead))
    const id = this.#id(fields, source)
    const name = fields.text('name')
    const at = source.at(node.at)
    const title = id ?? name ?? `${kind.key} at line ${at.line ?? '?'}`
    const path = id ?? this.#path(place.prefix, kind.key, name)
    if (id === undefined && kind.promise === 'acts' && !isRead && kind.key !== 'event')
      problems.push({
        code: 'PLAYBOOK_INVALID',
        message: `a step with ${kind.key} has an id: what it has done is recorded under it`,
        at,
        remedy: 'e.g. id: migrate',
      })
    if (fields.get('read') && !fields.get('id'))
      problems.push({ code: 'PLAYBOOK_INVALID', message: 'a step with read has an id: others read its answer as it.steps.ID', at })
    const does = this.#doing(source, kind, fields, path, place)
    if (!does) return []
    if (kind.promise === 'acts' && !isRead) problems.push(...unguarded(kind, fields, title))
    return [
      {
        title,
        id,
        path,
        at,
        when: this.#condition(source, fields, 'when'),
        doneWhen: this.#condition(source, fields, 'doneWhen'),
        loop: this.#loop(source, fields),
        until: this.#condition(source, fields, 'until'),
        retries: fields.count('retries') ?? (fields.get('until') ? 3 : 0),
        delay: fields.duration('delay') ?? 5000,
        timeout: this.#duration(source, fields.get('timeout')),
        ignoreErrors: fields.boolean('ignoreErrors') ?? false,
        changedWhen: this.#condition(source, fields, 'changedWhen'),
        failedWhen: this.#condition(source, fields, 'failedWhen'),
        secret: fields.boolean('secret') ?? false,
        onUnknown: fields.oneOf('onUnknown', ['fail', 'retry']) ?? 'fail',
        onAbandon: fields.oneOf('onAbandon', ['wait', 'cancel']) ?? 'wait',
        keepsResult: fields.oneOf('register', ['keep']) === 'keep' || kind.undo !== undefined,
        does,
      },
    ]
  }

  /** The only kind whose key the step has; `condition` beside `wait` says what the wait is told as. */
  #kindOf(fields: Fields, source: Source, node: SourceNode): StepKind | undefined {
    const { kinds, problems } = this.#options
    const { names } = fields
    const found = kinds.filter(({ key }) => names.includes(key) && !(key === 'condition' && names.includes('wait')))
    if (found.length === 1) return found[0]
    if (found.length > 1) {
      const keys = found.map(({ key }) => key)
      problems.push({
        code: 'PLAYBOOK_INVALID',
        message: `a step is of one kind, not of ${keys.join(' and ')}`,
        at: fields.keyAt(keys[1] as string),
        remedy: 'make two steps of it',
      })
      return undefined
    }
    const keys = kinds.map(({ key }) => key)
    const strange = names.filter((name) => !stepKeys.includes(name))
    const [name] = strange
    const near = strange.map((each) => nearest(each, keys)).find((each) => each !== undefined)
    problems.push({
      code: name === undefined ? 'PLAYBOOK_INVALID' : 'PLAYBOOK_UNKNOWN_KEY',
      message: name === undefined ? 'the step does nothing' : `"${name}" is no kind of step`,
      at: name === undefined ? source.at(node.at) : fields.keyAt(name),
      remedy: near ? `did you mean "${near}"?` : `it has one of: ${keys.join(', ')}`,
    })
    return undefined
  }

  #id(fields: Fields, source: Source): string | undefined {
    const id = fields.text('id')
    const node = fields.get('id')
    if (id === undefined || !node) return undefined
    if (!idSyntax.test(id)) {
      this.#refuse(source, node, `"${id}" is no id`, 'an id has at most 40 letters, digits and dashes, and begins with a letter')
      return undefined
    }
    const first = this.ids.get(id)
    if (first) {
      this.#refuse(
        source,
        node,
        `the id ${id} stands twice: first in line ${first.line}${first.file === source.file ? '' : ` of ${first.file}`}`,
      )
      return undefined
    }
    this.ids.set(id, source.at(node.at))
    return id
  }

  /** With a dot, which no id has. */
  #path(prefix: string, kind: string, name: string | undefined): string {
    const slug = (name ?? '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60)
    for (let number = 1; ; number++) {
      const end = slug === '' ? String(number) : number === 1 ? slug : `${slug}-${number}`
      const path = `${prefix}${kind}.${end}`
      if (this.#paths.has(path)) continue
      this.#paths.add(path)
      return path
    }
  }

  #condition(source: Source, fields: Fields, name: string): Value<boolean> | undefined {
    const node = fields.get(name)
    return node && Expression.of(source, node, this.#options.code, this.#options.problems)?.condition()
  }

  #duration(source: Source, node: SourceNode | undefined): Value<number> | undefined {
    return node && asDuration(new TaggedValue(source, node, this.#options.code))
  }

  #loop(source: Source, fields: Fields): Step['loop'] {
    const node = fields.get('loop')
    if (!node) return undefined
    const { code, problems } = this.#options
    const items = node.kind === 'sequence' ? new TaggedValue(source, node, code) : Expression.of(source, node, code, problems)
    const as = fields.text('as') ?? 'item'
    const key = fields.get('key')
    const named = key && Expression.of(source, key, code, problems)
    if (node.kind === 'sequence' && !key)
      for (const item of node.items)
        if (item.kind === 'mapping' && !member(item, 'name') && !member(item, 'metadata'))
          this.#refuse(source, item, 'an item of this loop has no name to be known by', `give the step a key, e.g. key: it.${as}.id`)
    return items && { items: asList(items), as, key: named ? asText(named) : keyOfItem(as, source.at(node.at)) }
  }

  #doing(source: Source, kind: StepKind, fields: Fields, path: string, place: Place): Doing | undefined {
    const { code, problems, applies } = this.#options
    const node = fields.get(kind.key) as SourceNode
    const inner = (name: string): Step[] => this.steps(source, fields.list(name), { ...place, prefix: `${path}/` })
    const said = fields.get('message')
    const message = said && asText(new TaggedValue(source, said, code))
    const checked = (): boolean => {
      const found = writtenProblems(kind, source, node)
      problems.push(...found)
      return found.length === 0
    }
    switch (kind.key) {
      case 'block':
        return { kind: 'block', block: inner('block'), rescue: inner('rescue'), always: inner('always') }
      case 'apply':
        return checked() ? applies.compile(source, node, path) : undefined
      case 'get':
        return checked() ? compileGet(new TaggedValue(source, node, code)) : undefined
      case 'run':
        return this.#run(fields)
      case 'set':
      case 'remember': {
        const values = fields.map(kind.key).flatMap(({ key, value }) => {
          const expression = Expression.of(source, value, code, problems)
          ;(kind.key === 'set' ? this.set : this.memory).add(key)
          return expression ? [{ name: key, value: expression }] : []
        })
        return { kind: kind.key, values }
      }
      case 'wait':
        return compileWait(source, node, { code, problems, message, condition: fields.text('condition') })
      case 'assert': {
        const that = Expression.of(source, node, code, problems)?.condition()
        return that && { kind: 'assert', that, message }
      }
      case 'fail':
        return { kind: 'fail', message: asText(new TaggedValue(source, node, code)) }
      case 'status':
        return checked() ? { kind: 'status', fields: checkedInputs(kind, new TaggedValue(source, node, code)) } : undefined
      case 'condition':
      case 'event':
      case 'metric':
        return checked() ? { kind: kind.key, inputs: checkedInputs(kind, new TaggedValue(source, node, code)) } : undefined
      default: {
        const every = member(fields.get('read'), 'every')
        if (!checked()) return undefined
        if (kind.key === 'scale') this.#scale(source, member(node, 'ref'))
        return {
          kind: 'request',
          of: kind,
          inputs: checkedInputs(kind, new TaggedValue(source, node, code)),
          every: this.#duration(source, every),
        }
      }
    }
  }

  #scale(source: Source, reference: SourceNode | undefined): void {
    const [kind, name] = [writtenText(member(reference, 'kind')), writtenText(member(reference, 'name'))]
    if (reference && kind !== undefined && name !== undefined)
      this.scaled.push({ kind: kind.split('.')[0] as string, name, at: source.at(reference.at) })
  }

  #run(fields: Fields): Doing | undefined {
    const lane = fields.text('run')
    if (lane === undefined) return undefined
    let steps: readonly Step[] = []
    this.runs.push({ lane, at: fields.keyAt('run'), resolve: (found) => void (steps = found) })
    return {
      kind: 'run',
      lane,
      get steps() {
        return steps
      },
    }
  }

  #refuse(source: Source, node: SourceNode, message: string, remedy?: string): void {
    this.#options.problems.push({ code: 'PLAYBOOK_INVALID', message, at: source.at(node.at), ...(remedy && { remedy }) })
  }
}

/** An act that destroys something has to say what follows where nobody knows whether it was done. */
function unguarded(kind: StepKind, fields: Fields, title: string): Problem[] {
  const written = fields.get(kind.key)
  if (fields.get('doneWhen') || fields.get('onUnknown') || (written && kind.isHarmless?.(toValue(written)))) return []
  return [
    {
      code: 'STEP_UNGUARDED',
      severity: 'warning',
      message: `the step ${title} acts by ${kind.key}, and says neither doneWhen nor onUnknown`,
      at: fields.keyAt(kind.key),
      remedy:
        'onUnknown: retry where doing it twice does no harm, onUnknown: fail where somebody has to look; doneWhen tells that it is done',
    },
  ]
}
