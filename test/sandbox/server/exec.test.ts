import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Exec, KubeConfig } from '@kubernetes/client-node'
import { Readable, Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSandbox, execAnswer, type PodScript, type Sandbox } from '../../../src/sandbox/index.ts'
import { runTool, tools } from '../../controlplane/tools.ts'

let sandbox: Sandbox
let folder: string
let kubeconfig: string
let program: string
let kubectl: (...args: string[]) => Promise<{ stdout: string; stderr: string; exitCode: number }>
let remove = (): void => {}
const script = (...scripts: PodScript[]): void => void (remove = sandbox.pods.script(...scripts).remove)

beforeAll(async () => {
  sandbox = createSandbox()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-exec-'))
  kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, sandbox.kubeconfig(await sandbox.listen()))
  program = (await tools(() => {})).kubectl
  kubectl = async (...args) => await runTool(program, args, kubeconfig)
  expect(await kubectl('run', 'web', '--image', 'web')).toMatchObject({ exitCode: 0 })
  await sandbox.controllers.idle()
})
afterEach(() => remove())
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

it('kubectl exec prints what a hook answers, and ends as it says', async () => {
  remove = sandbox.onRequest(({ subresource, query }) => {
    if (subresource !== 'exec') return
    const command = query.getAll('command')
    return command[0] === 'false'
      ? execAnswer({ stderr: 'no\n', exitCode: 3 })
      : execAnswer({ stdout: `ran ${command.join(' ')}\n`, stderr: 'and warned\n' })
  })
  expect(await kubectl('exec', 'web', '--', 'ls', '-l')).toEqual({ stdout: 'ran ls -l\n', stderr: 'and warned\n', exitCode: 0 })
  expect(await kubectl('exec', 'web', '--', 'false')).toEqual({
    stdout: '',
    stderr: 'no\ncommand terminated with exit code 3\n',
    exitCode: 3,
  })
})

it('kubectl exec prints what a script answers to the beginning of a command, and ends with its exit code', async () => {
  script({
    match: { name: 'web' },
    exec: [
      { command: ['ls', '-l'], stdout: 'long\n' },
      { command: ['ls'], stdout: 'short\n', stderr: 'and warned\n' },
      { command: ['false'], stderr: 'no\n', exitCode: 42 },
    ],
  })
  expect(await kubectl('exec', 'web', '--', 'ls', '-l', '/')).toEqual({ stdout: 'long\n', stderr: '', exitCode: 0 })
  expect(await kubectl('exec', 'web', '--', 'ls')).toEqual({ stdout: 'short\n', stderr: 'and warned\n', exitCode: 0 })
  expect(await kubectl('exec', 'web', '--', 'false')).toEqual({
    stdout: '',
    stderr: 'no\ncommand terminated with exit code 42\n',
    exitCode: 42,
  })
})

it('a script reads what kubectl sends', async () => {
  script({ exec: async ([command], { stdin }) => (command === 'wc' ? { stdout: `${(await stdin()).length}\n` } : undefined) })
  const wc = spawn(program, ['exec', '-i', 'web', '--', 'wc', '-c'], { env: { ...process.env, KUBECONFIG: kubeconfig } })
  wc.stdin.end('x'.repeat(100_000))
  expect(await text(wc.stdout)).toBe('100000\n')
})

it('kubectl logs prints what a script says, and follows until the pod has gone', async () => {
  script({ logs: ['one', 'two', { line: 'three', after: '1h' }] })
  expect(await kubectl('logs', 'web')).toEqual({ stdout: 'one\ntwo\n', stderr: '', exitCode: 0 })
  expect(await kubectl('logs', 'web', '--tail=1', '--timestamps')).toMatchObject({ stdout: expect.stringMatching(/^\S+Z two\n$/) })
  expect(await kubectl('logs', 'web', '-c', 'none')).toMatchObject({
    stderr: 'error: container none is not valid for pod web\n',
    exitCode: 1,
  })
  await kubectl('run', 'short', '--image', 'short')
  await sandbox.controllers.idle()
  const follow = spawn(program, ['logs', '-f', 'short'], { env: { ...process.env, KUBECONFIG: kubeconfig } })
  const [first] = (await once(follow.stdout, 'data')) as [Buffer]
  const rest = text(follow.stdout)
  sandbox.clock.advance(3_600_000)
  await kubectl('delete', 'pod', 'short')
  expect(`${String(first)}${await rest}`).toBe('one\ntwo\nthree\n')
})

it('a command that no script answers ends with a Status that names it', async () => {
  const message = (name: string) => `nothing runs in the sandbox: no script answers ["${name}"] in container "web" of pod "web"`
  const before = await kubectl('exec', 'web', '--', 'ls')
  expect(before).toEqual({ stdout: '', stderr: `Error from server (NotImplemented): ${message('ls')}\n`, exitCode: 1 })
  script({ exec: [{ command: ['ls'] }] })
  const beside = await kubectl('exec', 'web', '--', 'cat')
  expect(beside).toMatchObject({ stdout: '', exitCode: 1 })
  expect(beside.stderr).toContain(message('cat'))
})

