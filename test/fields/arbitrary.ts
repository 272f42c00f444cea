/** Random bodies together with the set that the API server would store for them, and random sets. */
import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/api/object.ts'
import { field, index, item, type Path, type PathElement, value } from '../../src/fields/path.ts'
import { type FieldSet, fromPaths } from '../../src/fields/set.ts'

/** Names that have a meaning in JavaScript, in paths or on the wire, beside ordinary ones. */
export const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'name',
    'port',
    'spec',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '.',
    'f:x',
    'k:{}',
    'a.b/c',
    '"q"',
    '',
    '0',
    'ü',
    '😀',
    '[',
    'metadata',
    'kind',
  ),
  fc.string({ maxLength: 4 }),
)
export const scalar = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -3, max: 300 }),
  fc.boolean(),
  fc.constantFrom('TCP', '0.5', '__proto__'),
)
const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
const sample = (body: JsonValue, paths: Path[]): Sample => ({ body, paths })

/** A body and the paths of it. `optional` is what a server may or may not give a path, so it is left out of `paths`. */
export interface Sample {
  body: JsonValue
  paths: Path[]
}

const below = (element: PathElement, paths: readonly Path[]): Path[] => paths.map((path) => [element, ...path])
const object = (entries: readonly (readonly [string, JsonValue | undefined])[]): JsonObject => Object.fromEntries(entries)

const members = (inner: fc.Arbitrary<Sample>, minLength: number) =>
  fc.uniqueArray(fc.tuple(name, inner), { selector: ([key]) => key, minLength, maxLength: 4 })

const { struct: structs, map: maps } = fc.letrec<{ sample: Sample; struct: Sample; map: Sample; items: Sample; ports: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: 'small' as const, withCrossShrink: true },
    scalar.map((body) => sample(body, [[]])),
    fc.constant(sample(null, [[]])),
    fc.constant(sample({}, [[]])),
    fc.constant(sample([], [])),
    fc.constant(sample([], [[]])),
    json.map((body) => sample(body, [[]])),
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 4, selector: (of) => JSON.stringify(of) }).map((body) =>
      sample(
        body,
        body.map((of) => [value(of)]),
      ),
    ),
    tie('struct'),
    tie('map'),
    tie('items'),
    tie('ports'),
  ),
  /** Declared fields: the struct itself has no path. */
  struct: members(tie('sample'), 1).map((entries) => ({
    body: object(entries.map(([key, { body }]) => [key, body])),
    paths: entries.flatMap(([key, { paths }]) => below(field(key), paths)),
  })),
  /** Free names: each element is owned itself, too. */
  map: members(tie('sample'), 1).map((entries) => ({
    body: object(entries.map(([key, { body }]) => [key, body])),
    paths: entries.flatMap(([key, { paths }]) => below(field(key), [[], ...paths])),
  })),
  /** An associative list with one key field. */
  items: fc
    .tuple(name, fc.uniqueArray(fc.tuple(scalar, tie('struct')), { selector: ([key]) => JSON.stringify(key), minLength: 1, maxLength: 4 }))
    .map(([keyName, entries]) => ({
      body: entries.map(([key, { body }]) => object([...Object.entries(body as JsonObject), [keyName, key]])),
      paths: entries.flatMap(([key, { paths }]) =>
        below(item(object([[keyName, key]])), [
          [],
          [field(keyName)],
          ...paths.filter(([first]) => first?.kind !== 'field' || first.name !== keyName),
        ]),
      ),
    })),
  /** An associative list with two key fields, of which the second has a default. */
  ports: fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('TCP', 'UDP', undefined), tie('sample')), {
      selector: ([port, protocol]) => `${port} ${protocol ?? 'TCP'}`,
      minLength: 1,
      maxLength: 4,
    })
    .map((entries) => ({
      body: entries.map(([port, protocol, { body }]) => ({ ...(protocol && { protocol }), port, target: body })),
      paths: entries.flatMap(([port, protocol, { paths }]) =>
        below(item({ port, protocol: protocol ?? 'TCP' }), [
          [],
          [field('port')],
          ...(protocol ? [[field('protocol')]] : []),
          ...below(field('target'), paths),
        ]),
      ),
    })),
}))

const identity: JsonObject = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', namespace: 'y', uid: 'z', resourceVersion: '1' } }

/** A whole object as it would be sent, with the set that it would have. Names that the root does not track are not among its fields. */
export const applied: fc.Arbitrary<{ body: JsonObject; set: FieldSet }> = fc.oneof(structs, maps).map(({ body, paths }) => ({
  body: object([...Object.entries(identity), ['spec', body]]),
  set: fromPaths(below(field('spec'), paths)),
}))

const element: fc.Arbitrary<PathElement> = fc.oneof(
  { arbitrary: name.map(field), weight: 4 },
  fc.dictionary(name, scalar, { minKeys: 1, maxKeys: 2, noNullPrototype: true }).map((key) => item(key)),
  scalar.map(value),
  fc.nat(3).map(index),
)
export const path: fc.Arbitrary<Path> = fc.array(element, { minLength: 1, maxLength: 3 })
export const fieldSets: fc.Arbitrary<FieldSet> = fc.array(path, { maxLength: 6 }).map(fromPaths)
