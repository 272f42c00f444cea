/**
 * Exclusive lists: lists in which an item that nobody rendered is a mistake.
 *
 * Server-side apply merges lists by key, so after somebody renames a container or edits a Service port, applying again puts our item next
 * to theirs; with two ports of one name the server refuses that for ever. In the lists of this closed table a foreign item is therefore
 * removed, and only where the body has the list at all. Nothing under metadata or status is ever in it.
 */
import type { JsonValue, KubernetesObject } from '../api/object.ts'
import { type Excluded, isItem, type Item } from './alternatives.ts'
import { podSpecPath } from './pod-spec.ts'

type Path = readonly (string | number)[]

interface ExclusiveList {
  field: string
  keys: readonly string[]
  /** Lists inside of each item. */
  inner?: readonly ExclusiveList[]
}

const containerLists: readonly ExclusiveList[] = [
  { field: 'env', keys: ['name'] },
  { field: 'ports', keys: ['containerPort', 'protocol'] },
  { field: 'volumeDevices', keys: ['devicePath'] },
  { field: 'volumeMounts', keys: ['mountPath'] },
]
const podLists: readonly ExclusiveList[] = [
  { field: 'containers', keys: ['name'], inner: containerLists },
  { field: 'initContainers', keys: ['name'], inner: containerLists },
  { field: 'volumes', keys: ['name'] },
]
const serviceLists: readonly ExclusiveList[] = [{ field: 'ports', keys: ['port', 'protocol'] }]

interface Place {
  at: Path
  lists: readonly ExclusiveList[]
}

/** Defaults that the server fills into keys. (core/v1 ContainerPort and ServicePort) */
const keyDefaults: Readonly<Record<string, JsonValue>> = { protocol: 'TCP' }

/** An item in the live object that stands in one of our lists and is not ours. */
export interface ForeignItem {
  list: Path
  index: number
  /** The item's key, e.g. `{ port: 9999, protocol: 'TCP' }`. */
  key: Item
}

/** The foreign items of a live object, outer lists first. What is inside of a foreign item is not looked at. */
export function foreignItems(body: KubernetesObject, live: KubernetesObject): ForeignItem[] {
  const place = placeOf(body)
  if (!place) return []
  const wanted = at(body, place.at)
  const found = at(live, place.at)
  return isItem(wanted) && isItem(found) ? place.lists.flatMap((list) => foreignIn(list, wanted, found, place.at)) : []
}

/** The item itself. */
export const contentOf = (live: KubernetesObject, { list, index }: ForeignItem): unknown => at(live, [...list, index])

function foreignIn(list: ExclusiveList, wanted: Item, found: Item, path: Path): ForeignItem[] {
  const [ours, theirs] = [wanted[list.field], found[list.field]]
  if (!isItems(ours) || !isItems(theirs)) return []
  const at = [...path, list.field]
  return theirs.flatMap((item, index) => {
    const same = ours.find((candidate) => sameKey(list, candidate, item))
    if (!same) return [{ list: at, index, key: keyOf(list, item) }]
    return (list.inner ?? []).flatMap((inner) => foreignIn(inner, same, item, [...at, index]))
  })
}

/** One operation of a JSON patch. (RFC 6902) */
export type PatchOperation = { op: 'test' | 'add' | 'replace'; path: string; value: JsonValue } | { op: 'remove'; path: string }

/** What of a live object is to go. */
export interface Unwanted {
  /** Foreign items for which it answers true are kept. */
  stays: (item: ForeignItem) => boolean
  /** Fields that exclude ours. */
  excluded: readonly Excluded[]
}

/**
 * The JSON patch that puts our items in the place of the foreign ones: each list that has any becomes our items in our order, followed by
 * the foreign items that `stays` keeps; a mount of a volume that goes is put right with it. Where fields exclude ours, ours take their
 * place. Bound by tests on the object's UID, on the key of every foreign item that goes, and on the fields that go.
 */
export function repairPatch(body: KubernetesObject, live: KubernetesObject, { stays, excluded }: Unwanted): PatchOperation[] {
  const going = foreignItems(body, live).filter((item) => !stays(item))
  if (going.length + excluded.length === 0) return []
  const tests = [
    ...going.flatMap(({ list, index, key }) => Object.entries(key).map(([name, value]) => testOf([...list, index, name], value))),
    ...excluded.flatMap(({ path, found, fields }) => fields.map(({ name }) => testOf([...path, name], found[name] as JsonValue))),
  ]
  const cleaned = excluded.reduce<unknown>(withoutFields, live)
  const place = placeOf(body)
  const gone = volumesIn(going)
  const mounts = place ? mountsOf(gone, { body, live, place }) : []
  const lists = new Map([...going.map(({ list }) => list), ...mounts].map((list) => [pointer(list), list]))
  // Its items move when an outer list is replaced, so what is inside of them is repaired with it.
  const outermost = [...lists.values()].filter((list) => !lists.has(pointer(list.slice(0, -2))))
  const replacements = outermost.map((list): PatchOperation => {
    const ours = at(bodyOf(body, live, place as Place, list), [list.at(-1) as string]) as Item[] | undefined
    const found = at(cleaned, list) as Item[]
    // Mounts where we have none are others', as long as there is what they mount.
    const kept = ours ? stays : ({ index }: ForeignItem) => !gone.has(found[index]?.['name'])
    return {
      op: 'replace',
      path: pointer(list),
      value: repaired(listOf(place as Place, list), ours ?? [], found, { path: list, stays: kept }),
    }
  })
  const alone = excluded.filter(({ path }) => !outermost.some((list) => list.every((step, depth) => path[depth] === step)))
  const settled = alone.map(
    ({ path, ours }): PatchOperation => ({ op: 'replace', path: pointer(path), value: over(at(cleaned, path) as Item, ours) }),
  )
  return [testOf(['metadata', 'uid'], live.metadata.uid as string), ...tests, ...replacements, ...settled]
}

