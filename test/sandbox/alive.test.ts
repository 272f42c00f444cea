/** In a process that holds nothing but a sandbox: it stays as long as somebody waits for an answer, and no longer. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const run = (body: string) => {
  const source = new URL('../../src/sandbox/index.ts', import.meta.url).href
  const script = `
    const { createSandbox } = await import(${JSON.stringify(source)})
    const sandbox = createSandbox()
    const headers = { authorization: 'Bearer ' + sandbox.token }
    const path = '/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds='
    ${body}`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 15_000,
  })
  return { status, stdout, stderr }
}

it('waits for an answer that a fault delays', () => {
  expect(
    run(`sandbox.faults.add({ kind: 'latency', milliseconds: 200 })
    console.log((await sandbox.fetch('/version')).status)`),
  ).toEqual({ status: 0, stdout: '200\n', stderr: '' })
})

it('waits for the end of a watch that is read', () => {
  expect(run(`await (await sandbox.fetch(path + 1, { headers })).text(); console.log('ended')`)).toEqual({
    status: 0,
    stdout: 'ended\n',
    stderr: '',
  })
})

it('ends although a watch is open that nobody reads', () => {
  expect(run(`await sandbox.fetch(path + 3600, { headers }); console.log('done')`)).toEqual({ status: 0, stdout: 'done\n', stderr: '' })
})
