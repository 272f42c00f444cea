/**
 * From an identity to headers and certificates, and keeping them fresh. Tokens, passwords and certificates are read here; what a plugin
 * hands out is asked for in credential-plugin.ts.
 */
import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Authentication, CredentialOptions, CredentialSource, Credentials, LoadedCredentials, TlsOptions } from './credentials.ts'
import { InvalidCredentials, readKubeconfig, readNeeded, readOptional, type Identity } from './kubeconfig.ts'

/** The kubelet replaces a token long before it runs out; client-go reads its file again at the same pace. */
const tokenFileAge = 60_000
/** A plugin's answer says when it runs out and KubeConfig obeys that; this is how often it is asked. */
const pluginAge = 10_000

/** Opens what `credentialSource` found. Everything that a user can have got wrong is a problem. */
export async function openSource(source: CredentialSource, options: CredentialOptions): Promise<LoadedCredentials> {
  const identify = (): Identity => (source.kind === 'files' ? readKubeconfig(source, options) : serviceAccount(source))
  try {
    const credentials = keepFresh(identify(), identify, options.now ?? Date.now)
    await credentials.current()
    return { kind: 'loaded', credentials }
  } catch (error) {
    if (error instanceof InvalidCredentials) return { kind: 'problem', problem: error.problem }
    throw error
  }
}

function serviceAccount({ server, directory }: Extract<CredentialSource, { kind: 'serviceAccount' }>): Identity {
  return {
    source: `service account of this pod (${directory})`,
    file: undefined,
    cluster: { name: 'cluster', server, caFile: join(directory, 'ca.crt'), skipTLSVerify: false },
    user: { name: 'serviceAccount' },
    impersonateGroups: [],
    namespace: readOptional(join(directory, 'namespace'))?.trim(),
    tokenFile: join(directory, 'token'),
  }
}

/** Authentication that is made anew when it has aged, or when the server refused it; then the files are read again, too. */
function keepFresh(first: Identity, identify: () => Identity, now: () => number): Credentials {
  let identity = first
  let options = requestOptions(identity)
  let held: { authentication: Authentication; until: number } | undefined
  let pending: Promise<Authentication> | undefined

  async function renew(): Promise<Authentication> {
    const made = await authenticate(options, identity)
    // Connections outlive a new token, but not a new certificate.
    const tls = held && sameTls(held.authentication.tls, made.tls) ? held.authentication.tls : made.tls
    const authentication = { headers: made.headers, tls }
    held = { authentication, until: now() + lifetime(identity) }
    return authentication
  }

  return {
    server: identity.cluster.server,
    namespace: identity.namespace,
    source: identity.source,
    current() {
      if (held && now() < held.until) return held.authentication
      pending ??= renew().finally(() => {
        pending = undefined
      })
      return pending
    },
    rejected(refused) {
      if (held?.authentication !== refused) return
      held.until = 0
      try {
        identity = identify()
        options = requestOptions(identity)
      } catch {
        // Half-written files: what was read before is used until the next refusal.
      }
    },
  }
}

const lifetime = ({ tokenFile, user }: Identity): number =>
  tokenFile ? tokenFileAge : user.exec || user.authProvider ? pluginAge : Infinity

/** What a request of an identity needs now; asked again each time that it is made fresh. */
type OptionsNow = () => Promise<RequestOptions>

const hasPlugin = ({ user }: Identity): boolean => Boolean(user.exec ?? user.authProvider)

function requestOptions(identity: Identity): OptionsNow {
  if (!hasPlugin(identity)) return async () => staticOptions(identity)
  // One for the identity: it remembers what the plugin gave until that runs out.
  const plugin = import('./credential-plugin.ts').then(({ pluginOptions }) => pluginOptions(identity))
  return async () => await (await plugin)()
}

/** From the kubeconfig's fields as client-go takes them: a file comes before data. */
function staticOptions({ cluster, user }: Identity): RequestOptions {
  const ca = fromFileOrData(cluster.caFile, cluster.caData)
  const cert = fromFileOrData(user.certFile, user.certData)
  const key = fromFileOrData(user.keyFile, user.keyData)
  return {
    headers: {
      ...(user.token && { Authorization: `Bearer ${user.token}` }),
      ...(user.impersonateUser && { 'Impersonate-User': user.impersonateUser }),
    },
    ...(user.username && { auth: `${user.username}:${user.password}` }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
  }
}

const fromFileOrData = (file: string | undefined, data: string | undefined): Buffer | undefined =>
  file ? readFileSync(file) : data ? Buffer.from(data, 'base64') : undefined

async function authenticate(now: OptionsNow, identity: Identity): Promise<Authentication> {
  const { cluster, user, tokenFile, file, impersonateGroups } = identity
  let options: RequestOptions
  try {
    options = await now()
  } catch (error) {
    throw credentialError(error, identity)
  }
  const headers: Record<string, string | string[]> = { ...(options.headers as Record<string, string>) }
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  if (tokenFile && !user.token) headers.Authorization = `Bearer ${readNeeded(tokenFile, file, 'the token').toString('utf8').trim()}`
  if (impersonateGroups.length > 0) headers['Impersonate-Group'] = [...impersonateGroups]
  const tls: TlsOptions = {}
  if (options.ca) tls.ca = options.ca as Buffer
  if (options.cert) tls.cert = options.cert as Buffer
  if (options.key) tls.key = options.key as Buffer
  if (options.servername) tls.servername = options.servername
  if (options.rejectUnauthorized === false) tls.rejectUnauthorized = false
  if (cluster.proxyUrl) tls.proxyUrl = cluster.proxyUrl
  checkCertificates(tls, identity)
  return { headers, tls }
}

/** What is wrong with a certificate would else show as a riddle at the first connection. */
function checkCertificates({ ca, cert, key }: TlsOptions, { user, cluster, file }: Identity): void {
  const parts = [
    { what: `the certificate authority of cluster "${cluster.name}"`, options: { ca } },
    { what: `the client certificate of user "${user.name}"`, options: { cert } },
    { what: `the client key of user "${user.name}"`, options: { key } },
    { what: `the client certificate and key of user "${user.name}", together,`, options: { cert, key } },
  ]
  for (const { what, options } of parts)
    try {
      createSecureContext(options)
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      throw new InvalidCredentials(`${what} cannot be used (${code})`, file, "it has to be PEM, and the key the certificate's own")
    }
}

function credentialError(error: unknown, { user, file }: Identity): InvalidCredentials {
  const { code, path, message } = error as NodeJS.ErrnoException
  const plugin = user.exec?.command as string | undefined
  if (plugin && code === 'ENOENT')
    return new InvalidCredentials(
      `user "${user.name}" needs the credential plugin "${plugin}", which is not installed`,
      file,
      user.exec.installHint ?? `install it, or put it on the PATH`,
    )
  if (plugin)
    return new InvalidCredentials(
      `the credential plugin "${plugin}" of user "${user.name}" failed: ${message.trim().split('\n')[0]?.slice(0, 200) || 'no output'}`,
      file,
      `run it by hand to see what it needs`,
    )
  if (path) return new InvalidCredentials(`${path} cannot be read (${code})`, file, 'check that the file is there and that you may read it')
  return new InvalidCredentials(`user "${user.name}" cannot be authenticated`, file, 'check its entry under "users"')
}

function sameTls(one: TlsOptions, other: TlsOptions): boolean {
  const keys = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized', 'proxyUrl'] as const
  return keys.every((key) => String(one[key] ?? '') === String(other[key] ?? ''))
}
