import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))

/** `npm start -- ARGS`, with a folder of its own for temporary files, and one that is its home. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const temporary = mkdtempSync(join(tmpdir(), 'start-test-'))
  const home = mkdtempSync(join(tmpdir(), 'start-test-home-'))
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: temporary, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(async () => {
    child.kill()
    await ended
    for (const folder of [temporary, home]) rmSync(folder, { recursive: true, force: true })
  })
  const ended = once(child, 'close').then(([code]) => code as number)
  return { child, temporary, ended, errors: text(child.stderr) }
}

/** Resolves with what the child has printed when that matches. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let output = ''
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    output += String(chunk)
    const found = pattern.exec(output)
    if (found) return found
  }
  throw new Error(`it ended without ${String(pattern)}:\n${output}`)
}

describe('npm start', () => {
  it('with --once tells how an App is made, healed and scaled, in plain text, and leaves nothing', async () => {
    const { child, temporary, ended, errors } = start(['--once'])
    const output = await text(child.stdout)

    expect(await errors).toBe('')
    expect(await ended).toBe(0)
    expect(output).toMatch(/^→ the sandbox answers at https:\/\/127\.0\.0\.1:\d+ \(\d+\.\d\d s\)$/m)
    expect(output).toMatch(/^ {2}operator: installed CustomResourceDefinition apps\.app\.company\.com from charts\/app\/crds\/app\.yaml$/m)
    expect(output).toMatch(/^→ the App is ready \(\d+\.\d\d s\)\n\n\$ kubectl get app\nNAME +READY +REPLICAS .*\nshop +True +2 /m)
    expect(output).toMatch(/^deployment\.apps\/shop +2\/2 /m)
    expect(output).toMatch(/^ {2}operator: created Service\/shop \(drift\)\n→ a new Service is in its place/m)
    expect(output).toMatch(/^→ 4 pods are ready/m)
    expect(output.match(/^shop-\w+-\w+ +1\/1 +Running +0 /gm)).toHaveLength(4)
    expect(output).toMatch(/^ {2}operator: stopped\n$/m)
    expect(output).not.toContain('\u001B')
    expect(readdirSync(temporary)).toEqual([])
  })

  it('serves until Ctrl-C, also beside another one, then leaves nothing', async () => {
    const [first, second] = [start([]), start([])]
    for (const { child, temporary, ended } of [first, second]) {
      const [, kubeconfig = ''] = await printed(child, /^ {2}export KUBECONFIG=(\S+)/m)
      expect(existsSync(kubeconfig)).toBe(true)
      child.stdout?.resume()
      child.kill('SIGINT')
      expect(await ended).toBe(0)
      expect(readdirSync(temporary)).toEqual([])
    }
  })

  it('says what is wrong and ends with 1 where it has no place for its kubeconfig', async () => {
    const missing = join(tmpdir(), 'start-test-missing')
    const { ended, errors } = start(['--once'], { TMPDIR: missing })
    expect(await ended).toBe(1)
    expect(await errors).toContain(`there is no place for a kubeconfig in ${missing}`)
  })

  it('says which options there are, and ends with 2 for others', async () => {
    const help = start(['--help'])
    expect(await text(help.child.stdout)).toContain('--once')
    expect(await help.ended).toBe(0)

    const unknown = start(['--onec'])
    expect(await unknown.ended).toBe(2)
    expect(await unknown.errors).toMatch(/'--onec'[\s\S]*--once/)
  })
})
