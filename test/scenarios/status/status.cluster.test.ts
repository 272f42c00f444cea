import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished } from 'vitest'
import type { PrimaryTree } from '../../../src/operator/tree.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { kubeconfig } from '../../controlplane/kubeconfig.ts'
import { type CommandResult, fairlead, fairleadAs } from '../command.ts'
import { test as base } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, untilCondition } from '../objects.ts'

const operatorFolder = fileURLToPath(new URL('operator', import.meta.url))

/** A copy of the operator's files, which a test may change. */
const test = base.extend('project', async ({ cluster }, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'shops-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  cpSync(operatorFolder, folder, { recursive: true })
  for (const name of ['shop', 'till']) await installDefinition(cluster, `${folder}/charts/${name}/crds/${name}.yaml`)
  return { watches: `${folder}/watches.yaml`, features: `${folder}/charts/shop/templates/features.yaml.eta` }
})

const canary = 'canary-52-17-33'

const shops = (cluster: Cluster): string => collection(cluster, 'status.example.com/v1', 'shops')
const configMap = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function createShop(cluster: Cluster, name: string, spec: object = {}): Promise<string> {
  const whole = { sign: 'open', combination: canary, features: [], ...spec }
  await create(cluster, shops(cluster), { apiVersion: 'status.example.com/v1', kind: 'Shop', metadata: { name }, spec: whole })
  return `${shops(cluster)}/${name}`
}

/** Somebody opens the door of a Shop as soon as there is one. */
async function openDoor(cluster: Cluster, name: string): Promise<void> {
  const door = configMap(cluster, `${name}-door`)
  await cluster.eventually(async () => await exists(cluster, door), { describe: `${name} has a door`, interval: 20 })
  await change(cluster, door, { data: { open: 'yes' } })
}

/** What it says of one Shop, as a script reads it. */
async function treeOf(cluster: Cluster, name: string): Promise<{ tree: PrimaryTree; code: number }> {
  const { code, out, error } = await fairlead(cluster, 'status', 'Shop.status.example.com', name, '--output', 'json')
  const trees = JSON.parse(out || '[]') as PrimaryTree[]
  if (trees.length !== 1) throw new Error(`there are ${trees.length} trees: ${error}`)
  return { tree: trees[0] as PrimaryTree, code }
}

/** Ages and the definition's hash are the only things in it that differ from run to run. */
const steady = ({ out }: CommandResult): string => out.replaceAll(/\b\d+s\b/g, '0s').replaceAll(/definition \S+(?=,)/g, 'definition 0')

