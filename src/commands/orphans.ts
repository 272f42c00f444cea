/** `fairlead orphans`: objects with our label that no custom resource answers for. The operator never deletes them. */
import { hash } from 'node:crypto'
import type { Problem } from '../api/problem.ts'
import { loadDefinition } from '../definition/load.ts'
import { createClient } from '../kube/client.ts'
import { loadCredentials } from '../kube/credentials.ts'
import { discover } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { unusableServer } from '../kube/unusable.ts'
import { InventoryStore, operatorNamespace } from '../operator/inventory-store.ts'
import { findOrphans } from '../operator/orphan-search.ts'
import type { Orphan } from '../reconcile/orphans.ts'
import { printProblems } from './problems.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface OrphansOptions {
  watches: string
  kubeconfig?: string
  namespace?: string[]
  operatorNamespace?: string
  operatorName: string
  output: 'table' | 'json'
}

const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** Prints them; the exit code is 1 if they could not all be looked for, and then nothing is printed. */
export async function orphans(options: OrphansOptions, terminal: Terminal, version: string): Promise<number> {
  const { environment } = terminal
  const { definition, problems } = loadDefinition({ watchesFile: options.watches, environment, sha256 })
  const loaded = await loadCredentials({ kubeconfig: options.kubeconfig, environment })
  if (loaded.kind === 'problem') problems.push(loaded.problem)
  if (printProblems(terminal, problems) || !definition || loaded.kind === 'problem') return 1
  const namespaces = options.namespace ?? []
  const namespace = operatorNamespace({ operatorNamespace: options.operatorNamespace, namespaces }, loaded.credentials)
  const client = createClient(loaded.credentials, { userAgent: `fairlead/${version}` })
  try {
    const discovery = await discover(client)
    const inventory = new InventoryStore({ client, namespace, operator: options.operatorName })
    const found = await findOrphans({ definition, client, discovery, inventory, namespaces })
    terminal.out(options.output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : listed(found))
    return 0
  } catch (error) {
    if (!isApiError(error)) throw error
    const refused: Problem = { code: 'READ_REFUSED', message: `orphans cannot be looked for: ${error.message}` }
    printProblems(terminal, [unusableServer(error, loaded.credentials) ?? refused])
    return 1
  } finally {
    await client.close()
  }
}

function listed(found: readonly Orphan[]): string {
  if (found.length === 0) return 'no orphans\n'
  return table([
    ['KIND', 'NAMESPACE', 'NAME', 'REASON', 'PRIMARY'],
    ...found.map(({ kind, namespace, name, reason, primaryUid }) => [kind, namespace ?? '-', name, reason, primaryUid]),
  ])
}
