/**
 * Kubeconfig files: finds the chosen context, its cluster and its user, and says precisely what is wrong with them.
 *
 * Several files merge as kubectl merges them: the first that has a name, or a current context, wins, and a file that is not there is
 * skipped. (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files")
 */
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Cluster, User } from '@kubernetes/client-node'
import { load, YAMLException } from 'js-yaml'
import { nearest } from '../api/nearest.ts'
import { isMap } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { CredentialOptions, CredentialSource } from './credentials.ts'

/** Something that the user has to put right. Only loadCredentials sees it, and hands out its problem. */
export class InvalidCredentials extends Error {
  readonly problem: Problem
  constructor(message: string, file: string | undefined, remedy: string, line?: number) {
    super(message)
    this.problem = { code: 'CREDENTIALS_INVALID', message, ...(file && { at: { file, ...(line && { line }) } }), remedy }
  }
}

/** One cluster and one user: all that is needed to authenticate. */
export interface Identity {
  /** For people. */
  source: string
  file: string | undefined
  cluster: Cluster
  user: User
  impersonateGroups: readonly string[]
  namespace: string | undefined
  /** A file with a token that somebody else replaces from time to time. */
  tokenFile: string | undefined
}

/** The identity of a context: the asked one, or the current one of the files. Throws InvalidCredentials. */
export function readKubeconfig(
  source: Extract<CredentialSource, { kind: 'files' }>,
  { environment, context }: Pick<CredentialOptions, 'environment' | 'context'>,
): Identity {
  return chooseContext(readFiles(source, environment), context)
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
  if (found === 0) throw new InvalidCredentials(`none of these files is there: ${files.join(', ')}`, undefined, remedyFor(named))
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
    throw new InvalidCredentials(
      `this is not valid YAML: ${error.reason}`,
      file,
      'correct the file, or name another with --kubeconfig',
      (error.mark?.line ?? 0) + 1,
    )
  }
  if (!isMap(config))
    throw new InvalidCredentials('this is not a kubeconfig: it has to be a map', file, 'name another file with --kubeconfig')
  return config
}

function collect(into: Map<string, Named>, file: string, list: unknown, part: 'contexts' | 'clusters' | 'users'): void {
  if (list === undefined || list === null) return
  if (!Array.isArray(list)) throw new InvalidCredentials(`"${part}" has to be a list`, file, 'correct the file')
  const field = part.slice(0, -1)
  list.forEach((item: unknown, index) => {
    if (!isMap(item) || typeof item.name !== 'string') throw new InvalidCredentials(`${part}[${index}] has no name`, file, 'give it one')
    const value = item[field] ?? {}
    if (!isMap(value)) throw new InvalidCredentials(`${part}[${index}].${field} has to be a map`, file, 'correct the file')
    if (!into.has(item.name)) into.set(item.name, { file, value })
  })
}

function chooseContext(merged: Merged, asked: string | undefined): Identity {
  const all = merged.files.join(', ')
  const name = asked ?? merged.currentContext?.name
  if (!name && merged.contexts.size === 0)
    throw new InvalidCredentials('this is not a kubeconfig: it has no context', all, 'name another file with --kubeconfig')
  if (!name) throw new InvalidCredentials('no current context is set', all, `choose one of: ${[...merged.contexts.keys()].join(', ')}`)
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
  throw new InvalidCredentials(
    `there is no ${what} "${name}"`,
    file,
    near ? `did you mean "${near}"?` : `it has: ${[...entries.keys()].join(', ') || 'none'}`,
  )
}

function clusterOf(name: string, entry: Named): Cluster {
  const server = text(entry, 'server')
  if (!server) throw new InvalidCredentials(`cluster "${name}" has no server`, entry.file, 'add its address: server: https://HOST:PORT')
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    throw new InvalidCredentials(
      `the server of cluster "${name}" is not an address: ${server}`,
      entry.file,
      'write it as https://HOST:PORT',
    )
  const proxyUrl = text(entry, 'proxy-url')
  if (proxyUrl && !/^https?:\/\//.test(proxyUrl))
    throw new InvalidCredentials(
      `the proxy of cluster "${name}" is not an HTTP proxy: ${proxyUrl}`,
      entry.file,
      'only http:// and https:// proxies are supported',
    )
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
  if (typeof exec.command !== 'string' || !exec.command)
    throw new InvalidCredentials(`user "${name}" has an exec plugin without a command`, file, 'add exec.command')
  const command = exec.command.includes('/') && !isAbsolute(exec.command) ? join(dirname(file), exec.command) : exec.command
  const info = { apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } }
  return { ...exec, command, env: [{ name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }, ...(exec.env ?? [])] }
}

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })

function text({ value }: Named, key: string): string | undefined {
  const found = value[key]
  return found === undefined || found === null || found === '' ? undefined : String(found)
}

/** Wrong base64 decodes to something shorter without a word, and fails later as a riddle of OpenSSL. */
function base64(entry: Named, key: string): string | undefined {
  const data = text(entry, key)
  if (data !== undefined && !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data))
    throw new InvalidCredentials(`"${key}" is not base64`, entry.file, 'correct it')
  return data
}

function pathOf(entry: Named, key: string): string | undefined {
  const path = text(entry, key)
  return path === undefined || isAbsolute(path) ? path : join(dirname(entry.file), path)
}

/** Undefined: it is not there, or may not be read. */
export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Throws InvalidCredentials, which says `what` it was to hold and which kubeconfig names it. */
export function readNeeded(
  path: string,
  file: string | undefined,
  what: string,
  remedy = 'check that the file is there and that you may read it',
): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new InvalidCredentials(`${what} ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, file, remedy)
  }
}