describe('fairlead status of a custom resource', () => {
  test('shows what it waits for, and when that is there a tree that is ready, also while no operator runs', async ({
    cluster,
    operator,
    project,
  }) => {
    const running = await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'False', message: /ConfigMap\/corner-lights waits for ConfigMap\/corner-door/ })

    const waiting = await fairlead(cluster, 'status', 'Shop.status.example.com', 'corner')
    expect(waiting).toMatchObject({ code: 3, error: '' })
    expect(waiting.out).toContain('state   reconciling WaitingForDependents: ConfigMap/corner-lights waits for ConfigMap/corner-door')
    expect(waiting.out).toMatch(
      /├─ ConfigMap\/corner-door +inProgress +\d+s +ReadyWhen: its fairlead.dev\/ready-when does not hold yet: .*"data.open"}, "yes"\]}\n/,
    )

    await openDoor(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'True' })
    await untilCondition(cluster, `${collection(cluster, 'status.example.com/v1', 'tills')}/corner-till`, { status: 'True' })
    // What only the chart can judge is told as the operator judged it.
    const lights = configMap(cluster, 'corner-lights')
    await change(cluster, lights, { data: { broken: 'yes' } })
    await untilCondition(cluster, shop, {
      status: 'False',
      message: /^not ready: ConfigMap\/corner-lights \(its fairlead.dev\/ready-when does not hold yet: .*\)$/,
    })
    expect((await fairlead(cluster, 'status', 'Shop.status.example.com', 'corner')).out).toMatch(
      /├─ ConfigMap\/corner-lights +inProgress +\d+s +ReadyWhen: its fairlead.dev\/ready-when does not hold yet, as the operator tells\n/,
    )
    await change(cluster, lights, { data: { broken: null } })
    await untilCondition(cluster, shop, { status: 'True' })
    await running.stop()

    const ready = await fairlead(cluster, 'status', 'Shop.status.example.com/corner', '-n', cluster.namespace)
    expect(ready).toMatchObject({ code: 0, error: '' })
    expect(steady(ready)).toContain(`Shop.status.example.com/corner  namespace ${cluster.namespace}
  state   ready Ready: 4 dependents are ready
          since 0s, generation 1, definition 0, age 0s
`)
    expect(steady(ready)).toContain(`  ├─ ConfigMap/corner-door                current      0s
  ├─ ConfigMap/corner-lights              current      0s
  ├─ Secret/corner-safe                   current      0s
  └─ Till.status.example.com/corner-till  ready        0s
     state   ready Ready: 1 dependent is ready
`)
    expect(steady(ready)).toContain('     └─ ConfigMap/corner-till-prices  current      0s\n')

    await change(cluster, shop, { spec: { sign: 'closed' } })
    const { tree, code } = await treeOf(cluster, 'corner')
    expect([code, tree.state, tree.reason]).toEqual([3, 'reconciling', 'NotObserved'])
  })

  test('names what is held with the command that releases it, and that command releases it', async ({ cluster, operator, project }) => {
    const first = await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner', { features: ['cafe', 'kiosk'] })
    await openDoor(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'True' })
    await first.stop()
    rmSync(project.features)
    await operator({ watches: project.watches })
    await untilCondition(cluster, shop, { type: 'PruneHeld', status: 'True' })

    const { tree } = await treeOf(cluster, 'corner')
    expect(tree.held).toEqual({
      why: expect.any(String),
      deletes: ['ConfigMap/corner-cafe', 'ConfigMap/corner-kiosk'],
      count: 2,
      release: `fairlead approve Shop.status.example.com/corner -n ${cluster.namespace}`,
    })
    expect((await fairlead(cluster, 'status', 'Shop.status.example.com', 'corner')).out).toContain(`to delete: ${tree.held?.release}\n`)
    expect((await fairlead(cluster, 'status', 'Shop.status.example.com')).out).toMatch(/^\S+ +\S+\/corner .* PruneHeld +\S/m)

    expect(await fairlead(cluster, ...(tree.held?.release.split(' ').slice(1) ?? []))).toMatchObject({ code: 0 })
    await cluster.eventually(async () => !(await exists(cluster, configMap(cluster, 'corner-kiosk'))), { describe: 'it is deleted' })
    await cluster.eventually(async () => (await treeOf(cluster, 'corner')).tree.held === undefined, { describe: 'nothing is held' })
  })

  test('says which object is somebody else’s', async ({ cluster, operator, project }) => {
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'corner-door' } })
    await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner')
    await untilCondition(cluster, shop, { type: 'Stalled', status: 'True' })

    const { code, out } = await fairlead(cluster, 'status', 'Shop.status.example.com', 'corner')
    expect(code).toBe(3)
    expect(out).toMatch(/state {3}stalled Conflict: ConfigMap\/corner-door: not touched: /)
    expect((await treeOf(cluster, 'corner')).tree.dependents.map(({ name }) => name)).not.toContain('corner-door')
  })

  test('never prints a value of a Secret, in any form', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner')
    await openDoor(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'True' })
    const encoded = Buffer.from(canary).toString('base64')

    for (const format of ['text', 'json', 'yaml']) {
      const { code, out, error } = await fairlead(cluster, 'status', 'Shop.status.example.com', 'corner', '--output', format)
      expect(code).toBe(0)
      expect(out).toContain('corner-safe')
      for (const value of [canary, encoded]) expect(out + error).not.toContain(value)
    }
  })
})

describe('fairlead status without a name', () => {
  test('shows every custom resource of the namespace, and is not ready while one is not', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const [corner, market] = [await createShop(cluster, 'corner'), await createShop(cluster, 'market')]
    await openDoor(cluster, 'corner')
    await untilCondition(cluster, corner, { status: 'True' })
    await untilCondition(cluster, market, { status: 'False', message: /waits for/ })
    const statesOf = ({ out }: CommandResult) =>
      (JSON.parse(out) as PrimaryTree[]).map(({ kind, name, state }) => `${kind}/${name} ${state}`)

    const all = await fairlead(cluster, 'status', '-n', cluster.namespace, '--output', 'json')
    expect(statesOf(all)).toEqual(
      expect.arrayContaining([
        'Shop.status.example.com/corner ready',
        'Shop.status.example.com/market reconciling',
        'Till.status.example.com/corner-till ready',
      ]),
    )
    expect(all.code).toBe(3)
    const lines = await fairlead(cluster, 'status', 'Shop.status.example.com')
    expect(lines.code).toBe(3)
    expect(steady(lines).replaceAll(/ {2,}/g, '  ')).toBe(`NAMESPACE  NAME  READY  DEPENDENTS  AGE  CONDITIONS  MESSAGE
${cluster.namespace}  Shop.status.example.com/corner  True  4/4  0s  -  Ready: 4 dependents are ready
${cluster.namespace}  Shop.status.example.com/market  False  2/3  0s  -  WaitingForDependents: ConfigMap/market-lights waits for ConfigMap/market-door (its fairlead.dev/ready-when does not hold yet: {"==": [{"var": "data.open"}, "yes"]})
`)

    await openDoor(cluster, 'market')
    await untilCondition(cluster, market, { status: 'True' })
    const kind = await fairlead(cluster, 'status', 'shops.status.example.com', '--output', 'json')
    expect([kind.code, statesOf(kind).sort()]).toEqual([
      0,
      ['Shop.status.example.com/corner ready', 'Shop.status.example.com/market ready'],
    ])
  })

  test('shows also one of a watch that has never had a dependent', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const tills = collection(cluster, 'status.example.com/v1', 'tills')
    await create(cluster, tills, { apiVersion: 'status.example.com/v1', kind: 'Till', metadata: { name: 'lost' }, spec: {} })
    await untilCondition(cluster, `${tills}/lost`, { type: 'Stalled', status: 'True' })

    const { code, out } = await fairlead(cluster, 'status', '--operator-namespace', cluster.namespace, '--output', 'json')
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject([{ kind: 'Till.status.example.com', name: 'lost', state: 'stalled', reason: 'RenderFailed' }])
  })
})

