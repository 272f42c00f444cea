/** The flags of `fairlead run`, and what they become. Each can also be given as an environment variable; a flag wins. */
import { isIP } from 'node:net'
import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../api/duration.ts'
import { defaultOperatorName } from '../api/names.ts'
import type { ListenAddress, LogFormat, LogLevel, RunOptions } from '../operator/options.ts'
import type { Terminal } from './terminal.ts'

const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']
const logFormats: readonly LogFormat[] = ['json', 'pretty']

export const watchesOption = (): Option =>
  new Option('--watches <file>', 'definition of the operator; chart paths are relative to it')
    .default('watches.yaml')
    .env('FAIRLEAD_WATCHES')

export const kubeconfigOption = (): Option =>
  new Option('--kubeconfig <file>', 'credentials; without it KUBECONFIG, then the pod’s service account, then ~/.kube/config').env(
    'FAIRLEAD_KUBECONFIG',
  )

export const operatorNamespaceOption = (description: string): Option =>
  new Option('--operator-namespace <name>', description).argParser(parseNamespace).env('FAIRLEAD_OPERATOR_NAMESPACE')

export const operatorNameOption = (): Option =>
  new Option('--operator-name <name>', 'tells it from other operators of its namespace, and must stay the same')
    .argParser(parseOperatorName)
    .default(defaultOperatorName)
    .env('FAIRLEAD_OPERATOR_NAME')

/** Which cluster, and what of it: in the order of `--help`. */
export const clusterOptions = (): Option[] => [
  watchesOption(),
  kubeconfigOption(),
  new Option('--namespace <name>', 'watch only this namespace; repeat for several (comma-separated in the variable); default: all')
    .argParser(collectNamespaces)
    .env('FAIRLEAD_NAMESPACE'),
  operatorNamespaceOption(
    'where the operator keeps what is its own; default: the namespace of its credentials, which is the pod’s, else the first --namespace, else default',
  ),
  operatorNameOption(),
]

/** In the order of `--help`. */
export const runOptions = (): Option[] => [
  ...clusterOptions(),
  new Option('--workers <number>', 'passes at the same time').argParser(parseWorkers).default(8).env('FAIRLEAD_WORKERS'),
  new Option('--audit-interval <duration>', 'compare what is cached with what the server holds this often; 0: only at SIGUSR2')
    .argParser(parseInterval)
    .default(600_000, '10m')
    .env('FAIRLEAD_AUDIT_INTERVAL'),
  new Option('--log-level <level>', 'least severity that is logged').choices(logLevels).default('info').env('FAIRLEAD_LOG_LEVEL'),
  new Option('--log-format <format>', 'default: pretty on a terminal, else json').choices(logFormats).env('FAIRLEAD_LOG_FORMAT'),
  new Option('--metrics-address <host:port>', 'serve /metrics here; "off" for no such server')
    .argParser(parseAddress)
    .default(allAddresses(8080), '":8080"')
    .env('FAIRLEAD_METRICS_ADDRESS'),
  new Option('--metrics-require-rbac', 'serve /metrics only for a bearer token whose user may get it').env('FAIRLEAD_METRICS_REQUIRE_RBAC'),
  new Option('--metrics-certificate <folder>', 'serve /metrics over TLS with tls.crt and tls.key of it, read again when they change').env(
    'FAIRLEAD_METRICS_CERTIFICATE',
  ),
  new Option('--metrics-secure <boolean>', 'serve /metrics over TLS; default: with a certificate, and with --metrics-require-rbac')
    .choices(['true', 'false'])
    .env('FAIRLEAD_METRICS_SECURE'),
  new Option('--health-address <host:port>', 'serve /healthz and /readyz here; "off" for no such server')
    .argParser(parseAddress)
    .default(allAddresses(8081), '":8081"')
    .env('FAIRLEAD_HEALTH_ADDRESS'),
  new Option('--release-orphans', 'let go of the dependents that removed watches have left: they stay as they are, without an owner').env(
    'FAIRLEAD_RELEASE_ORPHANS',
  ),
  new Option(
    '--http-allow-host <host>',
    'let the http steps of playbooks talk to this host, or to those below *.example.com; repeat for several (comma-separated in the variable); default: all, but no link-local address',
  )
    .argParser(collectHosts)
    .env('FAIRLEAD_HTTP_ALLOW_HOST'),
  new Option('--dns-server <host:port>', 'ask this server first for the addresses of hosts in http steps')
    .argParser(parseDnsServer)
    .env('FAIRLEAD_DNS_SERVER'),
  new Option('--allow-commands', 'let the command steps of playbooks run programs beside the operator, with its permissions').env(
    'FAIRLEAD_ALLOW_COMMANDS',
  ),
  new Option('--install-crds', 'apply the project’s CustomResourceDefinitions first').env('FAIRLEAD_INSTALL_CRDS'),
]

