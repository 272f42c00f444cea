/**
 * Bodies that are almost right: objects made after a type's own schema, and objects in which something was put where it does not belong.
 *
 * Values are JSON texts, since only a text can name `__proto__` and say a field twice.
 */
import type { Schema } from '../../../src/sandbox/schema/schema.ts'
import type { Chance } from './chance.ts'

const hostileNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'a.b',
  'a/b',
  '~0',
  'ключ',
  '\ud800',
  '$ref',
  'f:a',
  '.',
]

const hostileTexts = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '../..',
  '%00',
  '%s%d%!',
  '\u0000',
  '\u0007\u001b[31m',
  '\ud800',
  '\udfff\ud800',
  'ﷺ',
  '😀'.repeat(70),
  'a'.repeat(64),
  'a'.repeat(254),
  'x'.repeat(70_000),
  '-1',
  '1e400',
  '0x10',
  '1Ki',
  '-5Ei',
  '99999999999999999999999999',
  '1.5.5',
  '2026-01-01T00:00:00Z',
  '2026-13-45T99:99:99Z',
  '9999-12-31T23:59:59.999999999Z',
  '0000-00-00T00:00:00Z',
  '25%',
  '-25%',
  '150%',
  '::1',
  '10.0.0.0/99',
  '300.1.1.1',
  'Zm9v',
  'Zm9v====',
  '{{.}}',
  '(a+)+$',
  '[',
  '.metadata.name',
  'self.',
  'self == self',
  'TCP',
  'IfNotPresent',
  'Always',
  '* * * * *',
  'TZ=Nowhere * * * * *',
  '\n',
  'a\r\nb: c',
]

const hostileNumbers = [
  '0',
  '-0',
  '-1',
  '1',
  '80',
  '65536',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
  '1.5',
  '1e3',
  '1e400',
  '-1e-400',
  '1E+2',
  '0.1e1',
  '123456789012345678901234567890',
]

/** A value of any kind, as JSON text. */
export function anything(chance: Chance, depth = 0): string {
  const width = (): number => chance.integer(4)
  switch (chance.integer(depth > 4 ? 5 : 8)) {
    case 0:
      return 'null'
    case 1:
      return chance.pick(['true', 'false'])
    case 2:
      return chance.pick(hostileNumbers)
    case 3:
    case 4:
      return JSON.stringify(chance.pick(hostileTexts))
    case 5:
      return `[${Array.from({ length: width() }, () => anything(chance, depth + 1)).join(',')}]`
    case 6:
      return `{${Array.from({ length: width() }, () => `${JSON.stringify(anyName(chance))}:${anything(chance, depth + 1)}`).join(',')}}`
    default:
      return nested(chance)
  }
}

export const anyName = (chance: Chance): string => (chance.one(0.5) ? chance.pick(hostileNames) : chance.pick(hostileTexts))

function nested(chance: Chance): string {
  const depth = chance.pick([1, 20, 200, 3000, 9_990, 12_000])
  const [open, close] = chance.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"spec":', '}'],
    ['{"properties":{"a":', '}}'],
  ] as const)
  return `${open.repeat(depth)}1${close.repeat(depth)}`
}

const likelyTexts = [
  'a',
  'web',
  'nginx:1',
  'a.example.com',
  'TCP',
  'Always',
  'Never',
  'OnFailure',
  'Pod',
  'v1',
  'apps/v1',
  'http',
  '10.96.0.77',
  'ReadWriteOnce',
  'ClusterIP',
  'None',
  'In',
  'Exists',
  '/a',
]

