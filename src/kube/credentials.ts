/**
 * Who we are to which API server: found where kubectl and in-cluster clients look, and kept fresh.
 *
 * Static tokens and certificates are read once. Token files are read again every minute, since the kubelet replaces them; plugins are
 * asked again when what they gave runs out; and whatever the server refused with a 401 is thrown away and read anew.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Problem } from '../api/problem.ts'
import { openSource } from './authentication.ts'

export interface TlsOptions {
  ca?: string | Buffer
  cert?: string | Buffer
  key?: string | Buffer
  servername?: string
  rejectUnauthorized?: boolean
  /** An HTTP proxy to go through. */
  proxyUrl?: string
}

export interface Authentication {
  headers: Readonly<Record<string, string | string[]>>
  /** The same object as long as nothing in it changes: connections are made for it. */
  tls: TlsOptions
}

export interface Credentials {
  /** Address of the API server, without a slash at its end. */
  readonly server: string
  /** The context's or the service account's namespace. */
  readonly namespace: string | undefined
  /** Where they come from, for people: `context "kind" of /home/me/.kube/config`. */
  readonly source: string
  /** What to send with a request now. A promise only while it has to be read or asked for; rejects when that fails. */
  current(): Authentication | Promise<Authentication>
  /** The server said 401 to this: it is not handed out again. */
  rejected(refused: Authentication): void
}

export interface CredentialOptions {
  /** Of `--kubeconfig`; the only place looked at, if given. */
  kubeconfig?: string | undefined
  /** A context other than the current one. */
  context?: string | undefined
  /** KUBECONFIG, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and HOME are read. */
  environment: Readonly<Record<string, string | undefined>>
  /** Where a pod finds its service account. */
  serviceAccountDirectory?: string
  /** Milliseconds since the epoch. */
  now?: () => number
}

export type LoadedCredentials = { kind: 'loaded'; credentials: Credentials } | { kind: 'problem'; problem: Problem }

/** Where the credentials are: the first that applies of `--kubeconfig`, KUBECONFIG, the pod's service account, ~/.kube/config. */
export type CredentialSource =
  | { kind: 'files'; files: readonly string[]; named: 'kubeconfig' | 'KUBECONFIG' | 'home' }
  | { kind: 'serviceAccount'; server: string; directory: string }

export function credentialSource(options: CredentialOptions): CredentialSource | undefined {
  const { kubeconfig, environment } = options
  if (kubeconfig) return { kind: 'files', files: [kubeconfig], named: 'kubeconfig' }
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  if (listed.length > 0) return { kind: 'files', files: listed, named: 'KUBECONFIG' }
  const directory = options.serviceAccountDirectory ?? '/var/run/secrets/kubernetes.io/serviceaccount'
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (host && existsSync(join(directory, 'token')))
    return { kind: 'serviceAccount', server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, directory }
  const home = environment.HOME && join(environment.HOME, '.kube', 'config')
  return home && existsSync(home) ? { kind: 'files', files: [home], named: 'home' } : undefined
}

/**
 * Finds the credentials and tries them as far as that goes without the server: files are read, a plugin is run once.
 * A problem says which file, what is wrong, and what to do.
 */
export async function loadCredentials(options: CredentialOptions): Promise<LoadedCredentials> {
  const source = credentialSource(options)
  if (!source)
    return {
      kind: 'problem',
      problem: {
        code: 'CREDENTIALS_INVALID',
        message: 'there is no cluster to connect to: no --kubeconfig, no KUBECONFIG, no service account of a pod and no ~/.kube/config',
        remedy: 'name a kubeconfig with --kubeconfig FILE or KUBECONFIG=FILE',
      },
    }
  return await openSource(source, options)
}
