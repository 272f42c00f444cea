/** Stands, and what others do to their Deployments. */
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../../controlplane/fixture.ts'
import { change, collection, create, installDefinition, read, untilCondition, type Condition } from '../objects.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const watches = file('watches.yaml')

export interface Deployment {
  metadata: { generation: number; resourceVersion: string; managedFields: { manager: string; operation: string }[] }
  spec: { replicas: number; template: { spec: { containers: { name: string; image: string }[] } } }
}

export class Stand {
  readonly #cluster: Cluster
  readonly path: string
  readonly deployment: string
  readonly configMap: string

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster
    this.path = `${collection(cluster, 'stands.example.com/v1', 'stands')}/${name}`
    this.deployment = `${collection(cluster, 'apps/v1', 'deployments')}/${name}`
    this.configMap = `${collection(cluster, 'v1', 'configmaps')}/${name}`
  }

  async replicas(): Promise<number> {
    return (await read<Deployment>(this.#cluster, this.deployment)).spec.replicas
  }

  /** Resolves when the Deployment has this number. */
  async untilReplicas(replicas: number): Promise<void> {
    await this.#cluster.eventually(
      async () => {
        const found = await this.replicas()
        if (found !== replicas) throw new Error(`it has ${found}`)
        return true
      },
      { describe: `the Deployment has ${replicas} replicas`, interval: 10 },
    )
  }

  async patch(spec: object): Promise<void> {
    await change(this.#cluster, this.path, { spec })
  }

  async until(status: 'True' | 'False', message?: RegExp): Promise<Condition> {
    return await untilCondition(this.#cluster, this.path, { status, ...(message && { message }) })
  }

  async condition(type: string): Promise<Condition | undefined> {
    const { status } = await read<{ status?: { conditions?: Condition[] } }>(this.#cluster, this.path)
    return status?.conditions?.find((each) => each.type === type)
  }

  /** What a second applier does, with kubectl: these fields of the Deployment's spec, and no others, are its own. */
  async applyAs(manager: string, spec: object, { force = true } = {}): Promise<{ exitCode: number; stderr: string }> {
    const [name = ''] = this.deployment.split('/').slice(-1)
    const manifest = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec }
    const flags = ['--server-side', `--field-manager=${manager}`, ...(force ? ['--force-conflicts'] : [])]
    return await this.#cluster.kubectl(['apply', ...flags, '-f', '-'], { input: JSON.stringify(manifest) })
  }

  /** What a person does: `kubectl edit`, with a script in the place of the editor. */
  async edit(script: string): Promise<void> {
    const [name = ''] = this.deployment.split('/').slice(-1)
    const { exitCode, stderr } = await this.#cluster.kubectl(['edit', 'deployment', name], {
      environment: { KUBE_EDITOR: `sed -i ${script}` },
    })
    if (exitCode !== 0) throw new Error(`kubectl edit ended with ${exitCode}: ${stderr}`)
  }

  /** What an autoscaler does: a write of the scale subresource. */
  async scale(replicas: number): Promise<void> {
    const answer = await this.#cluster.request('PATCH', `${this.deployment}/scale`, {
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'kube-controller-manager' },
      body: { spec: { replicas } },
    })
    if (answer.status !== 200) throw new Error(`scaling was answered ${answer.status}: ${answer.body.message}`)
  }
}

/** Applies the definition and resolves when the server serves Stands. */
export const installStands = async (cluster: Cluster): Promise<string> => await installDefinition(cluster, file('chart/crds/stands.yaml'))

/** Creates one Stand under this policy; resolves when it is ready. */
export async function openStand(cluster: Cluster, policy: 'force' | 'yield' | 'fail', spec: object = {}): Promise<Stand> {
  await create(cluster, collection(cluster, 'stands.example.com/v1', 'stands'), {
    apiVersion: 'stands.example.com/v1',
    kind: 'Stand',
    metadata: { name: 'shop', labels: { policy } },
    spec,
  })
  const stand = new Stand(cluster, 'shop')
  await stand.until('True')
  return stand
}
