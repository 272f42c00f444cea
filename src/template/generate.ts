/** `generate.password(name, options)` and its siblings: values that are made once, read from the snapshot of inputs. */
import { nearest } from '../api/nearest.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { isSecret } from '../reconcile/desired.ts'
import type { Inputs, RenderedDocument } from '../reconcile/program.ts'
import {
  type Generated,
  generatedParts,
  generatedSecretNames,
  type GeneratedSort,
  type GenerateNeed,
  optionsText,
} from '../reconcile/generated.ts'
import { NeedsError, TemplateError } from './error.ts'
import { generateSignatures, generateOptions } from './functions/generate.ts'
import { checkArguments, FunctionError } from './functions/signature.ts'
import { decodedText, isSecretHandle, secretHandle } from './secret.ts'
import { type ReadObserver, unwrap, view } from './view.ts'

export interface GenerateOptions {
  /** What each name stands for that was used so far: its sort and its options. */
  names: Map<string, string>
  values: Readonly<Record<string, Generated>>
  /** A value that is there holds, whatever it was made for. */
  asKept: boolean
  need: (need: GenerateNeed) => void
  /** Where the primary is; its values are kept there. */
  namespace: string | undefined
  /** The name of the Secret in which they are. */
  keptIn: string
  readSecret: () => void
  /** Whether the text holds what reveal() gave. */
  isRevealed: (text: string) => boolean
  /** The Secret of this name in the primary's namespace: throws where it is not known. */
  secretNamed: (name: string) => KubernetesObject | undefined
  observer: ReadObserver
}

const nameSyntax = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** The functions of `generate`; they see to it that a name stands for one value. */
export function generateFunctions(options: GenerateOptions): Readonly<Record<GeneratedSort, (...values: unknown[]) => unknown>> {
  const functions = Object.keys(generatedParts).map((sort) => [
    sort,
    (...values: unknown[]) => generated(sort as GeneratedSort, values, options),
  ])
  return Object.freeze(Object.fromEntries(functions)) as Readonly<Record<GeneratedSort, (...values: unknown[]) => unknown>>
}

function generated(sort: GeneratedSort, args: unknown[], options: GenerateOptions): unknown {
  checkArguments(generateSignatures[sort], args)
  const [name, given = {}] = args as [string, Record<string, unknown>?]
  if (options.namespace === undefined)
    throw new TemplateError('TEMPLATE_VALUE', `generate.${sort}: a cluster-scoped custom resource has no namespace to keep values in`)
  if (!nameSyntax.test(name)) throw new FunctionError(`generate.${sort}: a name has lower-case letters, digits and dashes`)
  // It is a key that everybody sees who may list the keys of a Secret, and is told.
  if (options.isRevealed(name)) throw new FunctionError(`generate.${sort}: a name cannot hold what reveal() gave`)
  const { adopt, ...asked } = checkedOptions(sort, unwrap(given) as Record<string, unknown>)
  const text = optionsText(asked as JsonObject)
  const meaning = `${sort} ${text}`
  const { names } = options
  if ((names.get(name) ?? meaning) !== meaning)
    throw new TemplateError('TEMPLATE_VALUE', `generate.${sort}("${name}"): the name stands for another value already`, {
      remedy: 'use another name',
    })
  const issuer = asked['ca']
  if (typeof issuer === 'string' && !isAuthority(issuer, options))
    throw new TemplateError('TEMPLATE_VALUE', `generate.certificate("${name}"): there is no generate.ca("${issuer}") before it`)
  names.set(name, meaning)

  const value = Object.hasOwn(options.values, name) ? options.values[name] : undefined
  if (value?.sort === sort && isStillAsked(value, text, asked, options)) return valueOf(sort, name, value, options)
  const source = adopt as { secret: string; key: string } | undefined
  const adopted = source && adoptedValue(source, options)
  if (adopted !== undefined && sort === 'uuid') uuidOf(adopted, name, `key ${source?.key} of Secret/${source?.secret}`)
  options.need({ sort, name, options: asked as JsonObject, ...(adopted === undefined ? {} : { adopt: adopted }) })
  throw new NeedsError(`${name} is not made yet`)
}

