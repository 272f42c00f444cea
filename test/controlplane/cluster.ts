/** What one test sees of a control plane: a namespace of its own, and ways to look at and change the cluster. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuditLog } from './audit.ts'
import { eventually, type EventuallyOptions } from './eventually.ts'
import { kubeconfig } from './kubeconfig.ts'
import { Requester, type RequestOptions, type Response, type ResponseBody } from './request.ts'
import { runTool, type ToolResult, type Tools } from './tools.ts'

/** Where a running control plane is reached: plain data, so that it can be handed to another process. */
export interface ControlPlaneAccess {
  /** https://127.0.0.1:port */
  server: string
  /** The certificate authority, PEM. */
  ca: string
  /** The administrator's token. */
  token: string
  /** Folder for files that go when the control plane stops. */
  directory: string
  auditLog: string
  tools: Tools
  /** Whether the controllers run; without them a namespace gets no default service account and is never emptied. */
  controllers: boolean
}

/** (rbac.authorization.k8s.io/v1 PolicyRule) */
export interface PolicyRule {
  verbs: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

export interface ToolOptions {
  /** Goes to standard input. */
  input?: string
  /** Default: the administrator's. */
  kubeconfig?: string
  /** More variables of the tool's environment, e.g. its editor. */
  environment?: Readonly<Record<string, string>>
}

export class Cluster {
  /** A namespace for this test alone; also the namespace of the kubeconfigs' contexts. */
  readonly namespace: string
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly server: string
  /** The certificate authority, PEM. */
  readonly ca: string
  /** The administrator's token. */
  readonly token: string
  /** The requests since this object was made. Other tests' are among them: filter by namespace or user agent. */
  readonly audit: AuditLog
  readonly #access: ControlPlaneAccess
  readonly #directory: string
  readonly #requester: Requester
  readonly #clusterScoped = new Set<string>()

