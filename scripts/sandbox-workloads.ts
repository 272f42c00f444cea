/**
 * `node scripts/sandbox-workloads.ts`: asks a real API server all cases and keeps its answers in test/sandbox/kinds/workloads/fixtures/recorded.json.
 *
 * The server is that of $KUBECONFIG if it is a file of test/controlplane, else one that is started for it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { startControlPlane } from '../test/controlplane/control-plane.ts'
import { type Endpoint, Requester } from '../test/controlplane/request.ts'
import { cases } from '../test/sandbox/kinds/workloads/cases.ts'
import { describeCase, type Outcome, outcomeOf, type Send, splitWarnings } from '../test/sandbox/kinds/workloads/exchange.ts'

interface Kubeconfig {
  readonly clusters: [{ readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }]
  readonly users: [{ readonly user: { readonly token: string } }]
}

function endpointOf(path: string): Endpoint {
  const { clusters, users } = JSON.parse(readFileSync(path, 'utf8')) as Kubeconfig
  const { cluster } = clusters[0]
  return { server: cluster.server, ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(), token: users[0].user.token }
}

async function record(endpoint: Endpoint): Promise<void> {
  const requester = new Requester(endpoint)
  const send: Send = async (method, path, body) => {
    const { status, body: answer, headers } = await requester.send(method, path, { body })
    return { status, body: answer, warnings: [headers['warning'] ?? []].flat().flatMap(splitWarnings) }
  }
  const run = Date.now() % 100_000
  const namespace = `workload-cases-${run}`
  await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const outcomes: Record<string, Outcome> = {}
  try {
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
    while ((await send('GET', account)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100))
    for (const [index, each] of cases.entries()) outcomes[describeCase(each)] = await outcomeOf(send, namespace, each, run * 1000 + index)
    const version = (await send('GET', '/version')).body as { gitVersion: string }
    const file = new URL('../test/sandbox/kinds/workloads/fixtures/recorded.json', import.meta.url)
    const lines = Object.entries(outcomes).map(([title, outcome]) => `${JSON.stringify(title)}: ${JSON.stringify(outcome)}`)
    writeFileSync(file, `{ "kubernetes": ${JSON.stringify(version.gitVersion)}, "outcomes": {\n${lines.join(',\n')}\n} }\n`)
  } finally {
    await send('DELETE', `/api/v1/namespaces/${namespace}`)
    requester.close()
  }
}

if (process.env['KUBECONFIG']) await record(endpointOf(process.env['KUBECONFIG']))
else {
  const controlPlane = await startControlPlane({ say: (line) => console.error(line) })
  try {
    await record(controlPlane.access)
  } finally {
    await controlPlane.stop()
  }
}
