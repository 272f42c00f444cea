/** `fairlead status`: what a custom resource has become, from what the cluster holds. */
import type { Problem } from '../api/problem.ts'
import { createClient } from '../kube/client.ts'
import { loadCredentials } from '../kube/credentials.ts'
import { isApiError } from '../kube/errors.ts'
import { unusableServer } from '../kube/unusable.ts'
import { findTrees } from '../operator/tree-search.ts'
import type { PrimaryTree } from '../operator/tree.ts'
import { writeYaml } from '../yaml/write.ts'
import { printProblems } from './problems.ts'
import { linesText, treesText } from './status-text.ts'
import type { Terminal } from './terminal.ts'

export interface StatusOptions {
  kubeconfig?: string
  namespace?: string
  allNamespaces?: boolean
  operatorNamespace?: string
  output: 'text' | 'json' | 'yaml'
}

export interface StatusTarget {
  kind?: string | undefined
  name?: string | undefined
}

/** One of the custom resources is not ready. */
const notReady = 3

/** Prints the tree of one, or a line for each; the exit code is 0 if all are ready, 3 if one is not, and 1 if it could not be told. */
export async function status(target: StatusTarget, options: StatusOptions, terminal: Terminal): Promise<number> {
  const loaded = await loadCredentials({ kubeconfig: options.kubeconfig, environment: terminal.environment })
  if (loaded.kind === 'problem') return failed(loaded.problem, terminal)
  const { credentials } = loaded
  const client = createClient(credentials, { userAgent: 'fairlead-status' })
  try {
    const namespace = options.allNamespaces ? undefined : (options.namespace ?? credentials.namespace ?? 'default')
    const found = await findTrees({
      client,
      ...target,
      namespace,
      operatorNamespace: options.operatorNamespace,
      now: terminal.now(),
    })
    if (found.kind === 'problem') return failed(found.problem, terminal)
    terminal.out(printed(found.trees, target, options, terminal))
    printProblems(
      terminal,
      found.unread.map((message): Problem => ({ code: 'STATUS_INCOMPLETE', message: `not read: ${message}`, severity: 'warning' })),
    )
    return found.trees.every(({ state }) => state === 'ready') ? 0 : notReady
  } catch (error) {
    if (!isApiError(error)) throw error
    return failed(unusableServer(error, credentials) ?? { code: 'READ_REFUSED', message: error.message }, terminal)
  } finally {
    await client.close()
  }
}

function failed(problem: Problem, terminal: Terminal): number {
  printProblems(terminal, [problem])
  return 1
}

function printed(trees: readonly PrimaryTree[], { name }: StatusTarget, { output }: StatusOptions, terminal: Terminal): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(trees, null, 2)}\n`
    case 'yaml':
      return writeYaml(trees)
    case 'text': {
      const { environment, interactive } = terminal
      const colours = interactive && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
      const text = name === undefined ? linesText : treesText
      return trees.length === 0 ? 'no custom resources\n' : text(trees, { colours, now: terminal.now() })
    }
  }
}
