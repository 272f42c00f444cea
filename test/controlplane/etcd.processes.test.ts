/** Real etcd on the node of real processes: members that find each other by name and trust each other by certificates without addresses. */
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { describe, expect } from 'vitest'
import { makeCertificate } from '../../src/operator/certificate.ts'
import type { Cluster } from './cluster.ts'
import { testOnKubelet } from './kubelet-fixture.ts'
import { etcdImage, etcdVersion, type EtcdRelease } from './images.ts'
import type { Kubelet } from './kubelet.ts'

const test = testOnKubelet({ etcd: ['3.5', '3.6'] })

const tls = ['--cacert=/tls/ca.crt', '--cert=/tls/tls.crt', '--key=/tls/tls.key']

interface Pod {
  metadata: { uid: string }
  status: { containerStatuses: { restartCount: number; containerID: string }[] }
}

interface Trust {
  authority: string
  certificate: string
  privateKey: string
}

/** One certificate for all members and clients. It names them, with no address. */
async function trust(namespace: string): Promise<Trust> {
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000), ipAddresses: [] }
  const authority = await makeCertificate({ ...validity, commonName: 'etcd-ca', dnsNames: [], isAuthority: true })
  const dnsNames = [`etcd-client.${namespace}.svc`, ...[0, 1, 2].map((number) => `etcd-${number}.etcd.${namespace}.svc`)]
  const member = await makeCertificate({ ...validity, commonName: 'etcd', dnsNames, isAuthority: false, issuer: authority })
  return { authority: authority.certificate, ...member }
}

function manifests(namespace: string, members: number, release: EtcdRelease, { authority, certificate, privateKey }: Trust): object {
  const url = (host: string, port: number): string => `https://${host}.etcd.${namespace}.svc:${port}`
  const peers = Array.from({ length: members }, (_, number) => `etcd-${number}=${url(`etcd-${number}`, 2380)}`).join(',')
  const labels = { app: 'etcd' }
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'etcd' },
        spec: { clusterIP: 'None', selector: labels, publishNotReadyAddresses: true, ports: [{ port: 2380 }] },
      },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'etcd-client' }, spec: { selector: labels, ports: [{ port: 2379 }] } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'etcd-tls' },
        stringData: { 'ca.crt': authority, 'tls.crt': certificate, 'tls.key': privateKey },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'etcd' },
        spec: {
          serviceName: 'etcd',
          replicas: members,
          podManagementPolicy: 'Parallel',
          selector: { matchLabels: labels },
          volumeClaimTemplates: [
            { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
          ],
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  name: 'etcd',
                  image: etcdImage(release),
                  command: [
                    'etcd',
                    '--name=$(NAME)',
                    '--data-dir=/data/etcd',
                    `--initial-cluster=${peers}`,
                    '--listen-peer-urls=https://$(POD_IP):2380',
                    '--listen-client-urls=https://$(POD_IP):2379',
                    `--initial-advertise-peer-urls=${url('$(NAME)', 2380)}`,
                    `--advertise-client-urls=${url('$(NAME)', 2379)}`,
                    '--listen-metrics-urls=http://$(POD_IP):2381',
                    '--client-cert-auth',
                    '--peer-client-cert-auth',
                    ...['', 'peer-'].flatMap((kind) => [
                      `--${kind}trusted-ca-file=/tls/ca.crt`,
                      `--${kind}cert-file=/tls/tls.crt`,
                      `--${kind}key-file=/tls/tls.key`,
                    ]),
                  ],
                  env: [
                    { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                  ],
                  readinessProbe: { httpGet: { path: '/readyz', port: 2381 }, periodSeconds: 1 },
                  volumeMounts: [
                    { name: 'data', mountPath: '/data' },
                    { name: 'tls', mountPath: '/tls' },
                  ],
                },
              ],
              volumes: [{ name: 'tls', secret: { secretName: 'etcd-tls' } }],
            },
          },
        },
      },
    ],
  }
}

/** Applies the manifests and waits until all members are ready. */
async function start(cluster: Cluster, members: number, release: EtcdRelease = '3.6'): Promise<Trust> {
  const trusted = await trust(cluster.namespace)
  const applied = await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify(manifests(cluster.namespace, members, release, trusted)),
  })
  expect(applied.stderr).toBe('')
  await ready(cluster, members)
  return trusted
}

async function ready(cluster: Cluster, members: number): Promise<void> {
  await cluster.eventually(
    async () => {
      const { body } = await cluster.request<{ status: { readyReplicas?: number } }>(
        'GET',
        `/apis/apps/v1/namespaces/${cluster.namespace}/statefulsets/etcd`,
      )
      return body.status.readyReplicas === members
    },
    { describe: `${members} members are ready`, timeout: 45_000 },
  )
}

/** Runs etcdctl in the first member, which asks itself by its name. */
async function etcdctl(cluster: Cluster, ...args: string[]): Promise<string> {
  const endpoint = `--endpoints=https://etcd-0.etcd.${cluster.namespace}.svc:2379`
  const { stdout, stderr, exitCode } = await cluster.kubectl(['exec', 'etcd-0', '--', 'etcdctl', endpoint, ...tls, ...args])
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}

/** The members API over JSON, at the name of the client service. */
async function members(kubelet: Kubelet, cluster: Cluster, trusted: Trust): Promise<{ name: string; peerURLs: string[] }[]> {
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = httpsRequest(
      `https://etcd-client.${cluster.namespace}.svc:2379/v3/cluster/member/list`,
      { method: 'POST', lookup: kubelet.lookup, ca: trusted.authority, cert: trusted.certificate, key: trusted.privateKey, agent: false },
      (response) => {
        text(response).then(resolve, reject)
      },
    )
    sent.on('error', reject)
    sent.end('{}')
  })
  return (JSON.parse(answer) as { members: { name: string; peerURLs: string[] }[] }).members
}

