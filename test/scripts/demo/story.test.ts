import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Failed } from '../../../scripts/demo/failed.ts'
import { runOperator } from '../../../scripts/demo/operator.ts'
import { tellStory } from '../../../scripts/demo/story.ts'
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts'

/** Path of the kubeconfig of a sandbox for one test. */
async function startSandbox(options: SandboxOptions): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'story-test-'))
  const sandbox = createSandbox(options)
  onTestFinished(async () => {
    await sandbox.close()
    rmSync(directory, { recursive: true })
  })
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, sandbox.kubeconfig(await sandbox.listen()))
  return kubeconfig
}

const interrupted = new AbortController().signal

describe('a story that goes wrong', () => {
  it('fails with what was last seen where a step takes too long', async () => {
    vi.spyOn(console, 'log').mockReturnValue()
    // Without a node no pod becomes ready.
    const kubeconfig = await startSandbox({ nodes: [] })
    const operator = runOperator(['run', '--install-crds', '--metrics-address', 'off', '--health-address', 'off'], kubeconfig, () => {})
    onTestFinished(async () => await operator.stop())
    await operator.said(/^installed/, { since: 0, signal: AbortSignal.timeout(15_000) })

    const told = tellStory({ kubeconfig, operator, interrupted, patience: 2_000 })

    await expect(told).rejects.toThrow(Failed)
    await expect(told).rejects.toThrow(
      /^app\.app\.company\.com\/shop did not become ready in time: its status is .*not ready: Deployment\/shop/,
    )
  })

  it('fails with what the server refused', async () => {
    vi.spyOn(console, 'log').mockReturnValue()
    const kubeconfig = await startSandbox({})
    const operator = { lines: 0, said: async () => {}, ended: Promise.resolve(''), stop: async () => {} }

    // Nobody has told this server what an App is.
    await expect(tellStory({ kubeconfig, operator, interrupted, patience: 2_000 })).rejects.toThrow(Failed)
  })
})

describe('an operator that cannot start', () => {
  it('is heard, and ends with its exit code', async () => {
    const heard: string[] = []
    const operator = runOperator(['run', '--watches', '/nonexistent/watches.yaml'], '/nonexistent', (level, text) =>
      heard.push(`${level} ${text}`),
    )
    onTestFinished(async () => await operator.stop())

    expect(await operator.ended).toBe('exit code 1')
    expect(heard).toEqual([expect.stringMatching(/^error .*\/nonexistent\/watches\.yaml/)])
  })
})
