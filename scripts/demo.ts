/**
 * What `npm start` shows: the default operator on a real Kubernetes API server, and the sample App becoming ready.
 *
 * On a terminal everything keeps running until Ctrl-C, for a look around; otherwise it stops when the App is ready. Without Go there is no
 * API server to run it on, so it prints how to get Go, then what the sample App would become, and ends with 1.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { basename, dirname } from 'node:path'
import { goAvailable } from '../test/controlplane/check.mjs'
import { type ControlPlane, startControlPlane } from '../test/controlplane/control-plane.ts'

const sample = 'samples/app.yaml'
const definition = 'crd/apps.app.company.com'
const app = 'app/shop'
const dependents = 'serviceaccount,configmap,deployment,service,pod'
const ours = 'app.kubernetes.io/instance=shop'

const say = (line: string): void => console.error(`fairlead: ${line}`)

/** A command that the demo shows failed; it has said why itself. */
class Failed extends Error {}

process.exitCode = await demo()

async function demo(): Promise<number> {
  const go = goAvailable()
  if ('missing' in go) {
    say(go.missing)
    say(`Until then, this is what ${sample} becomes (npm exec fairlead -- render ${sample}):`)
    spawnSync(process.execPath, ['src/main.ts', 'render', sample], { stdio: 'inherit' })
    return 1
  }
  say('starting a Kubernetes API server with its controllers and two simulated nodes')
  const controlPlane = await startControlPlane({ nodes: 2, say })
  // From here on there is something to stop in order; before, the process may just end.
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'))
  })
  const operator = startOperator(controlPlane.kubeconfig)
  try {
    const ended = await Promise.race([show(controlPlane), interrupted, once(operator, 'exit'), controlPlane.failed()])
    if (ended !== 'ready') return broken(ended)
    if (!process.stdin.isTTY || !process.stdout.isTTY) return 0
    say(`it keeps running: look around in another terminal, and end it with Ctrl-C`)
    say(`  export KUBECONFIG=${controlPlane.kubeconfig} PATH=${dirname(controlPlane.access.tools.kubectl)}:$PATH`)
    say(`  kubectl scale deployment shop --replicas=5   # and see it healed`)
    const last = await Promise.race([interrupted, once(operator, 'exit'), controlPlane.failed()])
    return last === 'interrupted' ? 0 : broken(last)
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    say(error.message)
    return 1
  } finally {
    await stop(operator)
    await controlPlane.stop()
  }
}

function startOperator(kubeconfig: string): ChildProcess {
  const args = [
    'run',
    '--install-crds',
    '--kubeconfig',
    kubeconfig,
    '--watches',
    'watches.yaml',
    '--metrics-address',
    'off',
    '--health-address',
    'off',
  ]
  say(`npm exec fairlead -- ${args.join(' ')}`)
  return spawn(process.execPath, ['src/main.ts', ...args, '--log-format', 'pretty'], { stdio: 'inherit' })
}

async function stop(operator: ChildProcess): Promise<void> {
  if (operator.exitCode !== null || operator.signalCode !== null) return
  const exit = once(operator, 'exit')
  operator.kill()
  await exit
}

/** Applies the sample as a user would, and resolves when the App is ready. */
async function show({ kubeconfig, access: { tools } }: ControlPlane): Promise<'ready'> {
  const kubectl = (...args: string[]): Promise<void> => shown(tools.kubectl, ['--kubeconfig', kubeconfig], args)
  await kubectl('wait', '--for=create', definition, '--timeout=60s')
  await kubectl('wait', '--for=condition=Established', definition, '--timeout=60s')
  await kubectl('apply', '-f', sample)
  await kubectl('wait', '--for=condition=Ready', app, '--timeout=60s')
  await kubectl('get', app)
  await kubectl('get', dependents, '--selector', ours)
  return 'ready'
}

/** Runs a program with its output on this terminal, under the command that a person would type. */
async function shown(program: string, hidden: string[], args: string[]): Promise<void> {
  const command = `${basename(program)} ${args.join(' ')}`
  console.log(`\n$ ${command}`)
  const [code, signal] = await once(spawn(program, [...hidden, ...args], { stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')
  if (code !== 0) throw new Failed(`${command} ended with ${code ?? signal}`)
}

function broken(ended: unknown): number {
  if (ended === 'interrupted') return 130
  say(typeof ended === 'string' ? ended : 'the operator ended; what it printed above says why')
  return 1
}
