import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { main } from '../../src/commands/program.ts'
import type { RunOptions } from '../../src/operator/options.ts'

const runs: RunOptions[] = []
vi.mock('../../src/commands/run.ts', () => ({ run: async (options: RunOptions) => runs.push(options) && 0 }))

const targets: unknown[] = []
const ask = async (target: unknown) => targets.push(target) && 0
vi.mock('../../src/commands/approve.ts', () => ({ approve: ask }))
vi.mock('../../src/commands/status.ts', () => ({ status: ask }))
vi.mock('../../src/commands/orphans.ts', () => ({ orphans: ask }))

async function fairlead(commandLine: string, environment: Record<string, string> = {}, interactive = false) {
  let [out, error] = ['', '']
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const code = await main(commandLine === '' ? [] : commandLine.split(' '), {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    input: async () => '',
    environment,
    colours: false,
    interactive,
    now: () => 0,
  })
  return { code, out, error, options: runs.pop() }
}
afterEach(() => vi.unstubAllEnvs())

describe('the command line', () => {
  it('prints its version', async () => {
    expect(await fairlead('--version')).toMatchObject({ code: 0, out: `${packageJson.version}\n` })
  })
  it.each(['', '--help'])('prints its help for "%s"', async (commandLine) => {
    expect(await fairlead(commandLine)).toMatchObject({ code: 0, out: expect.stringContaining('Usage: fairlead'), error: '' })
  })
  it.each([
    ['rnder x', "unknown command 'rnder'\n(Did you mean render?)"],
    ['render', "missing required argument 'file'"],
    ['render a b', 'too many arguments'],
    ['render a --watchs x', "unknown option '--watchs'\n(Did you mean --watches?)"],
    ['render a --output xml', 'Allowed choices are yaml, json.'],
    ['approve app', 'a custom resource is named like App/shop or App shop'],
    ['approve app/shop shop', 'a custom resource is named like App/shop or App shop'],
    ['status app/shop/x', 'a custom resource is named like App/shop or App shop'],
    ['run --workers 0', 'It is a whole number from 1 to 1000.'],
    ['run --workers 1e2', 'It is a whole number from 1 to 1000.'],
    ['run --namespace Shop', 'A namespace has lower-case letters, digits and hyphens.'],
    ['run --log-level loud', 'Allowed choices are trace, debug, info, warn, error.'],
    ['run --health-address 8081', 'It is like 127.0.0.1:8080, :8080 or [::1]:8080, or "off".'],
    ['run --health-address :70000', 'It is like 127.0.0.1:8080, :8080 or [::1]:8080, or "off".'],
  ])('refuses "%s" with exit code 2', async (commandLine, message) => {
    expect(await fairlead(commandLine)).toMatchObject({ code: 2, out: '', error: expect.stringContaining(message), options: undefined })
  })
})

describe('the help of a command', () => {
  it('is printed by help too', async () => {
    expect(await fairlead('help run')).toMatchObject({ code: 0, out: expect.stringContaining('Usage: fairlead run') })
  })
  it('is what its errors refer to', async () => {
    expect((await fairlead('render')).error).toContain('See fairlead render --help.')
    expect((await fairlead('rnder')).error).toContain('See fairlead --help.')
  })
})

