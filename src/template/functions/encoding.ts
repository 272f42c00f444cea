/** Texts in other forms: base64, JSON, YAML, and digests. */
import { encodeBase64 } from '../../api/base64.ts'
import { canonicalJson } from '../../api/canonical.ts'
import { parseYaml } from '../../yaml/read.ts'
import { writeYaml } from '../../yaml/write.ts'
import { type LibraryFunction, Refusal } from './signature.ts'

const text = { name: 'text', type: 'string' } as const
const value = { name: 'value', type: 'any' } as const

function fromBase64(encoded: string): string {
  let bytes: string
  try {
    bytes = atob(encoded)
  } catch {
    throw new Refusal('the text is not base64')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
  } catch {
    throw new Refusal('the decoded bytes are not UTF-8 text')
  }
}

function fromJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw new Refusal('the text is not JSON')
  }
}

function fromYaml(content: string): unknown {
  const { values, problems } = parseYaml('', content)
  if (problems.length > 0 || values.length > 1) throw new Refusal('the text is not one YAML document')
  return values[0] ?? null
}

export const encodingFunctions: readonly LibraryFunction[] = [
  {
    name: 'base64Encode',
    summary: 'The UTF-8 bytes of a text as base64.',
    parameters: [text],
    result: 'string',
    examples: [{ call: "base64Encode('pässword')", gives: 'cMOkc3N3b3Jk' }],
    create: () => encodeBase64,
  },
  {
    name: 'base64Decode',
    summary: 'The UTF-8 text that base64 holds.',
    parameters: [text],
    result: 'string',
    examples: [
      { call: "base64Decode('cMOkc3N3b3Jk')", gives: 'pässword' },
      { call: "base64Decode('*')", refused: 'base64Decode: the text is not base64' },
    ],
    create: () => fromBase64,
  },
  {
    name: 'urlEncode',
    summary: 'The text as it may stand in one part of a URL.',
    parameters: [text],
    result: 'string',
    examples: [{ call: "urlEncode('a b/c?d')", gives: 'a%20b%2Fc%3Fd' }],
    create: () => (content: string) => encodeURIComponent(content.toWellFormed()),
  },
  {
    name: 'toJson',
    summary: 'JSON on one line; with `indent`, on several, with so many spaces a level.',
    parameters: [value, { name: 'indent', type: 'count', optional: true }],
    result: 'string',
    examples: [{ call: 'toJson({ b: [1, null] })', gives: '{"b":[1,null]}' }],
    create:
      () =>
      (structure: unknown, indent = 0) =>
        JSON.stringify(structure, null, indent),
  },
  {
    name: 'fromJson',
    summary: 'The value that a JSON text holds.',
    parameters: [text],
    result: 'any value',
    examples: [
      { call: 'fromJson(\'{"a":1}\')', gives: { a: 1 } },
      { call: "fromJson('{')", refused: 'fromJson: the text is not JSON' },
    ],
    create: () => fromJson,
  },
  {
    name: 'toYaml',
    summary: 'YAML in block style. For files inside a ConfigMap: in a template, a value needs no text form.',
    parameters: [value],
    result: 'string',
    examples: [{ call: "toYaml({ log: { level: 'on' } })", gives: "log:\n  level: 'on'\n" }],
    create: () => writeYaml,
  },
  {
    name: 'fromYaml',
    summary: 'The value that a text with one YAML document holds.',
    parameters: [text],
    result: 'any value',
    examples: [
      { call: "fromYaml('a: [1, two]')", gives: { a: [1, 'two'] } },
      { call: "fromYaml('a: [')", refused: 'fromYaml: the text is not one YAML document' },
    ],
    create: () => fromYaml,
  },
  {
    name: 'textOf',
    summary: 'A value as text: strings as they are, numbers and booleans as JSON has them, maps and lists as YAML.',
    parameters: [value],
    result: 'string',
    examples: [
      { call: 'textOf(8080)', gives: '8080' },
      { call: 'textOf({ a: 1 })', gives: 'a: 1\n' },
    ],
    create: () => (content: unknown) =>
      typeof content === 'string'
        ? content
        : typeof content === 'object' && content !== null
          ? writeYaml(content)
          : JSON.stringify(content),
  },
  {
    name: 'sha256',
    summary: 'The SHA-256 of the UTF-8 bytes of a text, in hexadecimal.',
    parameters: [text],
    result: 'string',
    examples: [{ call: "sha256('')", gives: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }],
    create: ({ sha256 }) => sha256,
  },
  {
    name: 'digest',
    summary:
      'A hash of what a value holds, whatever the order of its keys: 64 hexadecimal digits, or the first `length` of them. ' +
      'As an annotation of a pod template it restarts pods when the value changes.',
    parameters: [value, { name: 'length', type: 'count', optional: true }],
    result: 'string',
    examples: [
      { call: 'digest({ a: 1, b: 2 }) === digest({ b: 2, a: 1 })', gives: true },
      { call: 'digest({ a: 1 }, 8)', gives: '015abd7f' },
    ],
    create:
      ({ sha256 }) =>
      (content: unknown, length = 64) =>
        sha256(canonicalJson(content)).slice(0, length),
  },
]
