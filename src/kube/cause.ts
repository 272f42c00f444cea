/**
 * Why the server refuses a field, without what was sent.
 *
 * A cause's message begins with the refused value, which can be a Secret's or have one in it: `Invalid value: "…": field is immutable`.
 * Values are quoted or in braces, so what stands behind the last colon and has neither is the server's own text. Of what other text is kept
 * decides who wrote it: a rule of a CustomResourceDefinition can put a value into its message by itself, so of those only what is known
 * word by word is kept, and of the data of a Secret only causes that never hold a value.
 * (apimachinery, util/validation/field/errors.go; apiextensions-apiserver, apiserver/validation)
 */
import { parsePath } from './paths.ts'

/** A cause as a Status has it. */
export interface Cause {
  reason?: string
  message?: string
  field?: string
}

/** One sentence of at most 240 characters, or undefined where the message is of no known form. @param path of the request */
export function whyRefused({ reason = '', message = '', field = '' }: Cause, path: string): string | undefined {
  const { resource } = parsePath(path)
  const text = textOf(reason, message)
  if (text === undefined || text === '') return undefined
  if (field.startsWith('metadata.')) return shortened(text)
  if (!isBuiltIn(resource)) return /\bimmutable\b/i.test(text) ? 'it is immutable' : bound.exec(text)?.[0]
  return resource === 'secrets' && !isValueless(reason) ? undefined : shortened(text)
}

/** Whether a field is refused only because it differs from the live one. */
export const isImmutable = (why: string | undefined): boolean => why !== undefined && frozen.test(why)

const frozen =
  /\bimmutable\b|\b(?:cannot|can not|may not|must not) (?:be )?change|\bupdates to .* are forbidden|\bcan not be less than (?:status\.capacity|previous value)/

/** Of these the message has no value; the others begin with it. */
const isValueless = (reason: string): boolean => ['FieldValueForbidden', 'FieldValueRequired', 'FieldValueTooLong'].includes(reason)

function textOf(reason: string, message: string): string | undefined {
  // A difference of the whole spec can follow.
  const [line = ''] = message.split('\n')
  if (isValueless(reason)) return plain(line.slice(line.indexOf(': ') + 1 || line.length).trim())
  const [, supported] = /: (supported values: (?:"[\w.-]+"(?:, |$))+)$/.exec(message) ?? []
  if (supported) return supported.replaceAll('"', '')
  const [, type] = /: [\w.[\]]+ in body (must be of type [a-z]+): "[a-z]+"$/.exec(message) ?? []
  if (type) return type
  const [head, tail] = [message.indexOf(': '), message.lastIndexOf(': ')]
  return tail > head ? plain(message.slice(tail + 2)) : undefined
}

/** Text without quotes and braces, in which every value would be, and that does not begin like a number. */
const plain = (text: string): string | undefined => (/^[a-z][^"{}\n]*$/i.test(text) ? text : undefined)

/** A limit of a schema, after the path that it stands beside. */
const bound =
  /\b(?:must|should) (?:be (?:of type [a-z]+|(?:greater|less) than(?: or equal to)? -?[\d.]+)|have at (?:most|least) \d+ items)$/

const isBuiltIn = (resource: string): boolean => /^[a-z]+(?:\.(?:apps|autoscaling|batch|policy|[a-z.]+\.k8s\.io))?$/.test(resource)

/** Without the example and the expression that names are checked by. */
function shortened(text: string): string {
  const [sentence = ''] = text.split(/ \(e\.g\. |, regex used for /)
  return sentence.length > 240 ? `${sentence.slice(0, 239)}…` : sentence
}
