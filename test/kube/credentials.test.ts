import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { loadCredentials, type CredentialOptions, type Credentials } from '../../src/kube/credentials.ts'
import { certificate, certificateKey } from './certificate.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-credentials-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

interface Parts {
  cluster?: object
  user?: object
  context?: object
  name?: string
}

const kubeconfig = ({ cluster = {}, user = { token: 'secret' }, context = {}, name = 'dev' }: Parts = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
    users: [{ name, user }],
  })

async function loaded(options: Partial<CredentialOptions>): Promise<Credentials> {
  const result = await loadCredentials({ environment: {}, ...options })
  if (result.kind === 'problem') throw new Error(formatProblem(result.problem))
  return result.credentials
}

async function problem(options: Partial<CredentialOptions>): Promise<string> {
  const result = await loadCredentials({ environment: {}, ...options })
  expect(result.kind).toBe('problem')
  return result.kind === 'problem' ? formatProblem(result.problem).replaceAll(directory, 'DIR') : ''
}

describe('credentials are looked for', () => {
  it('in the named file, before anything else', async () => {
    const credentials = await loaded({
      kubeconfig: write('a', kubeconfig({ name: 'a' })),
      environment: { KUBECONFIG: write('b', kubeconfig({ name: 'b' })) },
    })
    expect(credentials).toMatchObject({
      server: 'https://127.0.0.1:6443',
      namespace: undefined,
      source: `context "a" of ${join(directory, 'a')}`,
    })
  })

  it('then in the files of KUBECONFIG: the first that has something wins, and one that is not there is skipped', async () => {
    const first = write(
      'a',
      JSON.stringify({
        contexts: [{ name: 'b', context: { cluster: 'c', user: 'a', namespace: 'first' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://first' } }],
      }),
    )
    const second = write('b', kubeconfig({ name: 'b' }))
    const third = write('c', JSON.stringify({ 'current-context': 'other', users: [{ name: 'a', user: { token: 'third' } }] }))
    const credentials = await loaded({ environment: { KUBECONFIG: [first, join(directory, 'none'), second, third].join(':') } })
    expect(credentials).toMatchObject({ server: 'https://first', namespace: 'first' })
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer third' })
  })

  it('then in the service account of the pod, whose token is read again after a minute', async () => {
    let now = 0
    write('token', 'one\n')
    write('namespace', 'shop\n')
    write('ca.crt', '')
    mkdirSync(join(directory, '.kube'))
    write('.kube/config', kubeconfig())
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: directory }
    const credentials = await loaded({ environment, serviceAccountDirectory: directory, now: () => now })
    expect(credentials).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'shop' })
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer one' })
    write('token', 'two\n')
    now = 59_000
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer one' })
    now = 60_000
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer two' })
  })

  it('last in the home folder', async () => {
    mkdirSync(join(directory, '.kube'))
    write('.kube/config', kubeconfig({ name: 'home' }))
    expect((await loaded({ environment: { HOME: directory } })).source).toContain('context "home"')
  })

  it('and nowhere else', async () => {
    expect(await problem({ environment: { HOME: directory } })).toMatch(
      /^there is no cluster to connect to: .*; name a kubeconfig with --kubeconfig FILE/,
    )
  })
})

describe('a context', () => {
  it('can be another than the current one', async () => {
    const file = write(
      'a',
      JSON.stringify({
        'current-context': 'dev',
        contexts: [
          { name: 'dev', context: { cluster: 'dev', user: 'x' } },
          { name: 'test', context: { cluster: 'test' } },
        ],
        clusters: [
          { name: 'dev', cluster: { server: 'https://dev' } },
          { name: 'test', cluster: { server: 'https://test' } },
        ],
        users: [{ name: 'x', user: {} }],
      }),
    )
    expect((await loaded({ kubeconfig: file, context: 'test' })).server).toBe('https://test')
  })

  it('without a user still has its certificate authority', async () => {
    write('ca.pem', certificate)
    const credentials = await loaded({
      kubeconfig: write('a', kubeconfig({ context: { user: '' }, cluster: { 'certificate-authority': 'ca.pem' } })),
    })
    expect(String((await credentials.current()).tls.ca)).toContain('BEGIN CERTIFICATE')
  })

  it('may have a server without TLS', async () => {
    const credentials = await loaded({ kubeconfig: write('a', kubeconfig({ cluster: { server: 'http://127.0.0.1:8080' } })) })
    expect(credentials.server).toBe('http://127.0.0.1:8080')
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer secret' })
  })
})

