import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const namespaces = '/api/v1/namespaces'
const notes = (namespace: string): string => `/apis/selected.example.com/v1/namespaces/${namespace}/notes`
const made = (namespace: string): string => `${namespaces}/${namespace}/configmaps/note`
const note = { apiVersion: 'selected.example.com/v1', kind: 'Note', metadata: { name: 'note' }, spec: { text: 'first' } }

const readyz = async (process: OperatorProcess) => {
  const answer = await fetch(`${await process.healthUrl()}/readyz`)
  return { status: answer.status, text: await answer.text() }
}

/** Makes the definition of Boards anew, in this scope. */
async function define(cluster: Cluster, scope: 'Cluster' | 'Namespaced'): Promise<void> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const path = `${definitions}/boards.selected.example.com`
  await cluster.request('DELETE', path)
  await cluster.eventually(async () => !(await exists(cluster, path)), { describe: 'the old definition is gone' })
  await create(cluster, definitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boards.selected.example.com' },
    spec: {
      group: 'selected.example.com',
      scope,
      names: { kind: 'Board', listKind: 'BoardList', plural: 'boards', singular: 'board' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  })
}

describe('a watch with a namespaceSelector', () => {
  test('serves the namespaces that have the label, from when they have it until they lose it', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/note/crds/note.yaml`)
    const [labelled, other] = [`${cluster.namespace}-labelled`, `${cluster.namespace}-other`]
    await create(cluster, namespaces, { metadata: { name: labelled, labels: { notes: 'enabled' } } })
    await create(cluster, namespaces, { metadata: { name: other } })
    const process = await operator({ watches: `${project}/watches.yaml`, namespaces: [] })
    await create(cluster, notes(other), note)
    await create(cluster, notes(labelled), note)

    await untilCondition(cluster, `${notes(labelled)}/note`, { status: 'True' })
    expect(await exists(cluster, made(other))).toBe(false)
    expect(await read(cluster, `${notes(other)}/note`)).not.toHaveProperty('status')

    await change(cluster, `${namespaces}/${other}`, { metadata: { labels: { notes: 'enabled' } } })
    await untilCondition(cluster, `${notes(other)}/note`, { status: 'True' })
    expect(await exists(cluster, made(other))).toBe(true)

    await change(cluster, `${namespaces}/${labelled}`, { metadata: { labels: { notes: null } } })
    // The label is seen when a Note that is made later in the other namespace is served.
    await create(cluster, notes(other), { ...note, metadata: { name: 'later' } })
    await untilCondition(cluster, `${notes(other)}/later`, { status: 'True' })
    const begin = cluster.audit.mark()
    await change(cluster, `${notes(labelled)}/note`, { spec: { text: 'second' } })
    await remove(cluster, made(labelled))
    await change(cluster, `${notes(other)}/later`, { spec: { text: 'second' } })
    const later = `${namespaces}/${other}/configmaps/later`
    await cluster.eventually(async () => (await read<{ data: { text: string } }>(cluster, later)).data.text === 'second', {
      describe: 'the other namespace is still served',
    })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: labelled, since: begin })).toEqual([])
    expect(await exists(cluster, made(labelled))).toBe(false)

    await change(cluster, `${namespaces}/${labelled}`, { metadata: { labels: { notes: 'enabled' } } })
    await cluster.eventually(
      async () =>
        (await exists(cluster, made(labelled))) && (await read<{ data: { text: string } }>(cluster, made(labelled))).data.text === 'second',
      { describe: 'the change that was made meanwhile is carried out' },
    )
    for (const namespace of [labelled, other]) await cluster.request('DELETE', `${namespaces}/${namespace}`)
  })
})

describe('a watch with a namespaceSelector whose kind is known to the cluster alone', () => {
  test('says where it cannot select anything, as long as the kind lives outside namespaces', async ({ cluster, operator }) => {
    const watches = fileURLToPath(new URL('unknown-scope/watches.yaml', import.meta.url))
    await define(cluster, 'Cluster')
    const process = await operator({ watches, wait: false })

    expect((await process.line(/WATCH_INVALID/)).msg).toBe(
      `${watches}:6:5: namespaceSelector selects no Board.selected.example.com: the kind lives outside namespaces; ` +
        'remove it; selector goes by the labels of the objects themselves (WATCH_INVALID)',
    )
    expect(await readyz(process)).toEqual({
      status: 503,
      text: `[-] operator: ${watches}:6:5: namespaceSelector selects no Board.selected.example.com: the kind lives outside namespaces\nnot ready\n`,
    })

    await define(cluster, 'Namespaced')
    await process.ready()
  })
})

describe('an operator that may not see namespaces', () => {
  const rules = [
    {
      verbs: ['get', 'list', 'watch', 'patch'],
      apiGroups: ['selected.example.com'],
      resources: ['notes', 'notes/status', 'notes/finalizers'],
    },
    { verbs: ['get'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
    { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
  ]

  test('by which its watch selects is not ready, says what it lacks, touches nothing, and begins when it may', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/note/crds/note.yaml`)
    const labelled = `${cluster.namespace}-labelled`
    await create(cluster, namespaces, { metadata: { name: labelled, labels: { notes: 'enabled' } } })
    await create(cluster, notes(labelled), note)
    const kubeconfig = await cluster.kubeconfigFor({ name: 'operator', rules })
    const process = await operator({ watches: `${project}/watches.yaml`, kubeconfig, namespaces: [], wait: false })
    const user = `system:serviceaccount:${cluster.namespace}:operator`

    await process.line(/^Namespace is forbidden/)
    const expected = {
      status: 503,
      text: `[-] operator: the labels of namespaces, by which Note.selected.example.com/v1 is selected, cannot be read: GET namespaces: 403 Forbidden: ${user} may not list namespaces in the cluster\nnot ready\n`,
    }
    // The Notes themselves may still be on their way.
    await cluster.eventually(async () => expect(await readyz(process)).toEqual(expected) ?? true, {
      describe: 'readiness tells of namespaces',
    })
    expect(await exists(cluster, made(labelled))).toBe(false)

    await cluster.kubeconfigFor({
      name: 'operator',
      rules: [...rules, { verbs: ['list', 'watch'], apiGroups: [''], resources: ['namespaces'] }],
    })
    await untilCondition(cluster, `${notes(labelled)}/note`, { status: 'True', timeout: 40_000 })
    await process.ready()
    await cluster.request('DELETE', `${namespaces}/${labelled}`)
  })
})
