/**
 * Kubeconfig files and service accounts, opened: the chosen context's cluster and user are found and checked here, and client-node's
 * KubeConfig does what they ask for (tokens, certificates, exec plugins, OIDC).
 *
 * Several files merge as kubectl merges them: the first that has a name, or a current context, wins, and a file that is not there is
 * skipped. (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files")
 */
import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { dirname, isAbsolute, join } from 'node:path'
import { KubeConfig, type Cluster, type User } from '@kubernetes/client-node'
import { load, YAMLException } from 'js-yaml'
import { nearest } from '../api/nearest.ts'
import type { Problem } from '../api/problem.ts'
import type { Authentication, CredentialOptions, CredentialSource, Credentials, LoadedCredentials, TlsOptions } from './credentials.ts'

/** Thrown within this file only: something that the user has to put right. */
class Invalid extends Error {
  readonly problem: Problem
  constructor(message: string, file: string | undefined, remedy: string, line?: number) {
    super(message)
    this.problem = { code: 'CREDENTIALS_INVALID', message, ...(file && { at: { file, ...(line && { line }) } }), remedy }
  }
}

/** What was found: all that is needed to authenticate. */
interface Chosen {
  source: string
  file: string | undefined
  cluster: Cluster
  user: User
  impersonateGroups: string[]
  namespace: string | undefined
  /** Read again every minute. */
  tokenFile: string | undefined
}

/** The kubelet replaces a token long before it runs out; client-go re-reads at the same pace. */
const tokenFileAge = 60_000
/** A plugin's answer says when it runs out and KubeConfig obeys that; this is how often it is asked. */
const pluginAge = 10_000

/** Opens what `credentialSource` found. Everything that a user can have got wrong is a problem. */
export async function openSource(source: CredentialSource, options: CredentialOptions): Promise<LoadedCredentials> {
  try {
    const chosen = choose(source, options)
    const credentials = keepFresh(chosen, () => choose(source, options), options.now ?? Date.now)
    await credentials.current()
    return { kind: 'loaded', credentials }
  } catch (error) {
    if (error instanceof Invalid) return { kind: 'problem', problem: error.problem }
    throw error
  }
}

function choose(source: CredentialSource, options: CredentialOptions): Chosen {
  if (source.kind === 'files') return chooseContext(readFiles(source, options.environment), options.context)
  const { server, directory } = source
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
function keepFresh(first: Chosen, reload: () => Chosen, now: () => number): Credentials {
  let chosen = first
  let config = configOf(chosen)
  let held: { authentication: Authentication; until: number } | undefined
  let pending: Promise<Authentication> | undefined

  async function renew(): Promise<Authentication> {
    const made = await authenticate(config, chosen)
    // Connections outlive a new token, but not a new certificate.
    const tls = held && sameTls(held.authentication.tls, made.tls) ? held.authentication.tls : made.tls
    const authentication = { headers: made.headers, tls }
    held = { authentication, until: now() + lifetime(chosen) }
    return authentication
  }

  return {
    server: chosen.cluster.server,
    namespace: chosen.namespace,
    source: chosen.source,
    current() {
      if (held && now() < held.until) return held.authentication
      pending ??= renew().finally(() => { pending = undefined })
      return pending
    },
    rejected(refused) {
      if (held?.authentication !== refused) return
      held.until = 0
      try {
        chosen = reload()
        config = configOf(chosen)
      } catch {
        // Half-written files: what was read before is used until the next refusal.
      }
    },
  }
}

const lifetime = ({ tokenFile, user }: Chosen): number => (tokenFile ? tokenFileAge : user.exec || user.authProvider ? pluginAge : Infinity)

function configOf({ cluster, user, namespace }: Chosen): KubeConfig {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [cluster],
    users: [user],
    contexts: [{ name: 'chosen', cluster: cluster.name, user: user.name, namespace }],
    currentContext: 'chosen',
  })
  return config
}

async function authenticate(config: KubeConfig, chosen: Chosen): Promise<Authentication> {
  const { cluster, user, tokenFile, file, impersonateGroups } = chosen
  const options: RequestOptions = { headers: {} }
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    throw credentialError(error, chosen)
  }
  const headers: Record<string, string | string[]> = { ...(options.headers as Record<string, string>) }
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  if (tokenFile && !user.token) headers.Authorization = `Bearer ${readNeeded(tokenFile, file, 'the token').toString('utf8').trim()}`
  if (impersonateGroups.length > 0) headers['Impersonate-Group'] = impersonateGroups
  const tls: TlsOptions = {}
  if (options.ca) tls.ca = options.ca as Buffer
  if (options.cert) tls.cert = options.cert as Buffer
  if (options.key) tls.key = options.key as Buffer
  if (options.servername) tls.servername = options.servername
  if (options.rejectUnauthorized === false) tls.rejectUnauthorized = false
  if (cluster.proxyUrl) tls.proxyUrl = cluster.proxyUrl
  return { headers, tls }
}