/** The parsed flags as commander hands them over. */
export interface RunFlags {
  watches: string
  kubeconfig?: string
  namespace?: string[]
  operatorNamespace?: string
  operatorName: string
  releaseOrphans: boolean
  workers: number
  auditInterval: number
  logLevel: LogLevel
  logFormat?: LogFormat
  metricsAddress: ListenAddress | 'off'
  healthAddress: ListenAddress | 'off'
  metricsRequireRbac: boolean
  metricsCertificate?: string
  metricsSecure?: 'true' | 'false'
  httpAllowHost?: string[]
  dnsServer?: string
  allowCommands: boolean
  installCrds: boolean
}

export function runOptionsOf(flags: RunFlags, terminal: Terminal, version: string): RunOptions {
  return {
    watchesFile: flags.watches,
    kubeconfig: flags.kubeconfig,
    namespaces: flags.namespace ?? [],
    operatorNamespace: flags.operatorNamespace,
    operatorName: flags.operatorName,
    releaseOrphans: flags.releaseOrphans,
    workers: flags.workers,
    auditInterval: flags.auditInterval,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat ?? (terminal.interactive ? 'pretty' : 'json'),
    metricsAddress: listening(flags.metricsAddress),
    healthAddress: listening(flags.healthAddress),
    metricsRequireRbac: flags.metricsRequireRbac,
    metricsSecure: flags.metricsSecure
      ? flags.metricsSecure === 'true'
      : flags.metricsCertificate !== undefined || flags.metricsRequireRbac,
    metricsCertificate: flags.metricsCertificate,
    effects: { httpAllowHosts: flags.httpAllowHost ?? [], dnsServer: flags.dnsServer, allowCommands: flags.allowCommands ?? false },
    installCrds: flags.installCrds,
    version,
  }
}

const listening = (address: ListenAddress | 'off'): ListenAddress | undefined => (address === 'off' ? undefined : address)
const allAddresses = (port: number): ListenAddress => ({ host: '', port })

/** A DNS label. (RFC 1123, as the API server checks namespace names) */
const namespacePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

function collectNamespaces(text: string, before: string[] | undefined): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const invalid = names.find((name) => !namespacePattern.test(name))
  if (invalid !== undefined || (names.length === 0 && before !== undefined)) {
    throw new InvalidArgumentError('A namespace has lower-case letters, digits and hyphens.')
  }
  return [...new Set([...(before ?? []), ...names])]
}

function collectHosts(text: string, before: string[] | undefined): string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
  if (hosts.some((host) => !/^(?:\*\.)?[a-z0-9_.:-]+$/.test(host)))
    throw new InvalidArgumentError('A host is like api.example.com, *.example.com or 10.0.0.1, without a scheme.')
  return [...new Set([...(before ?? []), ...hosts])]
}

function parseDnsServer(text: string): string {
  const [, version6, version4, port = '53'] = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isAddress = version6 === undefined ? isIP(version4 ?? '') === 4 : isIP(version6) === 6
  if (!isAddress || Number(port) > 65_535) throw new InvalidArgumentError('It is an address with or without a port: 10.96.0.10:53.')
  return version6 === undefined ? `${version4}:${port}` : `[${version6}]:${port}`
}

function parseNamespace(text: string): string {
  if (!namespacePattern.test(text)) throw new InvalidArgumentError('A namespace has lower-case letters, digits and hyphens.')
  return text
}

function parseOperatorName(text: string): string {
  // With what is added to it, it is the name of an object.
  if (!namespacePattern.test(text) || text.length > 50)
    throw new InvalidArgumentError('It has at most 50 lower-case letters, digits and hyphens.')
  return text
}

function parseWorkers(text: string): number {
  const workers = Number(text)
  if (!/^\d+$/.test(text) || workers < 1 || workers > 1000) throw new InvalidArgumentError('It is a whole number from 1 to 1000.')
  return workers
}

function parseInterval(text: string): number {
  const interval = parseDuration(text)
  if (interval === undefined || interval < 0) throw new InvalidArgumentError('It is a duration such as 10m, or 0.')
  return interval
}

/** `127.0.0.1:8080`, `:8080` for all addresses, `[::1]:8080`, or `off`. */
function parseAddress(text: string): ListenAddress | 'off' {
  if (text === 'off') return 'off'
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text)
  if (!match || Number(match[3]) > 65_535) throw new InvalidArgumentError('It is like 127.0.0.1:8080, :8080 or [::1]:8080, or "off".')
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) }
}