/** Whether the name stands for an authority; where nothing in this render says so, as it is kept. */
const isAuthority = (name: string, { names, values }: GenerateOptions): boolean =>
  names.get(name)?.startsWith('ca ') ?? (Object.hasOwn(values, name) && values[name]?.sort === 'ca')

/** A certificate is for its names and its authority: others need another one. A password stays, whatever its length was to be. */
function isStillAsked(value: Generated, text: string, asked: Record<string, unknown>, { values, asKept }: GenerateOptions): boolean {
  if (asKept || (value.sort !== 'ca' && value.sort !== 'certificate')) return true
  if (value.options !== text) return false
  const issuer = asked['ca']
  return typeof issuer !== 'string' || values[issuer]?.parts['certificate'] === value.parts['ca']
}

function valueOf(
  sort: GeneratedSort,
  name: string,
  { parts }: Generated,
  { readSecret, observer, namespace, keptIn }: GenerateOptions,
): unknown {
  const read: Record<string, unknown> = {}
  if (sort === 'uuid') return uuidOf(parts['value'] as string, name, 'what is kept')
  for (const [part, { key, secret }] of Object.entries(generatedParts[sort])) {
    const bytes = parts[part] as string
    if (secret) readSecret()
    const ref = namespace === undefined ? {} : { ref: { namespace, name: keptIn, key: name + key } }
    read[part] = secret ? secretHandle({ bytes, spelled: 'text', source: `generated ${sort} ${name}`, ...ref }) : decodedText(bytes)
  }
  if ('value' in read) return read['value']
  const schema = { type: 'object', properties: Object.fromEntries([...Object.keys(read), 'name'].map((key) => [key, {}])) }
  return view({ ...read, name }, { path: `generate.${sort}("${name}")`, schema, observer })
}

/** A UUID is no secret, and read as text: nothing else may pass for one. */
function uuidOf(bytes: string, name: string, source: string): string {
  const text = decodedText(bytes)
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text
  throw new TemplateError('TEMPLATE_VALUE', `generate.uuid("${name}"): ${source} is no UUID`, {
    remedy: 'generate.password() takes any text, and keeps it a secret',
  })
}

function checkedOptions(sort: GeneratedSort, given: Record<string, unknown>): Record<string, unknown> {
  const allowed = generateOptions[sort]
  const checked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    const check = Object.hasOwn(allowed, key) ? allowed[key] : undefined
    const near = nearest(key, Object.keys(allowed))
    if (!check)
      throw new FunctionError(
        `generate.${sort}: there is no option ${key}; ${near ? `did you mean ${near}?` : `it has ${Object.keys(allowed).join(', ')}`}`,
      )
    // An authority is given as what generate.ca() gave, or by its name.
    const raw = unwrap(value)
    const plain = key === 'ca' && typeof raw === 'object' && raw !== null && !isSecretHandle(raw) ? (raw as { name?: unknown }).name : raw
    if (!check.accepts(plain)) throw new FunctionError(`generate.${sort}: ${key} has to be ${check.is}`)
    checked[key] = plain
  }
  return checked
}

/** The value of an existing Secret's key; undefined if there is none. */
function adoptedValue({ secret, key }: { secret: string; key: string }, { secretNamed }: GenerateOptions): string | undefined {
  const data = (secretNamed(secret)?.['data'] ?? {}) as Record<string, string>
  return Object.hasOwn(data, key) ? data[key] : undefined
}

/** A problem for a document that has the name of the Secret which keeps the values: it would write over them. */
export function takenFromGenerated(documents: readonly RenderedDocument[], { primary, generated = {} }: Inputs): Problem[] {
  if (Object.keys(generated).length === 0) return []
  const names: readonly string[] = generatedSecretNames(primary)
  return documents
    .filter(({ object }) => isSecret(object) && names.includes(object.metadata.name))
    .map(({ object, position }) => ({
      code: 'DOCUMENT_DUPLICATE',
      message: `Secret/${object.metadata.name} keeps the generated values and cannot be rendered`,
      at: position,
      remedy: 'use another name',
    }))
}
