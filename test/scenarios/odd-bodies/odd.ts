/** One Oddity and its dependents, as the API server has them. */
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../../controlplane/fixture.ts'
import { Dependent } from '../healing/dependent.ts'
import { collection, create, installDefinition, untilCondition } from '../objects.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const watches = file('watches.yaml')

/** The kinds of the dependents and the collections and names of their objects. */
const objects = [
  ['CronJob', 'batch/v1', 'cronjobs', 'odd'],
  ['Deployment', 'apps/v1', 'deployments', 'odd'],
  ['LimitRange', 'v1', 'limitranges', 'odd'],
  ['NetworkPolicy', 'networking.k8s.io/v1', 'networkpolicies', 'closed'],
  ['NetworkPolicy', 'networking.k8s.io/v1', 'networkpolicies', 'open'],
  ['PodDisruptionBudget', 'policy/v1', 'poddisruptionbudgets', 'odd'],
  ['ResourceQuota', 'v1', 'resourcequotas', 'odd'],
  ['Role', 'rbac.authorization.k8s.io/v1', 'roles', 'odd'],
  ['RoleBinding', 'rbac.authorization.k8s.io/v1', 'rolebindings', 'odd'],
  ['Secret', 'v1', 'secrets', 'odd'],
  ['Service', 'v1', 'services', 'odd'],
  ['ServiceAccount', 'v1', 'serviceaccounts', 'odd'],
  ['StatefulSet', 'apps/v1', 'statefulsets', 'odd'],
  ['Thing', 'odd.example.com/v1', 'things', 'odd'],
] as const

export type OddKind = (typeof objects)[number][0]

export interface Oddity {
  path: string
  all: readonly Dependent[]
  dependent: (kind: OddKind) => Dependent
}

/** Applies the definitions of both kinds and resolves when the server serves them. */
export async function installOddDefinitions(cluster: Cluster): Promise<void> {
  for (const name of ['oddities', 'things']) await installDefinition(cluster, file(`chart/crds/${name}.yaml`))
}

/** Creates an Oddity and resolves, when it is ready, to its dependents. */
export async function createOddity(cluster: Cluster, spec: object = {}): Promise<Oddity> {
  const oddities = collection(cluster, 'odd.example.com/v1', 'oddities')
  await create(cluster, oddities, { apiVersion: 'odd.example.com/v1', kind: 'Oddity', metadata: { name: 'odd' }, spec })
  await untilCondition(cluster, `${oddities}/odd`, { status: 'True' })
  const all = objects.map(
    ([kind, apiVersion, plural, name]) => new Dependent(cluster, { kind, collection: collection(cluster, apiVersion, plural), name }),
  )
  const dependent: Oddity['dependent'] = (kind) => all.find((each) => each.kind === kind) as Dependent
  return { path: `${oddities}/odd`, all, dependent }
}
