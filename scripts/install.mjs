/**
 * The first minute of a fresh clone: dependencies from the lock file, then over to the Node that the package pins.
 *
 * This file and the scripts that import it run on whatever Node (20 or later) the machine has, so they are plain JavaScript without
 * dependencies. Everything after `continueOn` runs on node_modules/.bin/node.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestNode = 20

export const root = fileURLToPath(new URL('..', import.meta.url))
const binaries = join(root, 'node_modules', '.bin')
const pinnedNode = join(binaries, 'node')

/** Runs `npm ci` unless node_modules is what package-lock.json says. Ends the process when that cannot be reached. */
export function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < oldestNode)
    end(`Fairlead's scripts need Node ${oldestNode} or later; this is ${process.version}. Get one from https://nodejs.org/en/download.`)
  const reason = whyInstall(root)
  if (reason === undefined) return

  say(`${reason}: running npm ci (about 500 MB with the pinned Node; half a minute on a fast line)`)
  // npm would warn that this Node is too old for some packages; it is the pinned one that runs them.
  const install = npm('ci', '--no-audit', '--no-fund', '--loglevel=error')
  if (install.error) end(`npm could not be started: ${install.error.message}. npm comes with Node: https://nodejs.org/en/download.`)
  if (install.status !== 0) end(`npm ci failed (${install.signal ?? `exit code ${install.status}`}); what it printed above says why.`)
  const still = whyInstall(root)
  if (still !== undefined)
    end(
      `npm ci ended well, but ${still}. Is \`ignore-scripts\` set? \`npm config get ignore-scripts\` has to say false: an install script puts the pinned Node in place.`,
    )
}

/**
 * Why the folder's node_modules cannot be used as it is, or undefined when it can.
 *
 * npm writes node_modules/.package-lock.json last: it lists what was really installed. Optional packages of other platforms are missing
 * there by right.
 */
export function whyInstall(folder) {
  const installedPath = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return 'node_modules is not installed yet'
  const wanted = readJson(join(folder, 'package-lock.json')).packages
  const installed = readJson(installedPath).packages
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const there = installed[path]
    if (there === undefined ? !entry.optional : there.version !== entry.version || there.integrity !== entry.integrity)
      return `${path} is not what package-lock.json says`
  }
  const node = spawnSync(join(folder, 'node_modules', '.bin', 'node'), ['--version'], { encoding: 'utf8' })
  const version = wanted['node_modules/node'].version
  return node.stdout?.trim() === `v${version}` ? undefined : `the pinned Node ${version} is not in node_modules/.bin`
}

/** Runs a program on the pinned Node with this terminal, and ends this process as that one ended. */
export function continueOn(script, args) {
  const child = spawn(pinnedNode, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
  })
  // Ctrl-C reaches the whole group of the terminal; a kill reaches this process only. Passing both on harms nobody: the child ends once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => end(`${pinnedNode} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

/** npm as its own JavaScript where npm started this script, so that the same npm installs; else the one on PATH. */
function npm(...args) {
  const options = { cwd: root, stdio: 'inherit' }
  const path = process.env.npm_execpath
  return path?.endsWith('.js') ? spawnSync(process.execPath, [path, ...args], options) : spawnSync('npm', args, options)
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const say = (text) => console.error(`fairlead: ${text}`)

function end(text) {
  say(text)
  process.exit(1)
}
