import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { createClient, type ApiClient } from '../../src/kube/client.ts'
import { loadCredentials, type CredentialOptions } from '../../src/kube/credentials.ts'
import { ApiError } from '../../src/kube/errors.ts'
import { onControlPlane, test, type Cluster } from '../controlplane/fixture.ts'

/** Who the server takes us for. (authentication.k8s.io/v1 SelfSubjectReview) */
async function whoAmI(
  options: Omit<CredentialOptions, 'environment'>,
  environment: CredentialOptions['environment'] = process.env,
): Promise<string> {
  const client = await open(options, environment)
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}

async function open(
  options: Omit<CredentialOptions, 'environment'>,
  environment: CredentialOptions['environment'] = process.env,
): Promise<ApiClient> {
  const result = await loadCredentials({ environment, ...options })
  if (result.kind === 'problem') throw new Error(result.problem.message)
  return createClient(result.credentials, { userAgent: 'fairlead/test' })
}

async function ask(client: ApiClient): Promise<string> {
  const review = await client.request<{ status: { userInfo: { username: string } } }>({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  })
  return review.status.userInfo.username
}

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-credentials-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function kubeconfig(cluster: Cluster, user: object, more: object = {}): string {
  const file = join(folder(), 'config')
  const server = { server: cluster.server, 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64'), ...more }
  writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: server }],
      users: [{ name: 'a', user }],
    }),
  )
  return file
}

async function tokenOf(cluster: Cluster, name: string): Promise<string> {
  const text = readFileSync(
    await cluster.kubeconfigFor({ name, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], namespace: cluster.namespace }),
    'utf8',
  )
  return /token:\s*"?([^"\s]+)/.exec(text.replaceAll('"token"', 'token'))?.[1] as string
}

describe('the server knows us by', () => {
  test('a token', async ({ cluster }) => {
    expect(await whoAmI({ kubeconfig: kubeconfig(cluster, { token: await tokenOf(cluster, 'a') }) })).toBe(
      `system:serviceaccount:${cluster.namespace}:a`,
    )
  })

  // The sandbox knows users by tokens only.
  test.runIf(onControlPlane)('a client certificate', async ({ cluster }) => {
    const directory = dirname(dirname(cluster.kubeconfig))
    const user = { 'client-certificate': join(directory, 'administrator.crt'), 'client-key': join(directory, 'administrator.key') }
    expect(await whoAmI({ kubeconfig: kubeconfig(cluster, user) })).toBe('administrator')
  })

  test('what a plugin gives', async ({ cluster }) => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: await tokenOf(cluster, 'plugin') },
    }
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', `echo '${JSON.stringify(credential)}'`],
      interactiveMode: 'Never',
    }
    expect(await whoAmI({ kubeconfig: kubeconfig(cluster, { exec }) })).toBe(`system:serviceaccount:${cluster.namespace}:plugin`)
  })

  test('whom we act for', async ({ cluster }) => {
    expect(await whoAmI({ kubeconfig: kubeconfig(cluster, { token: cluster.token, as: 'jane', 'as-groups': ['system:masters'] }) })).toBe(
      'jane',
    )
  })

  test('the service account of a pod, and by its next token when the first is refused', async ({ cluster }) => {
    const directory = folder()
    writeFileSync(join(directory, 'ca.crt'), cluster.ca)
    writeFileSync(join(directory, 'token'), await tokenOf(cluster, 'first'))
    const { hostname, port } = new URL(cluster.server)
    const client = await open({ serviceAccountDirectory: directory }, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port })
    onTestFinished(() => client.close())
    expect(await ask(client)).toBe(`system:serviceaccount:${cluster.namespace}:first`)
    writeFileSync(join(directory, 'token'), await tokenOf(cluster, 'second'))
    const account = `/api/v1/namespaces/${cluster.namespace}/serviceaccounts/first`
    await cluster.request('DELETE', account)
    // The server forgets a good token after ten seconds at most.
    await cluster.eventually(async () => (await ask(client)) === `system:serviceaccount:${cluster.namespace}:second`, { timeout: 30_000 })
  })
})

describe('the server is not trusted', () => {
  const failure = async (options: Omit<CredentialOptions, 'environment'>): Promise<unknown> =>
    whoAmI(options).catch((error: unknown) => error)

  test('without its certificate authority: the error says so', async ({ cluster }) => {
    const error = await failure({ kubeconfig: kubeconfig(cluster, { token: 'x' }, { 'certificate-authority-data': undefined }) })
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ class: 'network', reason: expect.stringMatching(/^TLS: /), outcome: 'retry', maybeDone: false })
  })

  test('under another name, unless that is told', async ({ cluster }) => {
    const { port } = new URL(cluster.server)
    const server = `https://127.0.0.2:${port}`
    const token = await tokenOf(cluster, 'a')
    const reached = await fetch(server).then(
      () => true,
      (error: { cause?: { code?: string } }) => error.cause?.code !== 'ECONNREFUSED',
    )
    const error = await failure({ kubeconfig: kubeconfig(cluster, { token }, { server }) })
    expect(error).toMatchObject({ class: 'network', reason: reached ? 'TLS: ERR_TLS_CERT_ALTNAME_INVALID' : 'ConnectionRefused' })
    expect(await whoAmI({ kubeconfig: kubeconfig(cluster, { token }, { 'tls-server-name': 'localhost' }) })).toContain(':a')
  })

  test('unless the kubeconfig says not to check', async ({ cluster }) => {
    const file = kubeconfig(
      cluster,
      { token: await tokenOf(cluster, 'a') },
      { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true },
    )
    expect(await whoAmI({ kubeconfig: file })).toBe(`system:serviceaccount:${cluster.namespace}:a`)
  })

  test('and with a token that it does not know it says unauthorized', async ({ cluster }) => {
    expect(await failure({ kubeconfig: kubeconfig(cluster, { token: 'nobody' }) })).toMatchObject({
      class: 'unauthorized',
      code: 401,
      outcome: 'retry',
    })
  })
})
