import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../../src/kube/client.ts'
import { loadCredentials } from '../../../src/kube/credentials.ts'
import { execRequests } from '../../../src/operator/requests/exec.ts'
import { logsRequests } from '../../../src/operator/requests/logs.ts'
import { effectsStage, pod, secret } from '../effects-stage.ts'
import { around, effect } from './around.ts'

/** A pod `db-0`, and a client that has sockets. */
async function stageWithPod() {
  const stage = await effectsStage()
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-exec-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, stage.sandbox.kubeconfig(await stage.sandbox.listen()))
  const loaded = await loadCredentials({ kubeconfig, environment: {} })
  if (loaded.kind === 'problem') throw new Error(loaded.problem.message)
  const client = createClient(loaded.credentials, { userAgent: 'fairlead/test' })
  const shop = await stage.primary('shop')
  const context = { ...stage.context, client }
  await stage.create(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-0' },
    spec: { containers: [{ name: 'db', image: 'db' }] },
  })
  await stage.sandbox.controllers.idle()
  return {
    stage,
    run: (inputs: object, more: object = {}, signal?: AbortSignal) =>
      execRequests.run(effect('exec', { pod: 'db-0', ...inputs }, more), around(shop, context, signal)),
    logs: (inputs: object) => logsRequests.run(effect('logs', { pod: 'db-0', ...inputs }), around(shop, context)),
    async [Symbol.asyncDispose]() {
      await client.close()
      await stage[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

describe('exec', () => {
  it('answers with what the command prints and its exit code, another one than 0 as a failure', async () => {
    await using it = await stageWithPod()
    it.stage.sandbox.pods.script({
      exec: [
        { command: ['db', 'status', 'a b'], stdout: 'ready\n', stderr: 'slowly\n' },
        { command: ['db', 'stop'], stderr: 'no\n', exitCode: 3 },
      ],
    })
    expect(await it.run({ command: ['db', 'status', 'a b'] })).toEqual({
      kind: 'answered',
      value: { exitCode: 0, stdout: 'ready\n', stderr: 'slowly\n' },
    })
    expect(await it.run({ command: ['db', 'stop'], container: 'db' })).toEqual({
      kind: 'failed',
      message: 'exec in Pod default/db-0: exit code 3',
      value: { exitCode: 3, stdout: '', stderr: 'no\n' },
    })
  })

  it('sends the input whole, with values of Secrets in it, and tells its end', async () => {
    await using it = await stageWithPod()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'hunter2' } })
    const seen: string[] = []
    it.stage.sandbox.pods.script({
      exec: async (_command, { stdin }) => {
        seen.push(await stdin())
        return { stdout: 'set' }
      },
    })
    const stdin = { secretText: ['password=', { secretRef: { name: 'db', key: 'password' } }] }
    expect(await it.run({ command: ['db', 'set'], stdin })).toMatchObject({ kind: 'answered', value: { stdout: 'set' } })
    expect(seen).toEqual(['password=hunter2'])
  })

  it('has failed with the reason where it cannot begin: no such pod or container', async () => {
    await using it = await stageWithPod()
    expect(await it.run({ pod: 'none', command: ['db'] })).toEqual({
      kind: 'failed',
      message: 'exec in Pod default/none: GET pods/exec "none" in namespace "default": 404 NotFound',
    })
    expect(await it.run({ container: 'none', command: ['db'] })).toMatchObject({ kind: 'failed' })
  })

  it('is unknown where it is broken off, or prints too much; a read has failed', async () => {
    await using it = await stageWithPod()
    const begun: string[] = []
    it.stage.sandbox.pods.script({
      exec: async ([name = ''], { signal }) => {
        begun.push(name)
        if (name === 'much') return { stdout: 'x'.repeat(300_000) }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return {}
      },
    })
    for (const [idempotencyKey, kind] of [
      ['key', 'unknown'],
      [undefined, 'failed'],
    ] as const) {
      const controller = new AbortController()
      const running = it.run({ command: ['hang'] }, { idempotencyKey, timeout: 3_000 }, controller.signal)
      await it.stage.eventually(() => begun.splice(0).includes('hang'))
      controller.abort('timeout')
      expect(await running).toEqual({ kind, message: 'exec in Pod default/db-0: no answer within 3s' })
    }
    expect(await it.run({ command: ['much'] })).toEqual({
      kind: 'unknown',
      message: 'exec in Pod default/db-0: it prints more than 256 KiB',
    })
  })
})

describe('logs', () => {
  it('answers with the last lines', async () => {
    await using it = await stageWithPod()
    it.stage.sandbox.pods.script({ logs: ['one', 'two', 'three'] })
    expect(await it.logs({ tail: 2 })).toEqual({ kind: 'answered', value: { text: 'two\nthree\n' } })
    expect(await it.logs({ pod: 'none' })).toMatchObject({ kind: 'failed' })
  })
})
