import { describe, expect, it } from 'vitest'
import { commandRequests } from '../../../src/operator/requests/command.ts'
import { effectsStage, secret } from '../effects-stage.ts'
import { around, effect } from './around.ts'

async function stageWithShop(isAllowed = true) {
  const stage = await effectsStage()
  const shop = await stage.primary('shop')
  const kind = commandRequests({ isAllowed })
  return {
    stage,
    run: (inputs: object, more: object = {}, signal?: AbortSignal) =>
      kind.run(effect('command', inputs, more), around(shop, stage.context, signal)),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

const script = (text: string): string[] => [process.execPath, '-e', text]

describe('command', () => {
  it('runs a program without a shell, in an environment of its own, and answers with what it prints', async () => {
    await using it = await stageWithShop()
    await it.stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'hunter2' } })
    process.env['FAIRLEAD_TEST_ONLY'] = 'inherited'
    const print = `process.stdin.on('data', (input) => console.log(JSON.stringify([process.argv[1], String(input), process.env.PASSWORD, process.env.FAIRLEAD_TEST_ONLY ?? null])))`
    const response = await it.run({
      command: [...script(print), '$HOME; true'],
      env: { PASSWORD: { secretRef: { name: 'db', key: 'password' } } },
      stdin: 'input',
    })
    delete process.env['FAIRLEAD_TEST_ONLY']
    expect(response).toMatchObject({
      kind: 'answered',
      value: { exitCode: 0, stderr: '', json: ['$HOME; true', 'input', 'hunter2', null] },
    })
  })

  it('has failed with another exit code, and where it cannot be started', async () => {
    await using it = await stageWithShop()
    expect(await it.run({ command: script('console.error("no"); process.exitCode = 3') })).toMatchObject({
      kind: 'failed',
      message: `command ${process.execPath}: exit code 3`,
      value: { exitCode: 3, stdout: '', stderr: 'no\n', json: null },
    })
    expect(await it.run({ command: ['no-such-program'] })).toEqual({
      kind: 'failed',
      message: 'command no-such-program: it cannot be started (ENOENT)',
    })
  })

  it('is ended when it takes too long or prints too much, and is unknown then', async () => {
    await using it = await stageWithShop()
    const controller = new AbortController()
    const running = it.run({ command: script('setInterval(() => {}, 1000)') }, { timeout: 2_000 }, controller.signal)
    controller.abort('timeout')
    expect(await running).toEqual({ kind: 'unknown', message: `command ${process.execPath}: no answer within 2s` })
    expect(await it.run({ command: script('process.stdout.write("x".repeat(300000)); setInterval(() => {}, 1000)') })).toEqual({
      kind: 'unknown',
      message: `command ${process.execPath}: it prints more than 256 KiB`,
    })
  })

  it('does nothing unless the operator is told to allow it', async () => {
    await using it = await stageWithShop(false)
    expect(await it.run({ command: ['true'] })).toEqual({
      kind: 'failed',
      message: 'the operator does not allow commands (--allow-commands)',
    })
  })
})
