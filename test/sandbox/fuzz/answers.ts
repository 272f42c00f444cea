/** What every answer has to be, whatever was asked. */
import { load } from 'js-yaml'
import type { FuzzRequest } from './requests.ts'

export interface FuzzAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** What was asked for in the end, where the method of the request was broken on the way. */
  readonly method?: string
}

/** Texts of JavaScript's own errors, and of an error that nobody foresaw. */
const internal =
  /the sandbox failed|TypeError|RangeError|ReferenceError|is not a function|not iterable|Cannot (read|set|convert|mix|destructure|access)|\bundefined\b|\[object Object\]|\bNaN\b|Invalid (time value|array length|string length)|Maximum call stack|\.ts:\d+|at .*node_modules|circular structure|ByteString/

/** What is wrong with an answer; undefined: nothing. */
export function faultOf(request: FuzzRequest, { status, contentType, text, method = request.method }: FuzzAnswer): string | undefined {
  if (!(status >= 200 && status < 600)) return `status ${status}`
  // On a socket, a second answer of Node's own may follow: to a body that was announced and is broken.
  if (method === 'HEAD') return /^(HTTP\/1\.1 400 Bad Request\r\n[^]*)?$/.test(text) ? undefined : `an answer to HEAD has a body: ${text}`
  if (contentType.startsWith('text/plain')) return status >= 500 && internal.test(text) ? `an internal error: ${text}` : undefined
  if (status < 400) return contentType === 'application/json' ? jsonFault(text) : undefined
  if (contentType === '' && text === '' && request.path.startsWith('/openapi/')) return undefined
  const isYaml = contentType === 'application/yaml'
  if (!isYaml && contentType !== 'application/json') return `an error ${status} of type ${contentType}: ${text.slice(0, 200)}`
  const problem = isYaml ? undefined : jsonFault(text)
  if (problem) return problem
  const body = (isYaml ? load(text) : JSON.parse(text)) as { kind?: unknown; status?: unknown; code?: unknown; message?: unknown }
  if (body.kind !== 'Status' || body.status !== 'Failure') return 'an error that is no Status'
  if (body.code !== status) return `code ${String(body.code)} in an answer with ${status}`
  if (typeof body.message !== 'string') return 'an error without a message'
  // What the client sent may come back in a message.
  return status >= 500 && internal.test(body.message) && !sentBy(request, body.message) ? `an internal error: ${body.message}` : undefined
}

const sentBy = (request: FuzzRequest, message: string): boolean =>
  !message.includes('the sandbox failed') && /undefined|NaN/.test(`${request.path}${String(request.body)}`)

/** Of one JSON value, or of lines of them. */
function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    for (const line of text.split('\n')) {
      try {
        if (line !== '') JSON.parse(line)
      } catch {
        return `no JSON: ${line.slice(0, 100)}`
      }
    }
    return undefined
  }
}