it('client-node gets output and status', async () => {
  script({ exec: { command: ['false'], stdout: 'out', stderr: 'err', exitCode: 7 } })
  const config = new KubeConfig()
  config.loadFromString(sandbox.kubeconfig(await sandbox.listen()))
  const printed = { stdout: '', stderr: '' }
  const into = (stream: 'stdout' | 'stderr') =>
    new Writable({ write: (chunk, _encoding, done) => ((printed[stream] += String(chunk)), done()) })
  const status = await new Promise((resolve) => {
    void new Exec(config).exec('default', 'web', 'web', ['false'], into('stdout'), into('stderr'), Readable.from([]), false, resolve)
  })
  expect(printed).toEqual({ stdout: 'out', stderr: 'err' })
  expect(status).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  })
})

it('the older protocol has the same frames, and a terminal has one stream', async () => {
  script({ exec: { stdout: 'out', stderr: 'err' } })
  const { url } = await sandbox.listen({ tls: false })
  const frames = async (query: string): Promise<string[]> => {
    const client = new WebSocket(`${url.replace('http', 'ws')}/api/v1/namespaces/default/pods/web/exec?${query}`, 'v4.channel.k8s.io', {
      headers: { authorization: `Bearer ${sandbox.token}` },
    })
    const got: string[] = []
    client.on('message', (data: Buffer) => got.push(`${data[0]} ${data.subarray(1).toString()}`))
    await once(client, 'close')
    expect(client.protocol).toBe('v4.channel.k8s.io')
    return got
  }
  const success = '3 {"metadata":{},"status":"Success"}'
  expect(await frames('command=a&stdout=true&stderr=true')).toEqual(['1 out', '2 err', success])
  expect(await frames('command=a&stdout=true&stderr=false')).toEqual(['1 out', success])
  expect(await frames('command=a&stdout=true&tty=true')).toEqual(['1 out', '1 err', success])
})

it('a command without a socket is answered by the same scripts', async () => {
  script({
    exec: [
      { command: ['ls'], stdout: 'a\n', exitCode: 1, times: 1 },
      { command: ['ls'], stdout: 'b\n' },
    ],
  })
  const ls = { name: 'web', command: ['ls'] }
  expect(await sandbox.pods.exec(ls)).toEqual({ stdout: 'a\n', stderr: '', exitCode: 1 })
  expect(await sandbox.pods.exec(ls)).toEqual({ stdout: 'b\n', stderr: '', exitCode: 0 })
  await expect(sandbox.pods.exec({ ...ls, command: ['cat'] })).rejects.toMatchObject({ code: 501 })
  await expect(sandbox.pods.exec({ ...ls, name: 'none' })).rejects.toThrow('pods "none" not found')
  await expect(sandbox.pods.exec({ ...ls, container: 'none' })).rejects.toThrow('container none is not valid for pod web')
})

it('a command takes its time by the clock of the sandbox', async () => {
  script({ exec: { stdout: 'slept', delay: '1h' } })
  let ended = false
  const slow = sandbox.pods.exec({ name: 'web', command: ['sleep'] }).finally(() => (ended = true))
  await new Promise(setImmediate)
  sandbox.clock.advance(3_000_000)
  await new Promise(setImmediate)
  expect(ended).toBe(false)
  sandbox.clock.advance(600_000)
  expect(await slow).toMatchObject({ stdout: 'slept' })
})

it('what was added last is asked first, until it is removed', async () => {
  const exec = { name: 'web', command: ['id'] }
  const first = sandbox.pods.script({ exec: { stdout: 'first' } })
  const second = sandbox.pods.script({ match: { labels: { run: 'web' }, image: /^web/ }, exec: { stdout: 'second' } })
  const third = sandbox.pods.script({ match: { labels: { run: 'db' } }, exec: { stdout: 'third' } })
  expect(await sandbox.pods.exec(exec)).toMatchObject({ stdout: 'second' })
  second.remove()
  expect(await sandbox.pods.exec(exec)).toMatchObject({ stdout: 'first' })
  for (const handle of [first, third]) handle.remove()
  await expect(sandbox.pods.exec(exec)).rejects.toMatchObject({ code: 501 })
})

it.each<[PodScript, string]>([
  [{ exec: { exitCode: 256 } }, "exitCode of a script's exec is 256; it has to be a whole number from 0 to 255"],
  [{ run: { delay: 'soon' } }, 'delay of a script\'s run is "soon"; it has to be a duration such as "5s"'],
  [{ logs: [{ line: 'a', after: '-1s' }] }, 'after of a line of a script\'s logs is "-1s"; it has to be a duration such as "5s"'],
  [{ match: { pod: 'web' } as object }, '"pod" is not a field of a script\'s match; it has namespace, name, labels, container, image'],
])('the script %j is refused', (wrong, message) => {
  expect(() => sandbox.pods.script(wrong)).toThrow(message)
  expect(() => createSandbox({ pods: [wrong] })).toThrow(message)
})
