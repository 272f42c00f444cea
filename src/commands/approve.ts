/** `fairlead approve`: releases the deletes that a custom resource holds, after showing them. */
import type { Problem } from '../api/problem.ts'
import { createClient } from '../kube/client.ts'
import { loadCredentials } from '../kube/credentials.ts'
import { isApiError } from '../kube/errors.ts'
import { unusableServer } from '../kube/unusable.ts'
import { type Approved, approvePrune } from '../operator/approve.ts'
import { printProblems } from './problems.ts'
import type { Terminal } from './terminal.ts'

export interface ApproveOptions {
  kubeconfig?: string
  namespace?: string
  all?: boolean
  set?: string
  output: 'text' | 'json'
}

/** Prints what is released; the exit code is 1 if nothing is. */
export async function approve(target: { kind: string; name: string }, options: ApproveOptions, terminal: Terminal): Promise<number> {
  const loaded = await loadCredentials({ kubeconfig: options.kubeconfig, environment: terminal.environment })
  if (loaded.kind === 'problem') return failed(loaded.problem, terminal)
  const { credentials } = loaded
  const client = createClient(credentials, { userAgent: 'fairlead-approve' })
  try {
    const namespace = options.namespace ?? credentials.namespace ?? 'default'
    const answer = await approvePrune(client, { ...target, namespace }, { all: options.all, set: options.set })
    if (answer.kind === 'problem') return failed(answer.problem, terminal)
    terminal.out(options.output === 'json' ? `${JSON.stringify(answer.approved, null, 2)}\n` : textOf(answer.approved))
    return 0
  } catch (error) {
    if (!isApiError(error)) throw error
    const changed = isApiError(error, 'conflict')
    const remedy = changed ? 'it changed in between: look at what is held now, and approve that' : undefined
    const refused: Problem = { code: 'APPROVAL_REFUSED', message: error.message, ...(remedy && { remedy }) }
    return failed(unusableServer(error, credentials) ?? refused, terminal)
  } finally {
    await client.close()
  }
}

function failed(problem: Problem, terminal: Terminal): number {
  printProblems(terminal, [problem])
  return 1
}

function textOf({ kind, namespace, name, approval, deletes, count, why }: Approved): string {
  const more = count - deletes.length
  const lines = [
    ...deletes.map((each) => `delete ${each}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `approved for ${kind}/${name}${namespace ? ` in namespace ${namespace}` : ''}: ${whatIs(count, approval)}${why ? ` (held: ${why})` : ''}`,
  ]
  return `${lines.join('\n')}\n`
}

function whatIs(count: number, approval: string): string {
  if (count === 0 && approval !== 'all') return `set ${approval}`
  const deletes = `${count} ${count === 1 ? 'delete' : 'deletes'}`
  return approval === 'all' ? `${deletes}, and all that is held later` : `${deletes}, set ${approval}`
}
