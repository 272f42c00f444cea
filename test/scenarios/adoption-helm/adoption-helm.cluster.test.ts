import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const shopPath = (cluster: Cluster) => `${collection(cluster, 'shops.example.com/v1', 'shops')}/web`
const objectPath = (cluster: Cluster, kind: Kind) => `${collection(cluster, kinds[kind][0], kinds[kind][1])}/web`

const kinds = {
  ConfigMap: ['v1', 'configmaps'],
  Deployment: ['apps/v1', 'deployments'],
  PersistentVolumeClaim: ['v1', 'persistentvolumeclaims'],
  Service: ['v1', 'services'],
} as const satisfies Record<string, readonly [string, string]>
type Kind = keyof typeof kinds

interface Pod extends KubernetesObject {
  status: { containerStatuses?: { restartCount: number }[]; conditions?: { type: string; status: string }[] }
}

const podsOf = async (cluster: Cluster) => (await read<{ items: Pod[] }>(cluster, collection(cluster, 'v1', 'pods'))).items

const livesOf = async (cluster: Cluster) =>
  (await podsOf(cluster))
    .map(({ metadata, status }) => `${metadata.uid} restarted ${status.containerStatuses?.map(({ restartCount }) => restartCount).join()}`)
    .toSorted()

const isReady = ({ status }: Pod): boolean => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

async function run(cluster: Cluster, line: string): Promise<string> {
  const [program, ...args] = line.split(' ')
  const { exitCode, stdout, stderr } = await (program === 'helm' ? cluster.helm(args) : cluster.kubectl(args))
  if (exitCode !== 0) throw new Error(`${line}: ${stderr}`)
  return stdout
}

/** All objects of the release, by kind. */
async function objectsOf(cluster: Cluster): Promise<Record<Kind, KubernetesObject>> {
  const entries = (Object.keys(kinds) as Kind[]).map(async (kind) => [
    kind,
    await read<KubernetesObject>(cluster, objectPath(cluster, kind)),
  ])
  return Object.fromEntries(await Promise.all(entries)) as Record<Kind, KubernetesObject>
}

/** What has to be as it was: the object itself and what its controllers act on. */
const substance = ({ metadata, spec, ['data']: data }: KubernetesObject) => ({ uid: metadata.uid, spec, data })

const names = (Object.keys(kinds) as Kind[]).map((kind) => `${kind.toLowerCase()}/web`).join(' ')

const releases: { how: string; install: readonly string[] }[] = [
  { how: 'by Helm 4, which applies on the server’s side', install: [`helm install web ${here('release')}`] },
  {
    how: 'by Helm 4 in the way of Helm 3',
    install: [`helm install web ${here('release')} --server-side=false`],
  },
  {
    how: 'in the way of Helm 3, and upgraded by Helm 4',
    install: [
      `helm install web ${here('release')} --server-side=false --set greeting=before`,
      `helm upgrade web ${here('release')} --server-side=true --force-conflicts --set greeting=hello`,
    ],
  },
]

describe('a release that was installed', () => {
  for (const { how, install } of releases)
    test(`${how}, is adopted by a Shop: no pod restarts, and nothing of Helm’s stays, now or later`, { timeout: 120_000 }, async ({
      cluster,
      operator: start,
    }) => {
      await installDefinition(cluster, here('operator/charts/shop/crds/shop.yaml'))
      for (const line of install) await run(cluster, line)
      await cluster.eventually(async () => (await podsOf(cluster)).filter(isReady).length === 2, {
        describe: 'two pods are ready',
        timeout: 40_000,
      })
      const before = await objectsOf(cluster)
      const lives = await livesOf(cluster)
      expect(before.Deployment.metadata.annotations).toMatchObject({ 'meta.helm.sh/release-name': 'web' })
      const operator = await start({ watches: here('operator/watches.yaml') })

      await run(cluster, `kubectl label ${names} fairlead.dev/adopt=web`)
      const shop = await create(cluster, collection(cluster, 'shops.example.com/v1', 'shops'), {
        apiVersion: 'shops.example.com/v1',
        kind: 'Shop',
        metadata: { name: 'web' },
        spec: { replicas: 2, config: { greeting: 'hello', release: 'web' } },
      })
      for (const kind of Object.keys(kinds))
        expect((await operator.line(new RegExp(`^adopted ${kind}/web: from helm; `))).msg).toMatch(/removed \(spec\)$/)
      await untilQuiet(cluster, operator, shopPath(cluster))

      const after = await objectsOf(cluster)
      for (const kind of Object.keys(kinds) as Kind[]) {
        const { metadata } = after[kind]
        expect(substance(after[kind]), kind).toEqual(substance(before[kind]))
        expect(metadata.labels, kind).toEqual({ 'fairlead.dev/primary-uid': shop.metadata?.uid, 'fairlead.dev/adopt': 'web' })
        expect(
          Object.keys(metadata.annotations ?? {}).filter((name) => /helm/.test(name)),
          kind,
        ).toEqual([])
        expect(
          metadata.managedFields?.map(({ manager }) => manager),
          kind,
        ).not.toContain('helm')
        expect(metadata.ownerReferences, kind).toMatchObject([{ kind: 'Shop', name: 'web', controller: true }])
      }
      expect(await livesOf(cluster)).toEqual(lives)

      // The records are all that Helm knows of the release.
      await run(cluster, 'kubectl delete secret -l owner=helm,name=web')
      expect(JSON.parse(await run(cluster, 'helm list -o json'))).toEqual([])

      await change(cluster, shopPath(cluster), { spec: { config: { release: null } } })
      await cluster.eventually(
        async () => {
          const { data } = await read<KubernetesObject & { data: object }>(cluster, objectPath(cluster, 'ConfigMap'))
          return JSON.stringify(data) === '{"greeting":"hello"}'
        },
        { describe: 'the key that the Shop no longer has is gone' },
      )
      expect(await livesOf(cluster)).toEqual(lives)
    })

  test('and is not labelled, is left to Helm', async ({ cluster, operator: start }) => {
    await installDefinition(cluster, here('operator/charts/shop/crds/shop.yaml'))
    await run(cluster, `helm install web ${here('release')} --set replicas=0`)
    const before = await read<KubernetesObject>(cluster, objectPath(cluster, 'ConfigMap'))
    await start({ watches: here('operator/watches.yaml') })

    await create(cluster, collection(cluster, 'shops.example.com/v1', 'shops'), {
      apiVersion: 'shops.example.com/v1',
      kind: 'Shop',
      metadata: { name: 'web' },
      spec: { replicas: 2, config: { greeting: 'mine' } },
    })

    await untilCondition(cluster, shopPath(cluster), { status: 'False', message: /not touched/ })
    expect(await read(cluster, objectPath(cluster, 'ConfigMap'))).toEqual(before)
    await run(cluster, `helm upgrade web ${here('release')} --set replicas=0 --set greeting=bye`)
    expect((await read<KubernetesObject & { data: object }>(cluster, objectPath(cluster, 'ConfigMap'))).data).toMatchObject({
      greeting: 'bye',
    })
  })
})
