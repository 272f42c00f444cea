/** The operators of this repository whose custom resources have fields, each with a custom resource that works. */
import { readFileSync } from 'node:fs'
import type { KubernetesObject } from '../../src/api/object.ts'
import { main } from '../../src/commands/program.ts'
import { watchFor } from '../../src/definition/primary.ts'
import { isError, loadDefinition } from '../../src/definition/load.ts'
import { sha256 } from '../../src/operator/assembly.ts'
import type { Example } from '../../src/testing/generated/check.ts'
import { parseYaml } from '../../src/yaml/read.ts'

interface Given {
  name: string
  /** The folder of watches.yaml, from the root of the repository. */
  project: string
  apiVersion: string
  kind: string
  spec: object
  labels?: Record<string, string>
  before?: readonly KubernetesObject[]
  kept?: Example['kept']
  /** Values are generated, which only a cluster has. */
  unrendered?: true
}

/** The server chooses it by the image's tag when the container is made, and does not change it when the image does. */
const pullPolicy = /imagePullPolicy/
/**
 * An autoscaler's field, which no template sets: it keeps the value that it has, as the operator's until an autoscaler writes it; one does
 * where the number was outside of its limits before, and is named then.
 */
const autoscaled =
  /imagePullPolicy|left to others: Deployment|Deployment\.apps \S+ (?:spec\.replicas|metadata\.managers\[\d\]\.fields\.f:spec\.f:replicas)|status\.readyReplicas/

const objectIn = (file: string): KubernetesObject => parseYaml(file, readFileSync(file, 'utf8')).values[0] as unknown as KubernetesObject

const given: readonly Given[] = [
  {
    name: 'app',
    project: '.',
    apiVersion: 'app.company.com/v1alpha1',
    kind: 'App',
    spec: {
      image: 'example.com/shop:1',
      replicas: 2,
      port: 8080,
      config: { GREETING: 'hello', MODE: 'test' },
      resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '1Gi' } },
      ingress: { host: 'shop.example.com' },
      autoscaling: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
    },
    kept: ({ autoscaling }) => (autoscaling ? autoscaled : pullPolicy),
  },
  {
    name: 'everything',
    project: 'test/generated/operator',
    apiVersion: 'generated.example.com/v1',
    kind: 'Everything',
    before: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } }, objectIn('test/generated/operator/mirror.yaml')],
    spec: {
      size: 2,
      ratio: 0.5,
      enabled: true,
      level: 'high',
      title: 'a title',
      code: 'ab1',
      since: '2026-01-02T03:04:05Z',
      comment: 'a comment',
      port: 'http',
      tags: ['b', 'a'],
      members: [{ name: 'one', weight: 2, notes: ['x', 'y'] }, { name: 'two' }],
      labels: { team: 'a' },
      files: { 'a.txt': 'text of a', 'b.txt': 'text of b' },
      numbers: [3, 1, 2],
      storage: { size: '1Gi', options: { cache: true, depth: 1 } },
      free: { deep: { list: [1, { a: null }] } },
      other: 'elsewhere',
    },
  },
  {
    name: 'adoption-helm',
    project: 'test/scenarios/adoption-helm/operator',
    apiVersion: 'shops.example.com/v1',
    kind: 'Shop',
    kept: () => pullPolicy,
    spec: { replicas: 1, image: 'example.com/shop:1', config: { greeting: 'hello', other: 'x' } },
  },
  {
    name: 'adoption',
    project: 'test/scenarios/adoption/operator',
    apiVersion: 'sites.example.com/v1',
    kind: 'Site',
    kept: ({ autoscaled: byAutoscaler }) => (byAutoscaler ? autoscaled : pullPolicy),
    spec: { data: { a: 'b' }, image: 'example.com/site:1', replicas: 2, fieldPolicy: 'force', autoscaled: false },
  },
  {
    name: 'field-policies',
    project: 'test/scenarios/field-policies',
    apiVersion: 'stands.example.com/v1',
    kind: 'Stand',
    labels: { policy: 'yield' },
    kept: ({ autoscaling }) => (autoscaling ? autoscaled : pullPolicy),
    spec: { replicas: 2, image: 'example.com/stand:1', note: 'a note', autoscaling: false, fieldPolicy: 'yield' },
  },
  {
    name: 'several-versions',
    project: 'test/scenarios/several-versions/operator',
    apiVersion: 'routes.example.com/v1',
    kind: 'Route',
    spec: { host: 'a.example.com' },
  },
  {
    name: 'odd-bodies',
    project: 'test/scenarios/odd-bodies',
    apiVersion: 'odd.example.com/v1',
    kind: 'Oddity',
    before: [objectIn('test/scenarios/odd-bodies/chart/crds/things.yaml')],
    spec: { port: 80, portName: 'http', password: 'secret', token: 'token' },
  },
  {
    name: 'pruning',
    project: 'test/scenarios/pruning/operator',
    apiVersion: 'shelves.example.com/v1',
    kind: 'Shelf',
    spec: { books: ['one', 'two', 'three'] },
  },
  {
    name: 'holds',
    project: 'test/scenarios/holds/operator',
    apiVersion: 'holds.example.com/v1',
    kind: 'Store',
    spec: { database: true, data: true, colour: 'red', features: ['search', 'cart'] },
  },
  {
    name: 'keep',
    project: 'test/scenarios/keep/operator',
    apiVersion: 'journals.example.com/v1',
    kind: 'Journal',
    spec: { pages: [{ name: 'one', annotations: { note: 'kept' } }, { name: 'two' }] },
  },
  {
    name: 'generate',
    project: 'test/scenarios/generate/operator',
    apiVersion: 'accounts.example.com/v1',
    kind: 'Account',
    unrendered: true,
    spec: { database: 'app', hosts: ['db', 'db.example.com'] },
  },
]

