import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/cluster.ts'
import { etcdVersion } from '../../controlplane/images.ts'
import { testOnKubelet } from '../../controlplane/kubelet-fixture.ts'
import { change, collection, create, installDefinition, read } from '../objects.ts'
import { OperatorProcess } from '../operator-process.ts'
import { EtcdClient, Writer } from './client.ts'

const example = (file: string): string => fileURLToPath(new URL(`../../../examples/etcd/${file}`, import.meta.url))
const apiVersion = 'etcd.company.com/v1alpha1'
const minute = 60_000

const test = testOnKubelet({ etcd: ['3.5', '3.6'] }).extend('operator', async ({ cluster, kubelet }, { onCleanup }) => {
  const operator = new OperatorProcess({
    kubeconfig: cluster.kubeconfig,
    watches: example('watches.yaml'),
    namespaces: [cluster.namespace],
    args: ['--dns-server', kubelet.dnsServer],
    environment: { FAIRLEAD_OPERATOR_NAMESPACE: cluster.namespace },
  })
  onCleanup(async () => void (await operator.stop('SIGKILL')))
  return operator
})

interface Told {
  status?: {
    members?: number
    version?: string
    observedGeneration?: number
    lastBackup?: string
    schedules?: { backup?: { last?: { due: string; outcome: string } } }
    conditions?: { type: string; status: string; message: string }[]
  }
  metadata: { generation: number }
}

interface Member {
  Endpoint: string
  Status: { version: string; leader: number; header: { cluster_id: number; member_id: number } }
}

const etcdClusters = (cluster: Cluster): string => collection(cluster, apiVersion, 'etcdclusters')
const demo = (cluster: Cluster): string => `${etcdClusters(cluster)}/demo`

const createEtcd = async (cluster: Cluster, name: string, spec: object): Promise<unknown> =>
  await create(cluster, etcdClusters(cluster), { apiVersion, kind: 'EtcdCluster', metadata: { name }, spec })

/** Resolves to what the custom resource says once that is so; rejects with that, and with the log. */
async function told(
  cluster: Cluster,
  operator: OperatorProcess,
  name: string,
  describe: string,
  isSo: (told: Told) => boolean,
): Promise<Told> {
  let last: Told | undefined
  try {
    return await cluster.eventually(
      async () => {
        last = await read<Told>(cluster, `${etcdClusters(cluster)}/${name}`)
        return isSo(last) && last
      },
      { describe, timeout: 3 * minute, interval: 200 },
    )
  } catch (error) {
    throw new Error(`${JSON.stringify(last?.status, undefined, 1)}\n${operator.text}`, { cause: error })
  }
}

/** Resolves when the custom resource is ready as it is now, with so many members of that version. */
const untilWell = async (cluster: Cluster, operator: OperatorProcess, name: string, members: number, version: string): Promise<unknown> =>
  await told(cluster, operator, name, `${members} members of ${version}`, ({ status, metadata }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    const isOfNow = status?.observedGeneration === metadata.generation
    return isOfNow && ready?.status === 'True' && status.members === members && status.version === version
  })

/** What etcdctl in the first member says of all members. */
async function membersOf(cluster: Cluster, name = 'demo'): Promise<Member[]> {
  const endpoint = `--endpoints=https://${name}-client.${cluster.namespace}.svc:2379`
  const tls = ['--cacert=/tls/ca.crt', '--cert=/tls/tls.crt', '--key=/tls/tls.key']
  const status = ['endpoint', 'status', '--cluster', '--write-out=json']
  const { stdout, stderr, exitCode } = await cluster.kubectl(['exec', `${name}-0`, '--', 'etcdctl', endpoint, ...tls, ...status])
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as Member[]
}

/** They are one cluster, with one leader. */
async function expectMembers(cluster: Cluster, members: number, version: string): Promise<void> {
  const status = await membersOf(cluster)
  expect(status.map(({ Endpoint }) => Endpoint).sort()).toEqual(
    Array.from({ length: members }, (_, ordinal) => `https://demo-${ordinal}.demo.${cluster.namespace}.svc:2379`),
  )
  expect(new Set(status.map(({ Status }) => `${Status.header.cluster_id} ${Status.leader}`)).size).toBe(1)
  expect(status.map(({ Status }) => Status.version)).toEqual(status.map(() => version))
}

const hundred = (phase: string): string[] => Array.from({ length: 100 }, (_, number) => `${phase}/${number}`)

