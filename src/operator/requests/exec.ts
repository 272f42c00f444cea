/**
 * `exec`: a command in a container of a pod, over a WebSocket. (apimachinery, util/remotecommand, protocol v5.channel.k8s.io: each frame begins
 * with the number of its channel)
 *
 * What is in the command is in the audit log of the server; what is to stay secret goes through the input.
 */
import { objectKey } from '../../api/object.ts'
import { resourcePath } from '../../kube/paths.ts'
import type { ExecInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { Printed } from './printed.ts'
import { brokenOff, failed, mostAnswerBytes, refused, type RequestKind, unanswered } from './request.ts'
import { asInputs, SecretMissing, withSecrets } from './secrets.ts'

const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const
const pods = { group: '', version: 'v1', plural: 'pods', namespaced: true } as const

/** How the command ended, as a Status tells it. */
interface ExecStatus {
  status?: string
  reason?: string
  details?: { causes?: readonly { reason?: string; message?: string }[] }
}

type End = { kind: 'status'; status: ExecStatus } | { kind: 'brokenOff' | 'closed' | 'tooMuch' }

export const execRequests: RequestKind = {
  kind: 'exec',
  timeout: 60_000,
  async run(request, around): Promise<Response> {
    const { primary, context, signal } = around
    const { client } = context
    let inputs: ExecInputs
    try {
      inputs = await withSecrets(asInputs<ExecInputs>(request.inputs), around)
    } catch (error) {
      if (error instanceof SecretMissing) return failed(error.message)
      throw error
    }
    const { pod: name, namespace = primary.metadata.namespace, container, command, stdin } = inputs
    const title = `exec in Pod ${objectKey({ namespace, name })}`
    if (!client.open) return failed(`${title}: this client has no WebSockets`)
    const search = new URLSearchParams(command.map((part): [string, string] => ['command', part as string]))
    if (container !== undefined) search.append('container', container)
    if (stdin !== undefined) search.append('stdin', 'true')
    for (const stream of ['stdout', 'stderr']) search.append(stream, 'true')
    const path = resourcePath(pods, { namespace, name, subresource: 'exec' })
    let socket: WebSocket
    try {
      socket = await client.open({ path, search: search.toString(), protocols: ['v5.channel.k8s.io'], signal })
    } catch (error) {
      // The command can have been begun before the socket was known to be open.
      return signal.aborted ? unanswered(`${title}: ${brokenOff(signal, request)}`, request) : refused(error, request, `${title}: `)
    }
    const printed = { [channels.stdout]: new Printed(), [channels.stderr]: new Printed() }
    const end = await talk(socket, stdin as string | undefined, printed, signal)
    const [stdout, stderr] = [printed[channels.stdout].text, printed[channels.stderr].text]
    switch (end.kind) {
      case 'brokenOff':
        return unanswered(`${title}: ${brokenOff(signal, request)}`, request)
      case 'closed':
        return unanswered(`${title}: the connection broke`, request)
      case 'tooMuch':
        return unanswered(`${title}: it prints more than ${mostAnswerBytes / 1024} KiB`, request)
      case 'status': {
        const exitCode = exitCodeOf(end.status)
        // It could not be begun, or something else than its own end has ended it.
        if (exitCode === undefined) return failed(`${title}: ${end.status.reason ?? 'the server says nothing of how it ended'}`)
        const value = { exitCode, stdout, stderr }
        return exitCode === 0 ? { kind: 'answered', value } : failed(`${title}: exit code ${exitCode}`, value)
      }
    }
  },
}

async function talk(
  socket: WebSocket,
  stdin: string | undefined,
  printed: Readonly<Record<number, Printed>>,
  signal: AbortSignal,
): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>()
  const stop = (): void => resolve({ kind: 'brokenOff' })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  socket.addEventListener('message', ({ data }) => {
    const frame = Buffer.from(data as ArrayBuffer)
    const [channel = -1] = frame
    const bytes = frame.subarray(1)
    if (channel === channels.status) resolve({ kind: 'status', status: statusOf(bytes.toString()) })
    else if (printed[channel]?.add(bytes) === 'tooMuch') resolve({ kind: 'tooMuch' })
  })
  for (const event of ['close', 'error']) socket.addEventListener(event, () => resolve({ kind: 'closed' }))
  if (stdin !== undefined) {
    if (stdin !== '') socket.send(Buffer.concat([Buffer.of(channels.stdin), Buffer.from(stdin)]))
    socket.send(Buffer.of(channels.close, channels.stdin))
  }
  const end = await promise
  signal.removeEventListener('abort', stop)
  socket.close()
  return end
}

function statusOf(text: string): ExecStatus {
  try {
    return JSON.parse(text) as ExecStatus
  } catch {
    return {}
  }
}

function exitCodeOf({ status, reason, details }: ExecStatus): number | undefined {
  if (status === 'Success') return 0
  if (reason !== 'NonZeroExitCode') return undefined
  const code = Number(details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message)
  return Number.isInteger(code) ? code : undefined
}
