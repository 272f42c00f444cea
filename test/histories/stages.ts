/** The operators that histories are played with: small ones whose custom resources make much happen. */
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Edit, Stage } from '../../src/testing/histories/play.ts'
import type { HistoryStage } from '../../src/testing/histories/prove.ts'
import { exampleOf } from '../generated/examples.ts'

interface Given {
  /** Of the custom resources; default: two. */
  names?: readonly string[]
  namespaces: readonly string[]
  /** Plurals of the kinds of dependents. */
  resources: readonly string[]
  edits: readonly Edit[]
  taken?: Stage['taken']
}

const configMap = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { canary: 'here before' },
})
const core = '/api/v1/namespaces/default'

const given: Readonly<Record<string, Given>> = {
  everything: {
    namespaces: ['default', 'elsewhere'],
    resources: ['everythings', 'configmaps', 'secrets', 'mirrors', 'deployments', 'services'],
    edits: [
      { path: `${core}/configmaps/$name-texts`, patch: { data: { level: 'edited' } } },
      { path: `${core}/configmaps/$name-texts`, patch: { metadata: { labels: { 'fairlead.dev/primary-uid': null } } } },
      { path: `${core}/configmaps/$name-texts`, patch: { metadata: { ownerReferences: null } } },
      {
        path: '/apis/generated.example.com/v1/namespaces/default/mirrors/$name',
        patch: { metadata: { annotations: { 'fairlead.dev/applied': 'edited' } } },
      },
    ],
    taken: (name) => configMap(`${name}-texts`),
  },
  app: {
    namespaces: ['default'],
    resources: ['apps', 'configmaps', 'deployments', 'services', 'serviceaccounts', 'ingresses', 'horizontalpodautoscalers'],
    edits: [
      { path: `${core}/services/$name`, patch: { spec: { selector: { 'app.kubernetes.io/name': 'edited' } } } },
      { path: `${core}/serviceaccounts/$name`, patch: { metadata: { labels: { 'fairlead.dev/primary-uid': null } } } },
      { path: '/apis/apps/v1/namespaces/default/deployments/$name', patch: { metadata: { managedFields: [{}] } }, disowns: true },
    ],
    taken: configMap,
  },
  // Its dependents have the names that the spec gives them: two custom resources would want the same.
  pruning: { names: ['one'], namespaces: ['default'], resources: ['shelves', 'configmaps'], edits: [] },
  holds: {
    namespaces: ['default'],
    resources: ['stores', 'configmaps', 'statefulsets', 'persistentvolumeclaims'],
    edits: [{ path: `${core}/configmaps/$name-settings`, patch: { data: { style: 'edited' } } }],
    taken: (name) => configMap(`${name}-settings`),
  },
}

export const stageNames: readonly string[] = Object.keys(given)

/** The stage of this name. Throws for one that there is not. */
export function stageOf(name: string): HistoryStage {
  const one = given[name]
  if (!one) throw new Error(`there is no stage ${name}; there are ${stageNames.join(', ')}`)
  return { ...exampleOf(name), names: ['one', 'two'], ...one }
}
