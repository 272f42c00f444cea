import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSandbox, execAnswer, type Sandbox } from '../../../src/sandbox/index.ts'
import { runTool, tools } from '../../controlplane/tools.ts'

let sandbox: Sandbox
let folder: string
let kubectl: (...args: string[]) => Promise<{ stdout: string; stderr: string; exitCode: number }>

beforeAll(async () => {
  sandbox = createSandbox()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-exec-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, sandbox.kubeconfig(await sandbox.listen()))
  const { kubectl: program } = await tools(() => {})
  kubectl = async (...args) => await runTool(program, args, kubeconfig)
  expect(await kubectl('run', 'web', '--image', 'web')).toMatchObject({ exitCode: 0 })
  await sandbox.controllers.idle()
})
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

it('kubectl exec prints what a test scripts, and ends as it says', async () => {
  const remove = sandbox.onRequest(({ subresource, query }) => {
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
  remove()
})

it('kubectl exec is told that nothing runs here, where no test scripts it', async () => {
  expect(await kubectl('exec', 'web', '--', 'ls')).toEqual({
    stdout: '',
    stderr: 'Error from server (NotImplemented): the sandbox does not emulate pods/exec\n',
    exitCode: 1,
  })
})