describe('etcd with certificates that carry names only', () => {
  test('two members form a cluster', async ({ cluster }) => {
    await start(cluster, 2)
    const status = JSON.parse(await etcdctl(cluster, 'endpoint', 'status', '--cluster', '--write-out=json')) as unknown[]
    expect(status).toHaveLength(2)
  })

  test('three members form a cluster, and the members API answers by name', async ({ cluster, kubelet }) => {
    const trusted = await start(cluster, 3)
    const status = JSON.parse(await etcdctl(cluster, 'endpoint', 'status', '--cluster', '--write-out=json')) as {
      Endpoint: string
      Status: { header: { cluster_id: number }; leader: number; version: string }
    }[]
    expect(status.map(({ Endpoint }) => Endpoint).sort()).toEqual(
      [0, 1, 2].map((number) => `https://etcd-${number}.etcd.${cluster.namespace}.svc:2379`),
    )
    expect(new Set(status.map(({ Status }) => `${Status.header.cluster_id} ${Status.leader}`)).size).toBe(1)
    expect((await members(kubelet, cluster, trusted)).map(({ name }) => name).sort()).toEqual(['etcd-0', 'etcd-1', 'etcd-2'])
  })

  test('a member that is killed, and one whose pod is deleted, come back with their data', async ({ cluster }) => {
    await start(cluster, 3)
    await etcdctl(cluster, 'put', 'before', 'kept')
    const pod = async (): Promise<Pod> => (await cluster.request<Pod>('GET', `/api/v1/namespaces/${cluster.namespace}/pods/etcd-1`)).body
    const before = await pod()
    process.kill(Number(before.status.containerStatuses[0]?.containerID.replace('process://', '')), 'SIGKILL')
    await cluster.eventually(async () => (await pod()).status.containerStatuses[0]?.restartCount === 1, {
      describe: 'it was started again',
    })
    await ready(cluster, 3)
    await cluster.kubectl(['delete', 'pod', 'etcd-1'])
    await cluster.eventually(async () => (await pod()).metadata?.uid !== before.metadata.uid, { describe: 'another pod is there' })
    await ready(cluster, 3)
    // Asked for itself, without the others.
    const own = ['--endpoints', `https://etcd-1.etcd.${cluster.namespace}.svc:2379`]
    const { stdout } = await cluster.kubectl(['exec', 'etcd-1', '--', 'etcdctl', ...own, ...tls, 'get', 'before', '--consistency=s'])
    expect(stdout).toBe('before\nkept\n')
    const { stdout: log } = await cluster.kubectl(['logs', 'etcd-1'])
    expect(log).toContain('restarting local member')
  })
})

describe('the tools and releases of etcd', () => {
  test('a member of 3.5 becomes one of 3.6 on its data', async ({ cluster }) => {
    await start(cluster, 1, '3.5')
    await etcdctl(cluster, 'put', 'before', 'kept')
    const image = `etcd=${etcdImage('3.6')}`
    await cluster.kubectl(['set', 'image', 'statefulset/etcd', image])
    await cluster.kubectl(['rollout', 'status', 'statefulset/etcd', '--timeout=45s'])
    expect(await etcdctl(cluster, 'get', 'before')).toBe('before\nkept\n')
    expect(await etcdctl(cluster, 'endpoint', 'status')).toContain(` ${etcdVersion('3.6')},`)
  })

  test('jobs save a snapshot to one claim and restore it into another', async ({ cluster }) => {
    const namespace = `/api/v1/namespaces/${cluster.namespace}`
    for (const name of ['backup', 'restored'])
      await cluster.request('POST', `${namespace}/persistentvolumeclaims`, {
        body: { metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      })
    await start(cluster, 1)
    await etcdctl(cluster, 'put', 'before', 'kept')
    const endpoint = `https://etcd-client.${cluster.namespace}.svc:2379`
    await run(cluster, 'save', ['etcdctl', ...tls, '--endpoints', endpoint, 'snapshot', 'save', '/backup/one.db'])
    await run(cluster, 'restore', ['etcdutl', 'snapshot', 'restore', '/backup/one.db', '--data-dir=/restored/etcd'])
    const status = await run(cluster, 'look', ['etcdutl', 'snapshot', 'status', '/restored/etcd/member/snap/db'])
    expect(status).toMatch(/^\w+, \d+, \d+, /m)
  })
})

/** Runs a command of the image as a Job with the two claims and the certificate, and gives what it wrote. */
async function run(cluster: Cluster, name: string, command: readonly string[]): Promise<string> {
  const mounts = ['backup', 'restored', 'tls']
  const container = { name, image: etcdImage('3.6'), command, volumeMounts: mounts.map((name) => ({ name, mountPath: `/${name}` })) }
  const volumes = [
    ...['backup', 'restored'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    { name: 'tls', secret: { secretName: 'etcd-tls' } },
  ]
  const template = { spec: { restartPolicy: 'Never', containers: [container], volumes } }
  const job = { metadata: { name }, spec: { backoffLimit: 0, template } }
  await cluster.request('POST', `/apis/batch/v1/namespaces/${cluster.namespace}/jobs`, { body: job })
  const waited = await cluster.kubectl(['wait', `job/${name}`, '--for=condition=Complete', '--timeout=30s'])
  const { stdout } = await cluster.kubectl(['logs', `job/${name}`])
  expect({ ...waited, stdout }).toMatchObject({ exitCode: 0 })
  return stdout
}
