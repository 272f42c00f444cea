/** Names for what goes wrong on the way to the server: an error of a socket, of TLS or of the HTTP client as an ApiError. */
import { ApiError } from './errors.ts'

/** Codes of errors that happen before a byte of the request is sent. */
const beforeSending: Record<string, string> = {
  ECONNREFUSED: 'ConnectionRefused',
  ENOTFOUND: 'HostNotFound',
  EAI_AGAIN: 'HostNotFound',
  EHOSTUNREACH: 'HostUnreachable',
  ENETUNREACH: 'HostUnreachable',
  UND_ERR_CONNECT_TIMEOUT: 'ConnectTimeout',
  UND_ERR_PRX_CONN: 'ProxyFailed',
  UND_ERR_PRX_TLS: 'ProxyFailed',
}

const afterSending: Record<string, string> = {
  ECONNRESET: 'ConnectionReset',
  EPIPE: 'ConnectionReset',
  ETIMEDOUT: 'Timeout',
  UND_ERR_SOCKET: 'ConnectionReset',
  UND_ERR_HEADERS_TIMEOUT: 'Timeout',
  UND_ERR_BODY_TIMEOUT: 'Timeout',
  UND_ERR_CLOSED: 'ClientClosed',
  UND_ERR_DESTROYED: 'ClientClosed',
}

/** TLS: the server's certificate is refused by us, or our offer by the server, in the handshake. (node:tls, X509 certificate error codes) */
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/

/** The ApiError for an error of the HTTP client. Its reason is one of the names above, `TLS: <code>`, or the code itself. */
export function networkError(error: unknown, { method, path }: { method: string; path: string }): ApiError {
  const code = codeOf(error)
  const early = beforeSending[code]
  const tls = tlsCode.test(code)
  const reason = early ?? afterSending[code] ?? (tls ? `TLS: ${code}` : code || 'ConnectionFailed')
  const closed = reason === 'ClientClosed'
  return new ApiError({ class: closed ? 'aborted' : 'network', method, path, code: 0, reason, maybeDone: !early && !tls })
}

/** The first code along the chain of causes; an AggregateError (several addresses tried) has them in its parts. */
function codeOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const code = (current as { code?: unknown }).code
    if (typeof code === 'string') return code
    current = current.cause ?? (current as { errors?: unknown[] }).errors?.[0]
  }
  return ''
}