export const exampleNames: readonly string[] = given.map(({ name }) => name)

/** The example of this name. Throws for one that there is not, and for a definition that has errors. */
export function exampleOf(name: string): Example {
  const one = given.find((each) => each.name === name)
  if (!one) throw new Error(`there is no example ${name}; there are ${exampleNames.join(', ')}`)
  const watchesFile = `${one.project}/watches.yaml`
  const { definition, problems } = loadDefinition({ watchesFile, environment: {}, sha256 })
  if (!definition)
    throw new Error(
      problems
        .filter(isError)
        .map(({ message }) => message)
        .join('\n'),
    )
  const { apiVersion, kind, labels, spec, before = [], kept, unrendered } = one
  const sample: KubernetesObject = { apiVersion, kind, metadata: { name: 'sample', namespace: 'default', ...(labels && { labels }) }, spec }
  const watch = watchFor(definition, sample)
  if (!watch) throw new Error(`no watch of ${watchesFile} takes ${apiVersion} ${kind}`)
  const render = async (primary: KubernetesObject) => await rendered(watchesFile, primary)
  return { name, definition, watch, sample, before, ...(kept && { kept }), ...(!unrendered && { render }) }
}

/** What `fairlead render` prints. */
async function rendered(watches: string, primary: KubernetesObject): Promise<KubernetesObject[] | undefined> {
  let out = ''
  const code = await main(['render', '-', '--watches', watches, '--output', 'json'], {
    out: (text) => void (out += text),
    error() {},
    input: async () => JSON.stringify(primary),
    environment: {},
    colours: false,
    interactive: false,
    now: () => 0,
  })
  if (code !== 0) return undefined
  const { kind, items, ...one } = JSON.parse(out || '{"kind":"List","items":[]}') as KubernetesObject & { items?: KubernetesObject[] }
  return kind === 'List' ? items : [{ kind, ...one } as KubernetesObject]
}