describe('fairlead run', () => {
  it('has defaults', async () => {
    const { options } = await fairlead('run')
    expect(options).toEqual({
      watchesFile: 'watches.yaml',
      kubeconfig: undefined,
      namespaces: [],
      operatorNamespace: undefined,
      operatorName: 'fairlead',
      releaseOrphans: false,
      metricsRequireRbac: false,
      metricsSecure: false,
      metricsCertificate: undefined,
      workers: 8,
      auditInterval: 600_000,
      logLevel: 'info',
      logFormat: 'json',
      metricsAddress: { host: '', port: 8080 },
      healthAddress: { host: '', port: 8081 },
      effects: { httpAllowHosts: [], dnsServer: undefined, allowCommands: false },
      installCrds: false,
      version: packageJson.version,
    })
  })
  it('takes flags', async () => {
    const { options } = await fairlead(
      'run --watches w.yaml --kubeconfig k --namespace a --namespace b --namespace a --workers 9 --log-level debug --log-format pretty --metrics-address off --health-address [::1]:0 --operator-name shops --release-orphans --install-crds',
    )
    expect(options).toMatchObject({
      watchesFile: 'w.yaml',
      kubeconfig: 'k',
      namespaces: ['a', 'b'],
      workers: 9,
      logLevel: 'debug',
      logFormat: 'pretty',
      metricsAddress: undefined,
      healthAddress: { host: '::1', port: 0 },
      operatorName: 'shops',
      releaseOrphans: true,
      metricsRequireRbac: false,
      installCrds: true,
    })
  })
  it('takes what playbooks may do beside the cluster', async () => {
    const { options } = await fairlead(
      'run --http-allow-host API.example.com --http-allow-host *.svc --dns-server 10.96.0.10 --allow-commands',
    )
    expect(options).toMatchObject({
      effects: { httpAllowHosts: ['api.example.com', '*.svc'], dnsServer: '10.96.0.10:53', allowCommands: true },
    })
    const set = await fairlead('run', { FAIRLEAD_HTTP_ALLOW_HOST: 'a, b', FAIRLEAD_DNS_SERVER: '[fd00::a]:5353' })
    expect(set.options).toMatchObject({ effects: { httpAllowHosts: ['a', 'b'], dnsServer: '[fd00::a]:5353' } })
    expect((await fairlead('run --http-allow-host https://a')).error).toContain('without a scheme')
    expect((await fairlead('run --dns-server dns.example.com')).error).toContain('It is an address')
  })
  it('takes the same from the environment', async () => {
    const { options } = await fairlead('run', {
      FAIRLEAD_WATCHES: 'w.yaml',
      FAIRLEAD_KUBECONFIG: 'k',
      FAIRLEAD_NAMESPACE: 'a, b',
      FAIRLEAD_WORKERS: '9',
      FAIRLEAD_LOG_LEVEL: 'debug',
      FAIRLEAD_LOG_FORMAT: 'pretty',
      FAIRLEAD_METRICS_ADDRESS: 'off',
      FAIRLEAD_HEALTH_ADDRESS: 'localhost:1',
      FAIRLEAD_INSTALL_CRDS: 'true',
    })
    expect(options).toMatchObject({
      watchesFile: 'w.yaml',
      kubeconfig: 'k',
      namespaces: ['a', 'b'],
      workers: 9,
      logLevel: 'debug',
      logFormat: 'pretty',
      metricsAddress: undefined,
      healthAddress: { host: 'localhost', port: 1 },
      installCrds: true,
    })
  })
  it('lets a flag win over the environment', async () => {
    const { options } = await fairlead('run --workers 2 --namespace c', { FAIRLEAD_WORKERS: '9', FAIRLEAD_NAMESPACE: 'a' })
    expect(options).toMatchObject({ workers: 2, namespaces: ['c'] })
  })
  it.each([
    ['false', false],
    ['0', false],
    ['', false],
    ['1', true],
  ])('reads FAIRLEAD_INSTALL_CRDS=%s as %s', async (text, installs) => {
    expect((await fairlead('run', { FAIRLEAD_INSTALL_CRDS: text })).options?.installCrds).toBe(installs)
  })
  it.each([
    ['FAIRLEAD_WORKERS', 'many', "'FAIRLEAD_WORKERS' is invalid"],
    ['FAIRLEAD_INSTALL_CRDS', 'perhaps', '"perhaps" in FAIRLEAD_INSTALL_CRDS is invalid'],
  ])('refuses a wrong %s and names it', async (name, text, message) => {
    expect(await fairlead('run', { [name]: text })).toMatchObject({ code: 2, error: expect.stringContaining(message) })
  })
  it('logs for people on a terminal', async () => {
    expect((await fairlead('run', {}, true)).options?.logFormat).toBe('pretty')
  })
})

describe('fairlead approve, and fairlead status', () => {
  it.each(['approve App/shop', 'approve App shop', 'status App/shop', 'status App shop'])('take "%s"', async (commandLine) => {
    expect(await fairlead(commandLine)).toMatchObject({ code: 0, error: '' })
    expect(targets.pop()).toEqual({ kind: 'App', name: 'shop' })
  })
})

describe('what the README and the guides show', () => {
  const root = new URL('../../', import.meta.url)
  const pages = ['README.md', ...readdirSync(new URL('docs/guides/', root)).map((name) => `docs/guides/${name}`)]
  const lines = pages.flatMap((page) =>
    [
      ...readFileSync(new URL(page, root), 'utf8').matchAll(/^(?:\$ |npm exec )fairlead (?:-- )?((?:approve|status|orphans)\b[^#|>\n]*)/gm),
    ].map((found) => [page, (found[1] as string).trim()]),
  )
  it.each(lines)('in %s is understood: fairlead %s', async (_page, commandLine) => {
    expect(await fairlead(commandLine as string)).toMatchObject({ code: 0, error: '' })
  })
  it('is looked for', () => expect(lines.length).toBeGreaterThan(4))
})