describe('a user', () => {
  it('with a static token is read once: the same object again, without a promise', async () => {
    const credentials = await loaded({ kubeconfig: write('a', kubeconfig()) })
    const authentication = credentials.current()
    expect(authentication).not.toBeInstanceOf(Promise)
    expect(credentials.current()).toBe(authentication)
  })

  it('that the server refuses is read again from its file', async () => {
    const file = write('a', kubeconfig())
    const credentials = await loaded({ kubeconfig: file })
    const before = await credentials.current()
    write('a', kubeconfig({ user: { token: 'new' } }))
    credentials.rejected(before)
    const after = await credentials.current()
    expect(after.headers).toEqual({ Authorization: 'Bearer new' })
    expect(after.tls).toBe(before.tls)
    credentials.rejected(before)
    expect(credentials.current(), 'a refusal of what is no longer in use changes nothing').toBe(after)
  })

  it('with a token file is read again after a minute; the file is relative to the kubeconfig', async () => {
    let now = 0
    write('token', 'one')
    const credentials = await loaded({ kubeconfig: write('a', kubeconfig({ user: { tokenFile: 'token' } })), now: () => now })
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer one' })
    write('token', 'two')
    now = 61_000
    expect((await credentials.current()).headers).toEqual({ Authorization: 'Bearer two' })
  })

  it('with a client certificate hands it to TLS', async () => {
    write('cert.pem', certificate)
    const credentials = await loaded({
      kubeconfig: write(
        'a',
        kubeconfig({ user: { 'client-certificate': 'cert.pem', 'client-key-data': Buffer.from(certificateKey).toString('base64') } }),
      ),
    })
    const { tls, headers } = await credentials.current()
    expect({ cert: String(tls.cert), key: String(tls.key), headers }).toEqual({ cert: certificate, key: certificateKey, headers: {} })
  })

  it('with a password, and as somebody else', async () => {
    const credentials = await loaded({
      kubeconfig: write('a', kubeconfig({ user: { username: 'a', password: 'b', as: 'c', 'as-groups': ['d', 'e'] } })),
    })
    expect((await credentials.current()).headers).toEqual({
      Authorization: 'Basic YTpi',
      'Impersonate-User': 'c',
      'Impersonate-Group': ['d', 'e'],
    })
  })

  it('with a plugin asks it, tells it what kubectl does, and asks again when its answer has run out', async () => {
    const plugin = write(
      'plugin.sh',
      `#!/bin/sh
echo run >> ${directory}/runs
[ -n "$KUBERNETES_EXEC_INFO" ] || exit 1
echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"$1-$EXTRA-$(wc -l < ${directory}/runs | tr -d ' ')\\",\\"expirationTimestamp\\":\\"2001-01-01T00:00:00Z\\"}}"
`,
    )
    chmodSync(plugin, 0o755)
    let now = 0
    const user = {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: './plugin.sh',
        args: ['token'],
        env: [{ name: 'EXTRA', value: 'x' }],
      },
    }
    const credentials = await loaded({ kubeconfig: write('a', kubeconfig({ user })), now: () => now })
    const first = await credentials.current()
    expect(first.headers).toEqual({ Authorization: 'Bearer token-x-1' })
    expect(credentials.current()).toBe(first)
    now = 10_000
    const [second, same] = await Promise.all([credentials.current(), credentials.current()])
    expect(second.headers).toEqual({ Authorization: 'Bearer token-x-2' })
    expect(same).toBe(second)
    expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('run\nrun\n')
  })
})