function credentialError(error: unknown, { user, file }: Chosen): Invalid {
  const { code, path, message = '' } = error as NodeJS.ErrnoException
  const plugin = user.exec?.command as string | undefined
  if (plugin && code === 'ENOENT')
    return new Invalid(`user "${user.name}" needs the credential plugin "${plugin}", which is not installed`, file, user.exec.installHint ?? `install it, or put it on the PATH`)
  if (plugin)
    return new Invalid(`the credential plugin "${plugin}" of user "${user.name}" failed: ${message.trim().split('\n')[0]?.slice(0, 200) || 'no output'}`, file, `run it by hand to see what it needs`)
  if (path) return new Invalid(`${path} cannot be read (${code})`, file, 'check that the file is there and that you may read it')
  return new Invalid(`user "${user.name}" cannot be authenticated`, file, 'check its entry under "users"')
}

function sameTls(one: TlsOptions, other: TlsOptions): boolean {
  const keys = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized', 'proxyUrl'] as const
  return keys.every((key) => String(one[key] ?? '') === String(other[key] ?? ''))
}

type Entry = Record<string, unknown>

/** One file's entry, with the file that it came from: paths in it are relative to that. */
interface Named {
  file: string
  value: Entry
}

interface Merged {
  files: readonly string[]
  currentContext: { file: string; name: string } | undefined
  contexts: Map<string, Named>
  clusters: Map<string, Named>
  users: Map<string, Named>
}

function readFiles({ files, named }: Extract<CredentialSource, { kind: 'files' }>, environment: CredentialOptions['environment']): Merged {
  const merged: Merged = { files, currentContext: undefined, contexts: new Map(), clusters: new Map(), users: new Map() }
  let found = 0
  for (const name of files) {
    const file = name.startsWith('~/') && environment.HOME ? join(environment.HOME, name.slice(2)) : name
    // A list may name files that are not there.
    const text = files.length > 1 ? readOptional(file) : readNeeded(file, undefined, 'the kubeconfig', remedyFor(named)).toString('utf8')
    if (text === undefined) continue
    found++
    const config = parse(file, text)
    const current = config['current-context']
    if (typeof current === 'string' && current) merged.currentContext ??= { file, name: current }
    for (const part of ['contexts', 'clusters', 'users'] as const) collect(merged[part], file, config[part], part)
  }
  if (found === 0) throw new Invalid(`none of these files is there: ${files.join(', ')}`, undefined, remedyFor(named))
  return merged
}

const remedyFor = (named: 'kubeconfig' | 'KUBECONFIG' | 'home'): string =>
  named === 'KUBECONFIG' ? 'KUBECONFIG names it: correct or unset that variable' : 'name a kubeconfig with --kubeconfig FILE'

function parse(file: string, text: string): Entry {
  let config: unknown
  try {
    config = load(text)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    // Only reason and place: the whole message quotes the file, and there are keys in it.
    throw new Invalid(`this is not valid YAML: ${error.reason}`, file, 'correct the file, or name another with --kubeconfig', (error.mark?.line ?? 0) + 1)
  }
  if (!isEntry(config)) throw new Invalid('this is not a kubeconfig: it has to be a map', file, 'name another file with --kubeconfig')
  return config
}

function collect(into: Map<string, Named>, file: string, list: unknown, part: 'contexts' | 'clusters' | 'users'): void {
  if (list === undefined || list === null) return
  if (!Array.isArray(list)) throw new Invalid(`"${part}" has to be a list`, file, 'correct the file')
  const field = part.slice(0, -1)
  list.forEach((item: unknown, index) => {
    if (!isEntry(item) || typeof item.name !== 'string') throw new Invalid(`${part}[${index}] has no name`, file, 'give it one')
    const value = item[field] ?? {}
    if (!isEntry(value)) throw new Invalid(`${part}[${index}].${field} has to be a map`, file, 'correct the file')
    if (!into.has(item.name)) into.set(item.name, { file, value })
  })
}

