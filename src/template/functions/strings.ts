/** Strings. JavaScript's own methods (`toUpperCase`, `split`, `replaceAll`, `padStart`, …) are there as well. */
import { Refusal, type LibraryFunction } from './signature.ts'

const text = { name: 'text', type: 'string' } as const

/** The words of a name, whichever way it is spelt: `HTTPServer_v2 port` → HTTP, Server, v2, port. */
const wordsOf = (name: string): string[] => name.match(/\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[\p{Ll}\p{Lo}\p{N}]+/gu) ?? []

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()

/** Cuts by code points, so that no half of a surrogate pair is left over. */
const cut = (value: string, length: number): string => (value.length <= length ? value : Array.from(value).slice(0, length).join(''))

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

export const stringFunctions: readonly LibraryFunction[] = [
  {
    name: 'trunc',
    summary: 'The first `length` characters.',
    parameters: [text, { name: 'length', type: 'count' }],
    result: 'string',
    examples: [
      { call: "trunc('checkout', 5)", gives: 'check' },
      { call: "trunc('shop', 63)", gives: 'shop' },
      {
        call: "trunc('shop', -1)",
        refused: 'trunc(text, length): "length" must be a whole number that is not negative, not the number -1',
      },
    ],
    create: () => cut,
  },
  {
    name: 'trimPrefix',
    summary: 'The text without `prefix` at its start, if it is there.',
    parameters: [text, { name: 'prefix', type: 'string' }],
    result: 'string',
    examples: [{ call: "trimPrefix('v1.36.3', 'v')", gives: '1.36.3' }],
    create: () => (value: string, prefix: string) => (value.startsWith(prefix) ? value.slice(prefix.length) : value),
  },
  {
    name: 'trimSuffix',
    summary: 'The text without `suffix` at its end, if it is there.',
    parameters: [text, { name: 'suffix', type: 'string' }],
    result: 'string',
    examples: [{ call: "trimSuffix('shop-', '-')", gives: 'shop' }],
    create: () => (value: string, suffix: string) => (suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value),
  },
  {
    name: 'kebabCase',
    summary: 'The words in lower case, joined by hyphens.',
    parameters: [text],
    result: 'string',
    examples: [
      { call: "kebabCase('maxOpenFiles')", gives: 'max-open-files' },
      { call: "kebabCase('HTTPServer v2')", gives: 'http-server-v2' },
    ],
    create: () => (value: string) => wordsOf(value).join('-').toLowerCase(),
  },
  {
    name: 'snakeCase',
    summary: 'The words in lower case, joined by underscores.',
    parameters: [text],
    result: 'string',
    examples: [{ call: "snakeCase('maxOpenFiles').toUpperCase()", gives: 'MAX_OPEN_FILES' }],
    create: () => (value: string) => wordsOf(value).join('_').toLowerCase(),
  },
  {
    name: 'camelCase',
    summary: 'The words joined, each but the first with a capital letter.',
    parameters: [text],
    result: 'string',
    examples: [{ call: "camelCase('max-open-files')", gives: 'maxOpenFiles' }],
    create: () => (value: string) =>
      wordsOf(value)
        .map((word, index) => (index === 0 ? word.toLowerCase() : capital(word)))
        .join(''),
  },
  {
    name: 'dnsName',
    summary:
      'A DNS label (lower-case letters, digits, hyphens, at most 63 characters) of the parts, joined by hyphens. ' +
      'Where something had to be changed or cut, a hash of the parts is appended, so that different parts never give the same name.',
    parameters: [{ name: 'parts', type: 'text', rest: true }],
    result: 'string',
    examples: [
      { call: "dnsName('shop', 'web', 0)", gives: 'shop-web-0' },
      { call: "dnsName('My Shop')", gives: 'my-shop-b14e7670' },
      { call: "dnsName('a'.repeat(70), 'web').length", gives: 63 },
    ],
    create:
      ({ sha256 }) =>
      (...parts: (string | number | boolean)[]) => {
        if (parts.length === 0) throw new Refusal('a name needs at least one part')
        const name = parts.join('-')
        if (name.length <= 63 && label.test(name)) return name
        const hash = sha256(name).slice(0, 8)
        const safe = name
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .slice(0, 54)
          .replaceAll(/^-+|-+$/g, '')
        return safe === '' ? hash : `${safe}-${hash}`
      },
  },
  {
    name: 'ordinalOf',
    summary: 'The ordinal of a StatefulSet’s pod or volume claim, from its name or from a URL of its host.',
    parameters: [text],
    result: 'number',
    examples: [
      { call: "ordinalOf('data-main-2')", gives: 2 },
      { call: "ordinalOf('https://main-0.main.prod.svc:2380')", gives: 0 },
      { call: "ordinalOf('main')", refused: 'ordinalOf: the name does not end in a hyphen and a number' },
    ],
    create: () => (value: string) => {
      const host = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split(/[.:/]/, 1)[0] as string
      const match = /-(\d{1,10})$/.exec(host)
      if (!match) throw new Refusal('the name does not end in a hyphen and a number')
      return Number(match[1])
    },
  },
]