describe('a kubeconfig that cannot be used says what is wrong, where, and what to do:', () => {
  const cases: [string, string, string][] = [
    ['not YAML', 'users: [{name: a, user: {token: "hunter2"', 'DIR/a:1: this is not valid YAML'],
    ['not a map', '- hunter2', 'DIR/a: this is not a kubeconfig: it has to be a map; name another file'],
    [
      'no current context',
      JSON.stringify({ contexts: [{ name: 'dev', context: {} }] }),
      'DIR/a: no current context is set; choose one of: dev (CREDENTIALS_INVALID)',
    ],
    ['no context at all', 'kind: ConfigMap\n', 'DIR/a: this is not a kubeconfig: it has no context; name another file with --kubeconfig'],
    [
      'another context',
      JSON.stringify({ 'current-context': 'prodd', contexts: [{ name: 'prod', context: {} }] }),
      'DIR/a: there is no context "prodd"; did you mean "prod"?',
    ],
    ['no cluster', kubeconfig({ context: { cluster: 'nowhere' } }), 'DIR/a: there is no cluster "nowhere"; it has: dev'],
    ['no user', kubeconfig({ context: { user: 'nobody' } }), 'DIR/a: there is no user "nobody"; it has: dev'],
    ['no server', kubeconfig({ cluster: { server: null } }), 'DIR/a: cluster "dev" has no server; add its address'],
    [
      'no address',
      kubeconfig({ cluster: { server: 'localhost:6443' } }),
      'DIR/a: the server of cluster "dev" is not an address: localhost:6443; write it as https://HOST:PORT',
    ],
    ['a list that is none', JSON.stringify({ users: { a: 1 } }), 'DIR/a: "users" has to be a list'],
    ['a name that is missing', JSON.stringify({ users: [{ user: {} }] }), 'DIR/a: users[0] has no name'],
    ['no base64', kubeconfig({ user: { 'client-key-data': '-----BEGIN hunter2' } }), 'DIR/a: "client-key-data" is not base64'],
    [
      'no certificate',
      kubeconfig({
        cluster: { 'certificate-authority-data': 'aHVudGVyMg==', 'certificate-authority': null },
        user: { 'client-certificate-data': 'aHVudGVyMg==' },
      }),
      'DIR/a: the client certificate of user "dev" cannot be used',
    ],
    ['a missing file', kubeconfig({ cluster: { 'certificate-authority': 'ca.pem' } }), 'DIR/a: DIR/ca.pem cannot be read (ENOENT)'],
    ['a missing token', kubeconfig({ user: { tokenFile: 'token' } }), 'DIR/a: the token DIR/token cannot be read (ENOENT)'],
    [
      'no plugin',
      kubeconfig({ user: { exec: { command: 'fairlead-no-such-plugin', installHint: 'brew install it' } } }),
      'DIR/a: user "dev" needs the credential plugin "fairlead-no-such-plugin", which is not installed; brew install it',
    ],
    [
      'a plugin that fails',
      kubeconfig({ user: { exec: { command: 'sh', args: ['-c', 'echo log in first >&2; exit 3'] } } }),
      'DIR/a: the credential plugin "sh" of user "dev" failed: log in first; run it by hand',
    ],
    ['a plugin without a command', kubeconfig({ user: { exec: {} } }), 'DIR/a: user "dev" has an exec plugin without a command'],
  ]
  it.each(cases)('%s', async (_, text, message) => {
    const told = await problem({ kubeconfig: write('a', text) })
    expect(told).toContain(message)
    expect(told).not.toContain('hunter2')
    expect(told).not.toContain('aHVudGVyMg')
  })

  it('it is not there', async () => {
    expect(await problem({ kubeconfig: join(directory, 'none') })).toBe(
      'the kubeconfig DIR/none cannot be read (ENOENT); name a kubeconfig with --kubeconfig FILE (CREDENTIALS_INVALID)',
    )
    expect(await problem({ environment: { KUBECONFIG: join(directory, 'none') } })).toContain('KUBECONFIG names it')
    expect(await problem({ environment: { KUBECONFIG: `${join(directory, 'x')}:${join(directory, 'y')}` } })).toContain(
      'none of these files is there: DIR/x, DIR/y',
    )
  })
})
