import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type Counted, CountingServer } from '../counting-server.ts'
import { test } from '../fixture.ts'
import { change, collection, create, installDefinition, read, remove, untilCondition } from '../objects.ts'

const definition = fileURLToPath(new URL('../../../examples/etcd/crds/etcdcluster.yaml', import.meta.url))
const watches = fileURLToPath(new URL('watches.yaml', import.meta.url))
const apiVersion = 'etcd.company.com/v1alpha1'
const etcdClusters = (cluster: Cluster): string => collection(cluster, apiVersion, 'etcdclusters')
const demo = (cluster: Cluster): string => `${etcdClusters(cluster)}/demo`

interface Member {
  ID: string
  name?: string
  peerURLs: string[]
  isLearner?: boolean
}

/** The members API, on a list that begins with one member; whoever is added has started when the list is asked for again. */
class Members {
  list: Member[]
  isAway = false
  #made = 1

  constructor({ namespace }: Cluster) {
    this.list = [{ ID: '1', name: 'demo-0', peerURLs: [`https://demo-0.demo.${namespace}.svc:2380`] }]
  }

  answer = ({ what, body }: Counted): Promise<{ status: number; body?: object }> =>
    Promise.resolve(this.#answer(what, body as Partial<Member>))

  #answer(what: string, { ID, peerURLs = [] }: Partial<Member>): { status: number; body?: object } {
    if (this.isAway) return { status: 503 }
    switch (what) {
      case 'GET /version':
        return { status: 200, body: { etcdserver: '3.6.8', etcdcluster: '3.6.0' } }
      case 'POST /v3/cluster/member/list': {
        const members = structuredClone(this.list)
        for (const member of this.list) member.name ??= /demo-\d+/.exec(member.peerURLs[0] ?? '')?.[0] ?? ''
        return { status: 200, body: { members } }
      }
      case 'POST /v3/cluster/member/add':
        this.list.push({ ID: String(++this.#made), peerURLs, isLearner: true })
        return { status: 200 }
      case 'POST /v3/cluster/member/promote':
        for (const member of this.list) if (member.ID === ID) delete member.isLearner
        return { status: 200 }
      case 'POST /v3/cluster/member/remove':
        this.list = this.list.filter((member) => member.ID !== ID)
        return { status: 200 }
      default:
        return { status: 404 }
    }
  }
}

const namesOf = async (cluster: Cluster, plural: string): Promise<string[]> => {
  const { items } = await read<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    cluster,
    collection(cluster, 'v1', plural),
  )
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name)
    .sort()
}

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, ordinal) => `${prefix}-${ordinal}`)

/** Volumes for the claims: there is no storage class to make them. */
async function createVolumes(cluster: Cluster, count: number): Promise<AsyncDisposable> {
  const volumes = '/api/v1/persistentvolumes'
  const names = numbered(`${cluster.namespace}-demo`, count)
  for (const [ordinal, name] of names.entries())
    await create(cluster, volumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: `/var/${name}` },
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: cluster.namespace, name: `data-demo-${ordinal}` },
      },
    })
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(names.map((name) => remove(cluster, `${volumes}/${name}`)))) }
}

/** Resolves when there are so many members, each with its pod and its volume, and nobody else. */
async function untilMembers(cluster: Cluster, count: number): Promise<void> {
  await cluster.eventually(async () => (await read<{ status?: { members?: number } }>(cluster, demo(cluster))).status?.members === count, {
    describe: `the status tells ${count} members`,
    timeout: 60_000,
  })
  await untilCondition(cluster, demo(cluster), { status: 'True' })
  await cluster.eventually(
    async () =>
      (await namesOf(cluster, 'pods')).join() === numbered('demo', count).join() &&
      (await namesOf(cluster, 'persistentvolumeclaims')).join() === numbered('data-demo', count).join(),
    { describe: `${count} pods and volumes`, timeout: 60_000 },
  )
}

describe('an EtcdCluster whose members a test plays', () => {
  test('grows and shrinks one member at a time, and loses nothing while the members do not answer', async ({ cluster, operator }) => {
    await using server = await CountingServer.start()
    await using _volumes = await createVolumes(cluster, 3)
    const members = new Members(cluster)
    server.answer = members.answer
    const changes = (): string[] =>
      server.asked
        .map(({ what }) => what.replace('POST /v3/cluster/member/', ''))
        .filter((what) => ['add', 'promote', 'remove'].includes(what))
    await installDefinition(cluster, definition)
    await create(cluster, etcdClusters(cluster), {
      apiVersion,
      kind: 'EtcdCluster',
      metadata: { name: 'demo' },
      spec: { size: 2, version: '3.6.8' },
    })
    await operator({ watches, environment: { ETCD_API: server.url } })
    await untilMembers(cluster, 2)
    await change(cluster, demo(cluster), { spec: { size: 3 } })
    await untilMembers(cluster, 3)
    expect(changes()).toEqual(['add', 'promote', 'add', 'promote'])

    members.isAway = true
    const asked = server.asked.length
    await cluster.eventually(() => server.asked.length > asked + 2, { describe: 'the members are asked', timeout: 30_000 })
    await change(cluster, demo(cluster), { spec: { size: 1 } })
    await untilCondition(cluster, demo(cluster), { status: 'False', message: /etcd\.yaml:\d+:\d+: step "members" .*503/ })
    const refused = server.asked.length
    await cluster.eventually(() => server.asked.length > refused + 4, {
      describe: 'the members are asked again and again',
      timeout: 60_000,
    })
    expect(changes()).toHaveLength(4)
    expect(await namesOf(cluster, 'persistentvolumeclaims')).toEqual(numbered('data-demo', 3))
    expect(await namesOf(cluster, 'pods')).toEqual(numbered('demo', 3))

    members.isAway = false
    await untilMembers(cluster, 1)
    expect(changes().slice(4)).toEqual(['remove', 'remove'])
  }, 180_000)
})
