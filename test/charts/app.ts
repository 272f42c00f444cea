/** The default operator as its tests see it: loaded from the files of this repository, with an App given by its spec. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { formatProblem, type Problem } from '../../src/api/problem.ts'
import { applyDefaults } from '../../src/api/schema/defaults.ts'
import type { Watch } from '../../src/definition/definition.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import type { Inputs } from '../../src/reconcile/program.ts'

export const project = fileURLToPath(new URL('../..', import.meta.url))
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const loaded = loadDefinition({ watchesFile: `${project}watches.yaml`, environment: {}, sha256 })
export const { problems } = loaded
export const app = loaded.definition?.watches[0] as Watch

/** An App as the API server would store it. */
const stored = (spec: JsonObject): KubernetesObject =>
  applyDefaults(app.crd?.schema, {
    apiVersion: 'app.company.com/v1alpha1',
    kind: 'App',
    metadata: { name: 'shop', namespace: 'market', uid: '6b1f7a52-3c7c-4a0e-9f6e-0d8a3f1d2c11', generation: 1 },
    spec,
  })

const inputs = (primary: KubernetesObject, resources: readonly KubernetesObject[] = []): Inputs => ({
  primary,
  resources,
  unknown: {},
  capabilities: { kubeVersion: { version: 'v1.36.3', major: '1', minor: '36' }, apiVersions: [] },
  now: 0,
})

export const print = (found: readonly Problem[]): string => found.map(formatProblem).join('\n')

/** The dependents by `Kind/name`. */
export function render(spec: JsonObject): Record<string, KubernetesObject> {
  const answer = app.program.next(inputs(stored(spec)))
  if (answer.kind !== 'rendered') throw new Error(answer.kind === 'problems' ? print(answer.problems) : JSON.stringify(answer))
  return Object.fromEntries(answer.documents.map(({ object }) => [`${object.kind}/${object.metadata.name}`, object]))
}

export function status(spec: JsonObject, resources: readonly KubernetesObject[] = []): JsonObject {
  const answer = app.program.status(inputs(stored(spec), resources))
  if (answer.kind !== 'status') throw new Error(answer.kind === 'problems' ? print(answer.problems) : JSON.stringify(answer))
  return answer.status
}
