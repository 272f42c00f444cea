/**
 * Whether this machine can build the control plane of the tests: it is a Go program (see main.go), so Go has to be there.
 *
 * Plain JavaScript for Node 20, so that scripts can ask before anything is installed. Run by itself it says what is missing and ends
 * with 1, or says nothing and ends with 0.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const module = fileURLToPath(new URL('.', import.meta.url))

/**
 * Asks `go` in the folder of the module, so that Go's own rule for toolchains decides: a Go from 1.21 on fetches the one that go.mod
 * wants, unless GOTOOLCHAIN=local forbids it.
 *
 * @returns {{ version: string } | { missing: string }} the version ("go1.26.8"), or what to tell the user
 */
export function goAvailable() {
  const wanted = /^go (\d+\.\d+)/m.exec(readFileSync(new URL('go.mod', import.meta.url), 'utf8'))?.[1]
  const remedy = `Install Go ${wanted} or later from https://go.dev/dl/ and put its bin folder on PATH.`
  const asked = spawnSync('go', ['env', 'GOVERSION'], { cwd: module, encoding: 'utf8' })
  if (asked.error !== undefined)
    return { missing: `The Kubernetes API server is built on this machine with Go, and "go" was not found. ${remedy}` }
  const version = asked.stdout.trim()
  if (asked.status !== 0)
    return { missing: `Building the Kubernetes API server needs Go ${wanted} or later: ${asked.stderr.trim()}. ${remedy}` }
  // A Go before 1.21 knows nothing of toolchains and answers for itself.
  const [major, minor] = version.replace(/^go/, '').split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    return { missing: `Building the Kubernetes API server needs Go ${wanted} or later; this machine has ${version}. ${remedy}` }
  return { version }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const go = goAvailable()
  if ('missing' in go) {
    console.error(go.missing)
    process.exitCode = 1
  }
}
