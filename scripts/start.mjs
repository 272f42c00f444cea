/** `npm start`: reads the options, installs what is missing, then shows the default operator at work (scripts/demo.ts). */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { goAvailable } from '../test/controlplane/check.mjs'
import { continueOn, ensureInstalled, root } from './install.mjs'

const help = `Usage: npm start -- [options]

Starts a Kubernetes API server in this process (the sandbox) and the default operator on it, makes an App, and shows how it becomes
ready, is healed and is scaled. Then it keeps serving until Ctrl-C, for a look around with kubectl.

Options:
  --once           end after the story: exit code 0, or 1 when a step fails or takes too long
  --control-plane  the same on a real Kubernetes control plane; needs Go, and minutes for the first start
  -h, --help       this text`

const options = read()
if (options.help) console.log(help)
else {
  // Asked before half a gigabyte is installed.
  const go = options['control-plane'] ? goAvailable() : {}
  if ('missing' in go) refuse(go.missing, 1)
  ensureInstalled()
  continueOn(join(root, 'scripts', 'demo.ts'), process.argv.slice(2))
}

function read() {
  try {
    return parseArgs({
      options: { once: { type: 'boolean' }, 'control-plane': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    return refuse(`${error.message.split('. ')[0]}\n\n${help}`, 2)
  }
}

function refuse(text, code) {
  console.error(`fairlead: ${text}`)
  process.exit(code)
}
