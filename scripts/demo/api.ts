/** The demo's requests: those of the kubectl commands that it names, sent without kubectl. */
import { readFileSync } from 'node:fs'
import type { KubernetesObject } from '../../src/api/object.ts'
import { type ApiClient, createClient } from '../../src/kube/client.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { parseYaml } from '../../src/yaml/read.ts'
import { Failed } from './failed.ts'
import { printTable, type Table } from './tables.ts'

const core = '/api/v1/namespaces/default'

/** What `kubectl get` calls the kinds, and where they are. */
const collections = {
  'app.app.company.com': '/apis/app.company.com/v1alpha1/namespaces/default/apps',
  serviceaccount: `${core}/serviceaccounts`,
  configmap: `${core}/configmaps`,
  'deployment.apps': '/apis/apps/v1/namespaces/default/deployments',
  service: `${core}/services`,
  pod: `${core}/pods`,
} as const

export type Kind = keyof typeof collections

export class Api {
  readonly #client: ApiClient

  private constructor(client: ApiClient) {
    this.#client = client
  }

  static async open(kubeconfig: string): Promise<Api> {
    const loaded = await loadCredentials({ kubeconfig, environment: {} })
    if (loaded.kind === 'problem') throw new Failed(loaded.problem.message)
    return new Api(createClient(loaded.credentials, { userAgent: 'fairlead-demo' }))
  }

  /** `kubectl apply --server-side -f FILE` */
  async apply(kind: Kind, file: string): Promise<KubernetesObject> {
    const body = parseYaml(file, readFileSync(file, 'utf8')).values[0] as unknown as KubernetesObject
    return await this.#client.request({
      method: 'PATCH',
      path: `${collections[kind]}/${body.metadata.name}`,
      query: { fieldManager: 'kubectl' },
      contentType: 'application/apply-patch+yaml',
      body,
    })
  }

  /** `kubectl patch KIND NAME --type merge` */
  async patch(kind: Kind, name: string, body: object): Promise<void> {
    const path = `${collections[kind]}/${name}`
    const query = { fieldManager: 'kubectl-patch' }
    await this.#client.request({ method: 'PATCH', path, query, contentType: 'application/merge-patch+json', body })
  }

  /** `kubectl delete KIND NAME` */
  async delete(kind: Kind, name: string): Promise<void> {
    await this.#client.request({
      method: 'DELETE',
      path: `${collections[kind]}/${name}`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
    })
  }

  async read(kind: Kind, name: string): Promise<KubernetesObject> {
    return await this.#client.request({ method: 'GET', path: `${collections[kind]}/${name}` })
  }

  /**
   * Resolves when the object is as wanted; watches it until then. Rejects when the signal aborts.
   *
   * @param state what is wanted, in words
   */
  async until(kind: Kind, name: string, state: string, wanted: (object: KubernetesObject) => boolean, signal: AbortSignal): Promise<void> {
    let last: KubernetesObject | undefined
    const query = { fieldSelector: `metadata.name=${name}` }
    for await (const { type, object } of this.#client.watch({ path: collections[kind], query, signal })) {
      if (type === 'ERROR') break
      last = type === 'DELETED' ? undefined : object
      if (last && wanted(last)) return
    }
    const seen = last ? `its status is ${JSON.stringify(last['status'] ?? {})}` : 'it is not there'
    throw new Failed(`${kind}/${name} did not become ${state} in time: ${seen}`)
  }

  /** `kubectl get KIND,… --selector SELECTOR`, as it prints it. */
  async get(kinds: readonly Kind[], selector?: string): Promise<string[]> {
    const prefixed = kinds.length > 1
    const printed: string[] = []
    for (const kind of kinds) {
      const table = await this.#client.request<Table>({
        method: 'GET',
        path: collections[kind],
        query: { labelSelector: selector },
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      })
      const lines = printTable(table, prefixed ? `${kind}/` : '')
      printed.push(...(printed.length > 0 && lines.length > 0 ? [''] : []), ...lines)
    }
    return printed
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
