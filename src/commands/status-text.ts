/** Primaries as text for a terminal: a tree of each, or a line. What others wrote is printed without control characters, also those that turn the direction of what follows. */
import type { DependentTree, PrimaryTree } from '../operator/tree.ts'
import { table } from './table.ts'

export interface TextOptions {
  colours: boolean
  /** Milliseconds since the epoch. */
  now: number
}

type Paint = (text: string) => string

const plain: Paint = (text) => text
const colour =
  (code: number): Paint =>
  (text) =>
    `\u001b[${code}m${text}\u001b[39m`
const [red, green, yellow] = [colour(31), colour(32), colour(33)]

const paints: Readonly<Record<PrimaryTree['state'] | DependentTree['state'], Paint>> = {
  ready: green,
  current: green,
  reconciling: yellow,
  suspended: yellow,
  deleting: yellow,
  inProgress: yellow,
  terminating: yellow,
  untold: yellow,
  unknown: yellow,
  stalled: red,
  failed: red,
}

/** One block a primary, an empty line between two. */
export const treesText = (trees: readonly PrimaryTree[], options: TextOptions): string =>
  trees.map((tree) => `${primaryLines(tree, options, true).join('\n')}\n`).join('\n')

/** One line a primary. Of what it depends on it says how much is ready, and names the conditions that a person should know of. */
export function linesText(trees: readonly PrimaryTree[], options: TextOptions): string {
  const rows = trees.map((tree) => [
    tree.namespace ?? '-',
    `${tree.kind}/${tree.name}`,
    tree.state === 'ready' ? 'True' : 'False',
    `${tree.dependents.filter(isReady).length}/${tree.dependents.length}`,
    tree.created ? age(tree.created, options.now) : '?',
    unusual(tree).join(',') || '-',
    `${tree.reason}${tree.message ? `: ${tree.message}` : ''}`,
  ])
  const titles = ['NAMESPACE', 'NAME', 'READY', 'DEPENDENTS', 'AGE', 'CONDITIONS', 'MESSAGE']
  const ready = titles.indexOf('READY')
  return table([titles, ...rows.map((row) => row.map(printable))], (text, row, column) => {
    const tree = trees[row - 1]
    return tree && column === ready && options.colours ? paints[tree.state](text) : text
  })
}

const isReady = ({ state, primary }: DependentTree): boolean => (primary ? primary.state === 'ready' : state === 'current')

/** The conditions that are there only while there is something to know. */
function unusual({ held, yields, fights, overridden }: PrimaryTree): string[] {
  const conditions = { PruneHeld: held, FieldsYielded: yields, Fighting: fights, ValuesOverridden: overridden }
  return Object.entries(conditions).flatMap(([type, told]) => (told === undefined ? [] : [type]))
}

/** @param root whether its heading is a line of its own: below another primary it stands in that one's list */
function primaryLines(tree: PrimaryTree, options: TextOptions, root: boolean): string[] {
  const { now } = options
  const { kind, namespace, name, state, reason, message, since, generation, observedGeneration, observedRevision, lastAction, held } = tree
  const facts = [
    ...(since ? [`since ${age(since, now)}`] : []),
    ...(generation === undefined ? [] : [`generation ${generation}${caughtUp(generation, observedGeneration)}`]),
    ...(observedRevision ? [`definition ${observedRevision.slice(0, 12)}`] : []),
    ...(root && tree.created ? [`age ${age(tree.created, now)}`] : []),
  ]
  const fields: [title: string, text: string | undefined][] = [
    ['state', paint(state, options, `${reason}${message ? `: ${message}` : ''}`)],
    ['', facts.join(', ') || undefined],
    ['last', lastAction && `${lastAction.reason} ${age(lastAction.time, now)} ago${times(lastAction.count)}: ${lastAction.message}`],
    ['held', held && `${held.count} ${held.count === 1 ? 'delete' : 'deletes'} (${held.why}): ${heldNames(held)}`],
    ['', held && `to delete: ${held.release}`],
    ['yields', tree.yields],
    ['fights', tree.fights],
    ['values', tree.overridden],
  ]
  return [
    ...(root ? [`${printable(`${kind}/${name}`)}${namespace ? `  namespace ${printable(namespace)}` : ''}`] : []),
    ...fields
      .filter(([, text]) => text !== undefined)
      .map(([title, text]) => `  ${title.padEnd(8)}${title === 'state' ? text : printable(text as string)}`),
    ...dependentLines(tree, options).map((line) => `  ${line}`),
  ]
}

function dependentLines({ dependents, namespace }: PrimaryTree, options: TextOptions): string[] {
  const names = dependents.map((each) => printable(nameOf(each, namespace)))
  const width = Math.max(0, ...names.map((name) => name.length))
  return dependents.flatMap((each, at) => {
    const isLast = at === dependents.length - 1
    const why = each.state === 'current' ? '' : `${each.reason}${each.message ? `: ${each.message}` : ''}`
    const [state, created] = [each.primary?.state ?? each.state, each.created ? age(each.created, options.now) : '']
    const columns = [
      (names[at] as string).padEnd(width),
      `${paint(state, options, '')}${padding(state)}`,
      created.padEnd(5),
      each.primary ? '' : printable(why),
    ]
    const line = `${isLast ? '└─' : '├─'} ${columns.join('  ').trimEnd()}`
    const below = each.primary ? primaryLines(each.primary, options, false) : []
    return [line, ...below.map((under) => `${isLast ? '   ' : '│  '}${under.slice(2)}`)]
  })
}

const longestState = Math.max(...Object.keys(paints).map((state) => state.length))

/** What is said of it stands behind the state, which alone has a colour. */
const paint = (state: keyof typeof paints, { colours }: TextOptions, words: string): string =>
  `${(colours ? paints[state] : plain)(state)}${words && ` ${printable(words)}`}`

const padding = (state: string): string => ' '.repeat(longestState - state.length)

const nameOf = ({ kind, namespace, name }: DependentTree, primaryNamespace: string | undefined): string =>
  `${kind}/${name}${namespace !== undefined && namespace !== primaryNamespace ? ` in ${namespace}` : ''}`

const caughtUp = (generation: number, observed: number | undefined): string => {
  if (observed === generation) return ''
  return observed === undefined ? ' (none brought about yet)' : ` (brought about: ${observed})`
}

const times = (count: number | undefined): string => (count === undefined ? '' : `, seen ${count} times`)

function heldNames({ deletes, count }: NonNullable<PrimaryTree['held']>): string {
  const more = count - deletes.length
  return `${deletes.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `12s`, `5m`, `3h`, `4d`. */
function age(time: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000))
  if (Number.isNaN(seconds)) return '?'
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** What others wrote must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd')
