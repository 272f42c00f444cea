/** Why nothing can be asked of a server at all, and what to look at: said with its address, since that may be what is wrong. */
import type { Problem } from '../api/problem.ts'
import type { Credentials } from './credentials.ts'
import type { ApiError } from './errors.ts'

/** The problem where the server did not answer, or does not know us; undefined where it is about what was asked. */
export function unusableServer(
  { class: errorClass, reason }: ApiError,
  credentials: Pick<Credentials, 'server' | 'source'>,
): Problem | undefined {
  const { server, source } = credentials
  if (errorClass === 'unauthorized')
    return {
      code: 'CREDENTIALS_REFUSED',
      message: `${server} does not accept the credentials: 401 ${reason}`,
      remedy: `renew those of ${source}`,
    }
  if (errorClass !== 'network') return undefined
  return { code: 'SERVER_UNREACHABLE', message: `${server} cannot be reached: ${reason}`, remedy: remedyFor(reason, source) }
}

function remedyFor(reason: string, source: string): string {
  if (reason.startsWith('TLS')) return `see that ${source} has the authority that signed its certificate`
  if (reason === 'ProxyFailed') return `see that the proxy of ${source} runs`
  return `see that it runs, and that ${source} has its address`
}
