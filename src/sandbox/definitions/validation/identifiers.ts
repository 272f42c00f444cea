/**
 * URIs and mail addresses as Go reads them.
 *
 * (net/url.ParseRequestURI and net/mail.ParseAddress; of mail addresses the forms with comments and encoded names are simplified)
 */
import { isIpv6 } from './addresses.ts'

/** An absolute URI, or a path that begins with a slash. */
export function isRequestUri(text: string): boolean {
  if (text === '' || /\p{Cc}/u.test(text.replace(/[\u0080-\u009f]/g, ''))) return false
  if (text === '*') return true
  const scheme = /^([a-zA-Z][a-zA-Z0-9+\-.]*):/.exec(text)
  if (text.startsWith(':')) return false
  const rest = scheme ? text.slice(scheme[0].length) : text
  const question = rest.indexOf('?')
  const before = question < 0 ? rest : rest.slice(0, question)
  if (!before.startsWith('/')) return scheme !== null
  if (scheme && before.startsWith('//')) {
    const authority = before.slice(2)
    const slash = authority.indexOf('/')
    return isAuthority(slash < 0 ? authority : authority.slice(0, slash)) && isEscaped(slash < 0 ? '' : authority.slice(slash))
  }
  return isEscaped(before)
}

const isEscaped = (text: string): boolean => !/%(?![0-9a-fA-F]{2})/.test(text)

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return false
  if (at >= 0 && !isEscaped(authority.slice(0, at))) return false
  const host = authority.slice(at + 1)
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']')
    return end > 0 && /^(:\d*)?$/.test(host.slice(end + 1)) && isIpv6(host.slice(1, end).replace(/%25.*$/, ''), false)
  }
  const colon = host.lastIndexOf(':')
  if (colon >= 0 && !/^\d*$/.test(host.slice(colon + 1))) return false
  // Only bytes beyond ASCII may be escaped in a host.
  return !/[ #\\^`{|}]/.test(host) && !/%(?![89a-fA-F][0-9a-fA-F])/.test(host)
}

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\u0080-\\u{10ffff}]+"
const dotAtom = `${atom}(?:\\.${atom})*`
const quotedLocal = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\[^\\u0000-\\u001f])*"'
const address = `(?:${dotAtom}|${quotedLocal})@(?:${dotAtom}|\\[[0-9A-Fa-f.:]+\\])`
const plainAddress = new RegExp(`^[ \\t]*${address}[ \\t]*$`, 'u')
const namedAddress = new RegExp(`^[ \\t]*(?:(?:${quotedLocal}|${atom}(?:\\.${atom})*\\.?)[ \\t]*)*<${address}>[ \\t]*$`, 'u')

export const isEmail = (text: string): boolean => plainAddress.test(text) || namedAddress.test(text)