async function writeHundred(client: EtcdClient, phase: string): Promise<void> {
  for (const key of hundred(phase)) await client.put(key, key)
}

const expectHundred = async (client: EtcdClient, phase: string): Promise<void> =>
  expect([...(await client.all(`${phase}/`)).keys()].sort()).toEqual(hundred(phase).sort())

describe('an EtcdCluster of real members', () => {
  test(
    'begins, grows to five, shrinks to three and is updated, and loses no write',
    async ({ cluster, kubelet, operator }) => {
      const [old, version] = [etcdVersion('3.5'), etcdVersion('3.6')]
      await installDefinition(cluster, example('crds/etcdcluster.yaml'))
      await createEtcd(cluster, 'demo', { size: 3, version: old })
      await operator.ready()
      await untilWell(cluster, operator, 'demo', 3, old)
      await expectMembers(cluster, 3, old)
      using client = await EtcdClient.of(cluster, kubelet, 'demo')
      const writer = new Writer(client)

      await writeHundred(client, 'three')
      await change(cluster, demo(cluster), { spec: { size: 5 } })
      await untilWell(cluster, operator, 'demo', 5, old)
      await expectMembers(cluster, 5, old)
      await expectHundred(client, 'three')

      await writeHundred(client, 'five')
      await change(cluster, demo(cluster), { spec: { size: 3 } })
      await untilWell(cluster, operator, 'demo', 3, old)
      await expectMembers(cluster, 3, old)
      await expectHundred(client, 'five')

      await change(cluster, demo(cluster), { spec: { version } })
      await untilWell(cluster, operator, 'demo', 3, version)
      await expectMembers(cluster, 3, version)
      for (const phase of ['three', 'five']) await expectHundred(client, phase)

      await writer.stop()
      const kept = await client.all('writer/')
      expect(writer.acknowledged.length).toBeGreaterThan(100)
      expect(writer.acknowledged.filter((key) => !kept.has(key))).toEqual([])
    },
    9 * minute,
  )

  test(
    'that loses its leader with the volume gets another member, and can be restored from a backup',
    async ({ cluster, kubelet, operator }) => {
      const version = etcdVersion('3.6')
      await installDefinition(cluster, example('crds/etcdcluster.yaml'))
      const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
      const claims = collection(cluster, 'v1', 'persistentvolumeclaims')
      await create(cluster, claims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'backups' }, spec: claim })
      const backup = { schedule: '* * * * *', claim: 'backups', keep: 2 }
      await createEtcd(cluster, 'demo', { size: 3, version, replaceAfter: '15s', backup })
      await operator.ready()
      await untilWell(cluster, operator, 'demo', 3, version)
      using client = await EtcdClient.of(cluster, kubelet, 'demo')
      await writeHundred(client, 'before')

      const written = Date.now()
      const { status } = await told(cluster, operator, 'demo', 'a backup of what was written', ({ status }) => {
        const last = status?.schedules?.backup?.last
        return last?.outcome === 'done' && Date.parse(last.due) > written
      })
      await writeHundred(client, 'later')
      const due = (status?.schedules?.backup?.last?.due ?? '').replaceAll(/[-:]/g, '').toLowerCase()
      await createEtcd(cluster, 'again', { size: 1, version, restoreFrom: { claim: 'backups', file: `demo-backup-${due}.db` } })
      await untilWell(cluster, operator, 'again', 1, version)
      using restored = await EtcdClient.of(cluster, kubelet, 'again')
      await expectHundred(restored, 'before')
      expect((await restored.all('later/')).size).toBe(0)

      const leader = (await membersOf(cluster)).find(({ Status }) => Status.leader === Status.header.member_id)
      const ordinal = /demo-(\d)\./.exec(leader?.Endpoint ?? '')?.[1] ?? ''
      await cluster.kubectl(['delete', 'persistentvolumeclaim', `data-demo-${ordinal}`, '--wait=false'])
      await cluster.kubectl(['delete', 'pod', `demo-${ordinal}`])
      await told(
        cluster,
        operator,
        'demo',
        'it is noticed',
        (now) => now.status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True',
      )
      await untilWell(cluster, operator, 'demo', 3, version)
      await expectMembers(cluster, 3, version)
      const ids = (await membersOf(cluster)).map(({ Status }) => Status.header.member_id)
      expect(ids).not.toContain(leader?.Status.header.member_id)
      for (const phase of ['before', 'later']) await expectHundred(client, phase)
    },
    9 * minute,
  )
})
