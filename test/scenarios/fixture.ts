/**
 * The test function for scenarios: a namespace on the real control plane, and operators that end with the test. Each of them is audited
 * before: what its caches hold has to be what the server holds.
 */
import { test as base, type Cluster } from '../controlplane/fixture.ts'
import { OperatorProcess, type OperatorOptions } from './operator-process.ts'

export { OperatorProcess } from './operator-process.ts'

type Start = (options?: Partial<OperatorOptions> & { wait?: boolean }) => Promise<OperatorProcess>

/** The fixture `operator`, for any test function that has a `cluster`. */
export const operators = async (
  { cluster }: { cluster: Cluster },
  { onCleanup }: { onCleanup: (cleanup: () => Promise<void>) => void },
): Promise<Start> => {
  const started: OperatorProcess[] = []
  onCleanup(async () => {
    const audited = await Promise.allSettled(started.map((operator) => operator.expectNoRepairs()))
    await Promise.all(started.map((operator) => operator.stop('SIGKILL')))
    for (const each of audited) if (each.status === 'rejected') throw each.reason
  })
  /** Starts an operator on the test's namespace; resolves when it is ready, unless told not to wait. */
  return async ({ wait = true, ...options } = {}) => {
    const operator = new OperatorProcess({
      kubeconfig: cluster.kubeconfig,
      namespaces: [cluster.namespace],
      ...options,
      // What an operator of all namespaces keeps is the test's own too.
      environment: { FAIRLEAD_OPERATOR_NAMESPACE: cluster.namespace, ...options.environment },
    })
    started.push(operator)
    if (wait) await operator.ready()
    return operator
  }
}

export const test = base.extend('operator', operators)
