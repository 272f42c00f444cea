/**
 * What limit ranges do to new pods and claims: fill in what containers leave open, refuse what is too much or too little.
 *
 * (plugin/pkg/admission/limitranger)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { compareQuantities, formatQuantity, type Quantity } from '../../../api/quantity.ts'
import type { Resource, WriteContext } from '../../registry/resource.ts'
import { forbiddenError } from '../../status/api-error.ts'
import { type Amounts, amountsOf, containerAmounts, containersOf, podAmounts } from './pod-amounts.ts'
import { type Draft, draftAt, type Fields, fieldsOf, isDraft, listOf, textOf } from './values.ts'

const annotation = 'kubernetes.io/limit-ranger'

const limitsIn = (namespace: string, context: WriteContext): readonly (readonly Fields[])[] =>
  [...context.objects.list('/limitranges', namespace)].map((range) => listOf(fieldsOf(range['spec'])['limits']).map(fieldsOf))

/** Gives a new pod's containers the default requests and limits of their namespace. */
export function applyLimitRangeDefaults(pod: KubernetesObject, context: WriteContext): void {
  for (const limits of limitsIn(pod.metadata.namespace ?? '', context)) {
    const [requests, maxima]: [Fields[], Fields[]] = [[], []]
    for (const limit of limits) {
      if (limit['type'] !== 'Container') continue
      requests.push(fieldsOf(limit['defaultRequest']))
      maxima.push(fieldsOf(limit['default']))
    }
    const defaults = { requests: Object.assign({}, ...requests) as Fields, limits: Object.assign({}, ...maxima) as Fields }
    const notes: string[] = []
    for (const [list, word] of [
      ['containers', 'container'],
      ['initContainers', 'init container'],
    ] as const)
      for (const container of listOf(fieldsOf(pod['spec'])[list])) if (isDraft(container)) fill(container, defaults, word, notes)
    if (notes.length > 0)
      pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` }
  }
}

function fill(container: Draft, defaults: Readonly<Record<'requests' | 'limits', Fields>>, word: string, notes: string[]): void {
  for (const kind of ['requests', 'limits'] as const) {
    const present = fieldsOf(fieldsOf(container['resources'])[kind])
    const missing = Object.keys(defaults[kind]).filter((name) => !Object.hasOwn(present, name))
    if (missing.length === 0) continue
    const target = draftAt(draftAt(container, 'resources'), kind)
    for (const name of missing) target[name] = defaults[kind][name]
    notes.push(`${missing.sort().join(', ')} ${kind === 'requests' ? 'request' : 'limit'} for ${word} ${textOf(container['name'])}`)
  }
}

/** Checks a new pod, or a claim, against the limits of its namespace. Throws ApiError (403). */
export function admitLimitRange(
  resource: Pick<Resource, 'group' | 'resource' | 'storage'>,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  context: WriteContext,
): void {
  const isPod = resource.storage === '/pods'
  if ((!isPod && resource.storage !== '/persistentvolumeclaims') || (isPod && old)) return
  for (const limits of limitsIn(object.metadata.namespace ?? '', context)) {
    const problems = limits.flatMap((limit) => (isPod ? podProblems(limit, object) : claimProblems(limit, object)))
    const texts = [...new Set(problems)]
    if (texts.length > 0)
      throw forbiddenError(resource, object.metadata.name, texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
  }
}

function claimProblems(limit: Fields, claim: KubernetesObject): string[] {
  if (limit['type'] !== 'PersistentVolumeClaim') return []
  const requests = amountsOf(fieldsOf(fieldsOf(claim['spec'])['resources'])['requests'])
  const problem = (name: string, bound: Quantity, which: 'minimum' | 'maximum'): string[] => {
    const head = `${which} ${name} usage per PersistentVolumeClaim is ${formatQuantity(bound)}`
    const asked = requests.get(name)
    if (!asked) return [`${head}.  No request is specified`]
    const order = compareQuantities(asked, bound)
    return (which === 'minimum' ? order < 0 : order > 0) ? [`${head}, but request is ${formatQuantity(asked)}`] : []
  }
  return [
    ...[...amountsOf(limit['min'])].flatMap(([name, bound]) => problem(name, bound, 'minimum')),
    ...[...amountsOf(limit['max'])].flatMap(([name, bound]) => problem(name, bound, 'maximum')),
  ]
}

function podProblems(limit: Fields, pod: KubernetesObject): string[] {
  if (limit['type'] === 'Pod') return amountProblems(limit, 'Pod', podAmounts(pod, 'requests'), podAmounts(pod, 'limits'))
  if (limit['type'] !== 'Container') return []
  return [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')].flatMap((container) =>
    amountProblems(limit, 'Container', containerAmounts(container, 'requests'), containerAmounts(container, 'limits')),
  )
}

function amountProblems(limit: Fields, type: string, requests: Amounts, limits: Amounts): string[] {
  const problems: string[] = []
  for (const [name, bound] of amountsOf(limit['min'])) {
    const head = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`
    const [request, limited] = [requests.get(name), limits.get(name)]
    if (!request) problems.push(`${head}.  No request is specified`)
    else if (compareQuantities(request, bound) < 0) problems.push(`${head}, but request is ${formatQuantity(request)}`)
    else if (limited && compareQuantities(limited, bound) < 0) problems.push(`${head}, but limit is ${formatQuantity(limited)}`)
  }
  for (const [name, bound] of amountsOf(limit['max'])) {
    const head = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`
    const [request, limited] = [requests.get(name), limits.get(name)]
    if (!limited) problems.push(`${head}.  No limit is specified`)
    else if (compareQuantities(limited, bound) > 0) problems.push(`${head}, but limit is ${formatQuantity(limited)}`)
    else if (request && compareQuantities(request, bound) > 0) problems.push(`${head}, but request is ${formatQuantity(request)}`)
  }
  for (const [name, bound] of amountsOf(limit['maxLimitRequestRatio'])) {
    const head = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`
    const request = requests.get(name)
    const limited = limits.get(name)
    if (!request || request.nano === 0n) problems.push(`${head}, but no request is specified or request is 0`)
    else if (!limited || limited.nano === 0n) problems.push(`${head}, but no limit is specified or limit is 0`)
    else {
      const ratio = Number(limited.nano) / Number(request.nano)
      if (ratio * 1e9 > Number(bound.nano)) problems.push(`${head}, but provided ratio is ${ratio.toFixed(6)}`)
    }
  }
  return problems
}