/** A value of this schema, as JSON text; now and then something else. */
export function valueOf(schema: Schema, chance: Chance, depth = 0): string {
  if (chance.one(0.03)) return anything(chance)
  switch (schema.kind) {
    case 'struct': {
      const members: string[] = []
      for (const field of schema.fields.values()) {
        if (field.required ? chance.one(0.05) : !chance.one(depth > 6 ? 0.02 : depth > 2 ? 0.2 : 0.35)) continue
        members.push(`${JSON.stringify(field.name)}:${valueOf(field.schema, chance, depth + 1)}`)
      }
      if (chance.one(0.04)) members.push(`${JSON.stringify(anyName(chance))}:${anything(chance)}`)
      return `{${members.join(',')}}`
    }
    case 'map':
      return `{${Array.from({ length: chance.integer(3) }, () => `${JSON.stringify(chance.one(0.1) ? anyName(chance) : chance.pick(likelyTexts))}:${valueOf(schema.values, chance, depth + 1)}`).join(',')}}`
    case 'list':
      return `[${Array.from({ length: depth > 6 ? 0 : chance.integer(3) }, () => valueOf(schema.items, chance, depth + 1)).join(',')}]`
    case 'any':
      return schema.either && chance.one(0.5) && depth < 8 ? valueOf(schema.either.struct, chance, depth + 1) : anything(chance, depth)
    case 'scalar':
      return scalar(schema.type, chance)
  }
}

function scalar(type: Extract<Schema, { kind: 'scalar' }>['type'], chance: Chance): string {
  switch (type) {
    case 'string':
    case 'duration':
      return JSON.stringify(chance.one(0.85) ? chance.pick(likelyTexts) : chance.pick(hostileTexts))
    case 'integer':
    case 'number':
      return chance.one(0.7) ? String(chance.integer(100)) : chance.pick(hostileNumbers)
    case 'boolean':
      return chance.pick(['true', 'false'])
    case 'intOrString':
      return chance.one(0.5) ? String(chance.integer(100)) : JSON.stringify(chance.pick(['25%', 'http', ...hostileTexts]))
    case 'quantity':
      return JSON.stringify(chance.pick(['1', '100m', '1Gi', '0', '-1', '1e3', '1.5Ki', '9999999999999999999Ei', ...hostileTexts]))
    case 'time':
    case 'microTime':
      return JSON.stringify(
        chance.pick(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z', '1969-01-01T00:00:00+23:59', ...hostileTexts]),
      )
    case 'bytes':
      return JSON.stringify(chance.pick(['', 'Zm9v', 'Zm9', '!!', ...hostileTexts]))
  }
}

/** The text with one value, or more, replaced, taken out, doubled or renamed; as it is where it is no JSON, or too deep for a walk. */
export function mutated(text: string, chance: Chance): string {
  try {
    return changed(JSON.parse(text), chance)
  } catch {
    return text
  }
}

function changed(value: unknown, chance: Chance): string {
  const places = countValues(value)
  const changes = new Set(Array.from({ length: 1 + chance.integer(3) }, () => chance.integer(places)))
  let at = 0
  const write = (each: unknown): string => {
    if (changes.has(at++)) return anything(chance)
    if (Array.isArray(each)) return `[${each.map(write).join(',')}]`
    if (typeof each !== 'object' || each === null) return JSON.stringify(each)
    const members = Object.entries(each).map(([name, member]) => {
      const field = `${JSON.stringify(chance.one(0.01) ? anyName(chance) : name)}:${write(member)}`
      return chance.one(0.01) ? '' : chance.one(0.01) ? `${field},${field}` : field
    })
    if (chance.one(0.03)) members.push(`${JSON.stringify(anyName(chance))}:${anything(chance)}`)
    return `{${members.filter((member) => member !== '').join(',')}}`
  }
  return write(value)
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const member of Object.values(value)) count += countValues(member)
  return count
}

/** The text cut, or with a character changed, or with something before or after it. */
export function damaged(text: string, chance: Chance): string {
  const at = chance.integer(text.length + 1)
  switch (chance.integer(5)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return (
        text.slice(0, at) +
        chance.pick(['"', '{', '}', ',', ':', '\\', '\u0000', '\ud800', '&a', '*a', '!!js/function', '\n', '\t', '- ', '[']) +
        text.slice(at)
      )
    case 2:
      return text.slice(at)
    case 3:
      return `\ufeff${text}`
    default:
      return text + text
  }
}