const testOf = (path: Path, value: JsonValue): PatchOperation => ({ op: 'test', path: pointer(path), value })

const volumesIn = (items: readonly ForeignItem[]): ReadonlySet<JsonValue | undefined> =>
  new Set(items.flatMap(({ list, key }) => (list.at(-1) === 'volumes' ? [key['name']] : [])))

/** The lists of mounts in our containers that name one of these volumes: the server refuses a mount of nothing. */
function mountsOf(
  volumes: ReadonlySet<JsonValue | undefined>,
  { body, live, place }: { body: KubernetesObject; live: KubernetesObject; place: Place },
): Path[] {
  return ['containers', 'initContainers'].flatMap((field) => {
    const [ours, found] = [at(body, [...place.at, field]), at(live, [...place.at, field])]
    if (!isItems(ours) || !isItems(found)) return []
    return found.flatMap(({ name: container, volumeMounts }, index): Path[] =>
      ours.some(({ name }) => name === container) && isItems(volumeMounts) && volumeMounts.some(({ name }) => volumes.has(name))
        ? [[...place.at, field, index, 'volumeMounts']]
        : [],
    )
  })
}

/** A copy, as far as it differs, without what excludes our fields. */
function withoutFields(object: unknown, { path, fields }: Pick<Excluded, 'path' | 'fields'>): unknown {
  const [step, ...rest] = path
  if (step !== undefined) {
    const changed = withoutFields((object as Item)[step], { path: rest, fields })
    return Array.isArray(object) ? object.with(Number(step), changed) : { ...(object as Item), [step]: changed }
  }
  const names = fields.map(({ name }) => name)
  return Object.fromEntries(Object.entries(object as Item).filter(([name]) => !names.includes(name)))
}

/** Our items in our order, each over the live item of its key so that fields of others stay; then the foreign items that stay. */
function repaired(
  list: ExclusiveList,
  ours: readonly Item[],
  live: readonly Item[],
  { path, stays }: { path: Path; stays: (item: ForeignItem) => boolean },
): Item[] {
  const kept = live.filter(
    (item, index) => !ours.some((wanted) => sameKey(list, wanted, item)) && stays({ list: path, index, key: keyOf(list, item) }),
  )
  const put = ours.map((item) => {
    const index = live.findIndex((candidate) => sameKey(list, item, candidate))
    const found = live[index]
    if (!found) return item
    const inner = (list.inner ?? []).flatMap((each) => {
      const [wanted, there] = [item[each.field], found[each.field]]
      return isItems(wanted) && isItems(there)
        ? [[each.field, repaired(each, wanted, there, { path: [...path, index, each.field], stays })]]
        : []
    })
    return { ...over(found, item), ...Object.fromEntries(inner) }
  })
  return [...put, ...kept]
}

/** Our fields over the live ones, maps by key. */
function over(live: Item, ours: Item): Item {
  const merged: Record<string, JsonValue> = { ...live }
  for (const [field, value] of Object.entries(ours)) {
    const found = merged[field]
    merged[field] = isItem(value) && isItem(found) ? over(found, value) : value
  }
  return merged
}

/** The item of the body that holds the list at this live path: indexes of the live object are translated by key. */
function bodyOf(body: KubernetesObject, live: KubernetesObject, place: Place, list: Path): unknown {
  if (list.length === place.at.length + 1) return at(body, place.at)
  const [field, index] = [list[place.at.length] as string, list[place.at.length + 1] as number]
  const outer = place.lists.find((candidate) => candidate.field === field) as ExclusiveList
  const item = (at(live, [...place.at, field]) as Item[])[index] as Item
  return (at(body, [...place.at, field]) as Item[]).find((candidate) => sameKey(outer, candidate, item))
}

function listOf(place: Place, list: Path): ExclusiveList {
  const outer = place.lists.find(({ field }) => field === list[place.at.length]) as ExclusiveList
  return list.length === place.at.length + 1 ? outer : (outer.inner?.find(({ field }) => field === list.at(-1)) as ExclusiveList)
}

function placeOf(body: KubernetesObject): Place | undefined {
  if (body.apiVersion === 'v1' && body.kind === 'Service') return { at: ['spec'], lists: serviceLists }
  const pod = podSpecPath(body)
  return pod && { at: pod, lists: podLists }
}

const keyOf = (list: ExclusiveList, item: Item): Item =>
  Object.fromEntries(list.keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])))

const sameKey = (list: ExclusiveList, one: Item, other: Item): boolean =>
  list.keys.every((key) => (one[key] ?? keyDefaults[key]) === (other[key] ?? keyDefaults[key]))

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, step) => (isItem(node) || Array.isArray(node) ? (node as Item)[step] : undefined), value)

/** A path as a JSON pointer. (RFC 6901) */
export const pointer = (path: Path): string => path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const isItems = (value: unknown): value is Item[] => Array.isArray(value) && value.every(isItem)