  private constructor(access: ControlPlaneAccess, namespace: string) {
    this.#access = access
    this.namespace = namespace
    this.server = access.server
    this.ca = access.ca
    this.token = access.token
    this.#directory = join(access.directory, namespace)
    this.kubeconfig = join(this.#directory, 'administrator.kubeconfig')
    this.audit = new AuditLog(access.auditLog)
    this.#requester = new Requester(access)
  }

  /** Makes the namespace and resolves when pods can be made in it. */
  static async open(access: ControlPlaneAccess): Promise<Cluster> {
    const cluster = new Cluster(access, `test-${randomBytes(4).toString('hex')}`)
    mkdirSync(cluster.#directory)
    writeFileSync(cluster.kubeconfig, kubeconfig({ ...access, namespace: cluster.namespace }), { mode: 0o600 })
    await cluster.#create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: cluster.namespace } })
    const serviceAccount = `/api/v1/namespaces/${cluster.namespace}/serviceaccounts/default`
    if (access.controllers)
      await cluster.eventually(async () => (await cluster.request('GET', serviceAccount)).status === 200, {
        describe: `the service account "default" in ${cluster.namespace}`,
        interval: 10,
      })
    return cluster
  }

  /** Starts to delete what this test made: the namespace, and what `kubeconfigFor` made outside of it. Does not wait for it. */
  async close(): Promise<void> {
    try {
      for (const path of [...this.#clusterScoped, `/api/v1/namespaces/${this.namespace}`]) await this.request('DELETE', path)
    } finally {
      this.#requester.close()
      rmSync(this.#directory, { recursive: true, force: true })
    }
  }

  /** One HTTP request as the administrator. An answer of any status is a result; it throws when there is no answer. */
  async request<Body = ResponseBody>(method: string, path: string, options?: RequestOptions): Promise<Response<Body>> {
    return await this.#requester.send<Body>(method, path, options)
  }

  /** Runs the real kubectl in this test's namespace; any exit code is a result. */
  async kubectl(args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
    return await runTool(this.#access.tools.kubectl, args, options.kubeconfig ?? this.kubeconfig, options)
  }

  /** Runs the real helm in this test's namespace; any exit code is a result. */
  async helm(args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
    return await runTool(this.#access.tools.helm, args, options.kubeconfig ?? this.kubeconfig, options)
  }

  /**
   * A service account of this test's namespace with exactly these rules, in the given namespace or, without one, in the whole cluster.
   * Resolves with the path of its kubeconfig when the server grants the first rule. Calling it again with the same name and another
   * scope adds to what the account may do; with the same scope it replaces.
   */
  async kubeconfigFor({ name, rules, namespace }: { name: string; rules: readonly PolicyRule[]; namespace?: string }): Promise<string> {
    const account = `/api/v1/namespaces/${this.namespace}/serviceaccounts/${name}`
    await this.#apply(account, { apiVersion: 'v1', kind: 'ServiceAccount' })

    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`
    const prefix = namespace === undefined ? 'cluster' : ''
    const kind = namespace === undefined ? 'ClusterRole' : 'Role'
    const qualified = `${this.namespace}-${name}`
    const role = `/apis/${apiVersion}${scope}/${prefix}roles/${qualified}`
    const binding = `/apis/${apiVersion}${scope}/${prefix}rolebindings/${qualified}`
    if (namespace !== this.namespace) this.#clusterScoped.add(binding).add(role)
    await this.#apply(role, { apiVersion, kind, rules })
    await this.#apply(binding, {
      apiVersion,
      kind: `${kind}Binding`,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: qualified },
      subjects: [{ kind: 'ServiceAccount', name, namespace: this.namespace }],
    })
    await this.#granted(name, rules, namespace)

    const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } }
    const { status } = await this.#create<{ status: { token: string } }>(`${account}/token`, asked)
    const path = join(this.#directory, `${name}.kubeconfig`)
    writeFileSync(path, kubeconfig({ server: this.server, ca: this.ca, token: status.token, namespace: this.namespace }), { mode: 0o600 })
    return path
  }

  /** Resolves with the first truthy value of `check`; rejects after the deadline and tells what the last look gave. */
  async eventually<T>(check: () => T | Promise<T>, options?: EventuallyOptions): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
    return await eventually(check, options)
  }

  /** The server's authorizer learns of a new binding by its own watch, a moment after the binding was made. */
  async #granted(name: string, rules: readonly PolicyRule[], namespace: string | undefined): Promise<void> {
    const rule = rules[0]
    const verb = rule?.verbs[0]
    if (rule === undefined || verb === undefined) return
    const first = (list: readonly string[] | undefined): string => list?.[0] ?? ''
    const [resource = '', subresource] = first(rule.resources).split('/')
    const what =
      rule.nonResourceURLs === undefined
        ? {
            resourceAttributes: {
              verb,
              group: first(rule.apiGroups),
              resource,
              ...(subresource !== undefined && { subresource }),
              ...(rule.resourceNames !== undefined && { name: first(rule.resourceNames) }),
              ...(namespace !== undefined && { namespace }),
            },
          }
        : { nonResourceAttributes: { verb, path: first(rule.nonResourceURLs) } }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${this.namespace}:${name}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${this.namespace}`, 'system:authenticated'],
        ...what,
      },
    }
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    await this.eventually(async () => (await this.#create<{ status: { allowed: boolean } }>(path, review)).status.allowed, {
      describe: `${name} may ${JSON.stringify(what)}`,
      interval: 10,
    })
  }

  async #apply(path: string, object: object): Promise<void> {
    const { status, body } = await this.request('PATCH', path, {
      query: { fieldManager: 'cluster-fixture', force: true },
      contentType: 'application/apply-patch+yaml',
      body: { ...object, metadata: { name: path.slice(path.lastIndexOf('/') + 1) } },
    })
    if (status >= 300) throw new Error(`applying ${path} was answered ${status}: ${body.message}`)
  }

  async #create<Body>(path: string, object: object): Promise<Body> {
    const { status, body } = await this.request('POST', path, { body: object })
    if (status >= 300) throw new Error(`creating in ${path} was answered ${status}: ${body.message}`)
    return body as Body
  }
}
