/**
 * What `npm start` shows: the default operator on an API server of its own, and the story of one App (demo/story.ts).
 *
 *   starting ──▶ story ──▶ serving (not with --once) ──Ctrl-C──▶ stopped: no process, no file
 *       └──────────┴──────────┴─ a step fails or takes too long, the server or the operator ends ─▶ stopped, exit code 1
 */
import { once } from 'node:events'
import { Failed } from './demo/failed.ts'
import { invitation } from './demo/invitation.ts'
import { type Operator, runOperator } from './demo/operator.ts'
import { type DemoServer, startDemoControlPlane, startDemoSandbox } from './demo/server.ts'
import { tellStory } from './demo/story.ts'
import { command, complain, heading, line, logged, outcome } from './demo/terminal.ts'

/** Milliseconds that one step may take. */
const patience = 30_000

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())
// The reader of a pipe went away: nobody is left to tell the rest to.
process.stdout.on('error', () => interrupted.abort())

process.exitCode = await demo(new Set(process.argv.slice(2)), interrupted.signal)

async function demo(flags: ReadonlySet<string>, until: AbortSignal): Promise<number> {
  await using parts = new AsyncDisposableStack()
  try {
    const server = await startServer(flags.has('--control-plane') ? startDemoControlPlane : startDemoSandbox)
    parts.defer(async () => await server.stop())
    const operator = startOperator(server)
    parts.defer(async () => await operator.stop())
    const broken = Promise.race([server.failed, operator.ended.then((how) => `the operator ended by itself with ${how}`)])
    const whileRunning = async (going: Promise<unknown>): Promise<void> => {
      const reason = await Promise.race([going.then(() => undefined), broken])
      if (reason !== undefined) throw new Failed(reason)
    }
    await whileRunning(installed(operator, until))
    await whileRunning(tellStory({ kubeconfig: server.kubeconfig, operator, interrupted: until, patience }))
    line(`\nAll of this took ${(performance.now() / 1000).toFixed(1)} s, from the start of Node on.`)
    if (flags.has('--once')) return 0
    for (const text of await invitation(server)) line(text)
    if (!until.aborted) await whileRunning(once(until, 'abort'))
    return 0
  } catch (error) {
    if (until.aborted) return 130
    complain(error)
    return 1
  }
}

async function startServer(start: () => Promise<DemoServer>): Promise<DemoServer> {
  heading('A Kubernetes API server')
  const began = performance.now()
  const server = await start()
  outcome(`${server.name} answers at ${server.url}`, performance.now() - began)
  command(`export KUBECONFIG=${server.kubeconfig}`)
  return server
}

/** Starts the default operator, with which the definition of App comes. */
function startOperator({ kubeconfig }: DemoServer): Operator {
  heading('The operator')
  const args = ['run', '--install-crds', '--watches', 'watches.yaml', '--metrics-address', 'off', '--health-address', 'off']
  command(`npm exec fairlead -- ${args.join(' ')}`)
  return runOperator(args, kubeconfig, logged)
}

async function installed(operator: Operator, until: AbortSignal): Promise<void> {
  const began = performance.now()
  await operator.said(/^installed CustomResourceDefinition/, { since: 0, signal: AbortSignal.any([until, AbortSignal.timeout(patience)]) })
  outcome('the server knows Apps, and the operator waits for them', performance.now() - began)
}