function chooseContext(merged: Merged, asked: string | undefined): Chosen {
  const all = merged.files.join(', ')
  const name = asked ?? merged.currentContext?.name
  if (!name) throw new Invalid('no current context is set', all, `choose one of: ${[...merged.contexts.keys()].join(', ') || 'none is there'}`)
  const context = find(merged.contexts, 'context', name, merged.currentContext?.file ?? all)
  const clusterName = text(context, 'cluster') ?? ''
  const cluster = find(merged.clusters, 'cluster', clusterName, context.file)
  const userName = text(context, 'user')
  const user: Named = userName ? find(merged.users, 'user', userName, context.file) : { file: context.file, value: {} }
  return {
    source: `context "${name}" of ${context.file}`,
    file: context.file,
    cluster: clusterOf(clusterName, cluster),
    user: userOf(userName ?? 'anonymous', user),
    impersonateGroups: Array.isArray(user.value['as-groups']) ? user.value['as-groups'].map(String) : [],
    namespace: text(context, 'namespace'),
    tokenFile: text(user, 'token') ? undefined : pathOf(user, 'tokenFile'),
  }
}

function find(entries: Map<string, Named>, what: string, name: string, file: string): Named {
  const entry = entries.get(name)
  if (entry) return entry
  const near = nearest(name, entries.keys())
  throw new Invalid(`there is no ${what} "${name}"`, file, near ? `did you mean "${near}"?` : `it has: ${[...entries.keys()].join(', ') || 'none'}`)
}

function clusterOf(name: string, entry: Named): Cluster {
  const server = text(entry, 'server')
  if (!server) throw new Invalid(`cluster "${name}" has no server`, entry.file, 'add its address: server: https://HOST:PORT')
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    throw new Invalid(`the server of cluster "${name}" is not an address: ${server}`, entry.file, 'write it as https://HOST:PORT')
  const proxyUrl = text(entry, 'proxy-url')
  if (proxyUrl && !/^https?:\/\//.test(proxyUrl))
    throw new Invalid(`the proxy of cluster "${name}" is not an HTTP proxy: ${proxyUrl}`, entry.file, 'only http:// and https:// proxies are supported')
  return {
    name,
    server: server.replace(/\/$/, ''),
    // KubeConfig refuses http:// without this flag; kubectl does not.
    skipTLSVerify: entry.value['insecure-skip-tls-verify'] === true || server.startsWith('http:'),
    ...optional('caData', base64(entry, 'certificate-authority-data')),
    ...optional('caFile', pathOf(entry, 'certificate-authority')),
    ...optional('tlsServerName', text(entry, 'tls-server-name')),
    ...optional('proxyUrl', proxyUrl),
  }
}

function userOf(name: string, entry: Named): User {
  return {
    name,
    ...optional('certData', base64(entry, 'client-certificate-data')),
    ...optional('certFile', pathOf(entry, 'client-certificate')),
    ...optional('keyData', base64(entry, 'client-key-data')),
    ...optional('keyFile', pathOf(entry, 'client-key')),
    ...optional('token', text(entry, 'token')),
    ...optional('username', text(entry, 'username')),
    ...optional('password', text(entry, 'password')),
    ...optional('impersonateUser', text(entry, 'as')),
    ...optional('authProvider', entry.value['auth-provider'] as object | undefined),
    ...optional('exec', execOf(name, entry)),
  }
}

/** A plugin's entry, with what kubectl adds: its path relative to the file, and KUBERNETES_EXEC_INFO, without which some refuse to work. */
function execOf(name: string, { file, value }: Named): object | undefined {
  if (value.exec === undefined || value.exec === null) return undefined
  const exec = value.exec as { command?: unknown; apiVersion?: unknown; env?: { name: string; value: string }[] | null }
  if (typeof exec.command !== 'string' || !exec.command) throw new Invalid(`user "${name}" has an exec plugin without a command`, file, 'add exec.command')
  const command = exec.command.includes('/') && !isAbsolute(exec.command) ? join(dirname(file), exec.command) : exec.command
  const info = { apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } }
  return { ...exec, command, env: [{ name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }, ...(exec.env ?? [])] }
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null && !Array.isArray(value)

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } => (value === undefined ? {} : ({ [key]: value } as { [P in K]?: V }))

function text({ value }: Named, key: string): string | undefined {
  const found = value[key]
  return found === undefined || found === null || found === '' ? undefined : String(found)
}

/** Wrong base64 decodes to something shorter without a word, and fails later as a riddle of OpenSSL. */
function base64(entry: Named, key: string): string | undefined {
  const data = text(entry, key)
  if (data !== undefined && !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data)) throw new Invalid(`"${key}" is not base64`, entry.file, 'correct it')
  return data
}

function pathOf(entry: Named, key: string): string | undefined {
  const path = text(entry, key)
  return path === undefined || isAbsolute(path) ? path : join(dirname(entry.file), path)
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readNeeded(path: string, file: string | undefined, what: string, remedy = 'check that the file is there and that you may read it'): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Invalid(`${what} ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, file, remedy)
  }
}
