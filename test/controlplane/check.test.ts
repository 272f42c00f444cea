import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const check = fileURLToPath(new URL('check.mjs', import.meta.url))

let bin = ''
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'check-test-'))
})
afterEach(() => rmSync(bin, { recursive: true, force: true }))

/** The check on a machine whose only program is this `go`. */
function checkWith(go: string | undefined): { status: number | null; stderr: string } {
  if (go !== undefined) {
    writeFileSync(join(bin, 'go'), `#!/bin/sh\n${go}\n`)
    chmodSync(join(bin, 'go'), 0o755)
  }
  const { status, stderr } = spawnSync(process.execPath, [check], { env: { PATH: bin }, encoding: 'utf8' })
  return { status, stderr }
}

describe('the check for Go', () => {
  it('says nothing when Go is new enough', () => {
    expect(checkWith('echo go1.26.8')).toEqual({ status: 0, stderr: '' })
    expect(checkWith('echo go1.30')).toEqual({ status: 0, stderr: '' })
  })

  it('tells how to get Go when there is none', () => {
    expect(checkWith(undefined)).toEqual({
      status: 1,
      stderr:
        'The Kubernetes API server is built on this machine with Go, and "go" was not found. Install Go 1.26 or later from https://go.dev/dl/ and put its bin folder on PATH.\n',
    })
  })

  it('tells the version of a Go that is too old', () => {
    const { status, stderr } = checkWith('echo go1.19.2')
    expect(status).toBe(1)
    expect(stderr).toContain('needs Go 1.26 or later; this machine has go1.19.2. Install Go 1.26')
  })

  it('passes on what Go says when it may not fetch the toolchain', () => {
    const { status, stderr } = checkWith('echo "go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)" >&2; exit 1')
    expect(status).toBe(1)
    expect(stderr).toContain('GOTOOLCHAIN=local). Install Go 1.26')
  })
})