describe('fairlead status for somebody who may only read', () => {
  const own = { apiGroups: ['status.example.com'], resources: ['shops', 'tills'], verbs: ['get', 'list'] }
  const events = { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['list'] }
  const inventory = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] }

  test('needs get and list alone', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner')
    await openDoor(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'True' })
    const core = { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['list'] }
    const rules = [own, events, inventory, core]
    const reader = await cluster.kubeconfigFor({ name: 'reader', rules, namespace: cluster.namespace })

    const { code, out, error } = await fairleadAs(
      reader,
      'status',
      'Shop.status.example.com',
      'corner',
      '--operator-namespace',
      cluster.namespace,
    )
    expect([code, error]).toEqual([0, ''])
    expect(out).toContain('Secret/corner-safe')
    const asked = cluster.audit.requests({ userAgent: 'fairlead-status', user: `system:serviceaccount:${cluster.namespace}:reader` })
    expect(new Set(asked.filter(({ resource }) => resource !== '').map(({ verb }) => verb))).toEqual(new Set(['get', 'list']))
  })

  test('names what it may not read, and shows the rest', async ({ cluster, operator, project }) => {
    await operator({ watches: project.watches })
    const shop = await createShop(cluster, 'corner')
    await openDoor(cluster, 'corner')
    await untilCondition(cluster, shop, { status: 'True' })
    const core = { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }
    const reader = await cluster.kubeconfigFor({ name: 'reader', rules: [own, core], namespace: cluster.namespace })

    const { code, out, error } = await fairleadAs(reader, 'status', 'Shop.status.example.com', 'corner')
    expect(code).toBe(0)
    expect(out).toContain('ConfigMap/corner-door')
    expect(out).not.toContain('corner-safe')
    expect(error.trim().split('\n')).toEqual([
      expect.stringMatching(/^warning: not read: the inventory of the operator, so every kind was searched: .*--operator-namespace/),
      expect.stringMatching(/^warning: not read: \d+ kinds: /),
      expect.stringMatching(/^warning: not read: the last action: /),
    ])
  })

  test('says so where it may not read the custom resource', async ({ cluster, project: _project }) => {
    const nobody = await cluster.kubeconfigFor({ name: 'nobody', rules: [events], namespace: cluster.namespace })
    const { code, out, error } = await fairleadAs(nobody, 'status', 'Shop.status.example.com', 'corner')
    expect([code, out]).toEqual([1, ''])
    expect(error).toMatch(/may not get shops\.status\.example\.com in namespace .*\(READ_REFUSED\)\n$/)
  })
})

describe('fairlead status of what is not there', () => {
  test.for([
    [['status', 'Shp', 'corner'], 'the cluster has no kind Shp; did you mean Shop? (OBJECT_MISSING)'],
    [['status', 'Shop.status.example.com', 'corner'], /^there is no Shop\.status\.example\.com\/\S+\/corner \(OBJECT_MISSING\)/],
  ] as const)('%j', async ([args, message], { cluster, project: _project }) => {
    const { code, out, error } = await fairlead(cluster, ...args)
    expect([code, out]).toEqual([1, ''])
    expect(error).toMatch(message)
  })

  test('a server that does not answer', async ({ cluster }) => {
    const folder = mkdtempSync(join(tmpdir(), 'nowhere-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(
      `${folder}/kubeconfig`,
      kubeconfig({ server: 'https://127.0.0.1:1', ca: cluster.ca, token: cluster.token, namespace: cluster.namespace }),
    )
    const { code, out, error } = await fairleadAs(`${folder}/kubeconfig`, 'status', 'Shop.status.example.com', 'corner')
    expect([code, out]).toEqual([1, ''])
    expect(error).toMatch(
      /^https:\/\/127\.0\.0\.1:1 cannot be reached: ConnectionRefused; see that it runs, and .*\(SERVER_UNREACHABLE\)\n$/,
    )
  })
})
