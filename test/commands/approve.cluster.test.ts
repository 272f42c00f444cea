import { describe, expect } from 'vitest'
import { approve } from '../../src/commands/approve.ts'
import { type ApiClient, createClient } from '../../src/kube/client.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { isApiError } from '../../src/kube/errors.ts'
import { approvePrune } from '../../src/operator/approve.ts'
import { holdCondition } from '../../src/reconcile/hold-record.ts'
import { type Cluster, test } from '../controlplane/fixture.ts'
import { change, collection, create, read } from '../scenarios/objects.ts'

const path = (cluster: Cluster): string => `${collection(cluster, 'v1', 'configmaps')}/list`
const approval = async (cluster: Cluster): Promise<string | undefined> =>
  (await read<{ metadata: { annotations?: Record<string, string> } }>(cluster, path(cluster))).metadata.annotations?.[
    'fairlead.dev/approve-prune'
  ]

/** A ConfigMap as a primary: its status is an annotation, which says that a delete is held. */
async function createHolding(cluster: Cluster): Promise<void> {
  const record = { reason: 'InputChanged', why: 'StatefulSet is a protected kind', names: ['StatefulSet/db'], more: 0 } as const
  const held = holdCondition({ kind: 'held', ...record, set: '0123456789ab' }, 'fairlead approve ConfigMap/list')
  const annotations = { 'fairlead.dev/status': JSON.stringify({ conditions: [held] }) }
  await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'list', annotations } })
}

/** The command, as that user; what it printed. */
async function run(
  cluster: Cluster,
  target: string,
  kubeconfig = cluster.kubeconfig,
): Promise<{ code: number; out: string; error: string }> {
  const [kind = '', name = ''] = target.split('/')
  let [out, error] = ['', '']
  const code = await approve(
    { kind, name },
    { kubeconfig, output: 'text' },
    {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
      input: () => Promise.resolve(''),
      environment: {},
      colours: false,
      interactive: false,
      now: Date.now,
    },
  )
  return { code, out, error }
}

describe('fairlead approve', () => {
  test('says what it releases, also when it is said twice', async ({ cluster }) => {
    await createHolding(cluster)
    const says = `delete StatefulSet/db\napproved for ConfigMap/list in namespace ${cluster.namespace}: 1 delete, set 0123456789ab (held: StatefulSet is a protected kind)\n`
    expect(await run(cluster, 'ConfigMap/list')).toEqual({ code: 0, out: says, error: '' })
    expect(await approval(cluster)).toBe('0123456789ab')
    expect(await run(cluster, 'ConfigMap/list')).toEqual({ code: 0, out: says, error: '' })
  })

  test('names a kind that there is not, or that several groups have, and an object that is not there', async ({ cluster }) => {
    expect(await run(cluster, 'ConfigMop/list')).toEqual({
      code: 1,
      out: '',
      error: 'the cluster has no kind ConfigMop; did you mean ConfigMap? (OBJECT_MISSING)\n',
    })
    expect((await run(cluster, 'Zzz/list')).error).toContain('no kind Zzz; write it as Kind or Kind.group, e.g. App.app.company.com')
    expect((await run(cluster, 'Event/list')).error).toContain('Event is a kind of several groups; write one of Event, Event.events.k8s.io')
    expect((await run(cluster, 'ConfigMap/none')).error).toContain(`there is no ConfigMap/${cluster.namespace}/none`)
  })

  test('says so where nothing is held', async ({ cluster }) => {
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'list' } })
    const { code, error } = await run(cluster, 'ConfigMap/list')
    expect([code, error]).toEqual([1, expect.stringContaining(`ConfigMap/${cluster.namespace}/list holds no deletes`)])
    expect(await approval(cluster)).toBeUndefined()
  })

  test('names the permission that is lacking: to read, or to write', async ({ cluster }) => {
    await createHolding(cluster)
    const { namespace } = cluster
    const stranger = await cluster.kubeconfigFor({
      name: 'stranger',
      namespace,
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    })
    const mayNot = (user: string, verb: string): string =>
      `403 Forbidden: system:serviceaccount:${namespace}:${user} may not ${verb} configmaps in namespace "${namespace}" (APPROVAL_REFUSED)`
    expect(await run(cluster, 'ConfigMap/list', stranger)).toMatchObject({
      code: 1,
      error: expect.stringContaining(mayNot('stranger', 'get')),
    })
    const reader = await cluster.kubeconfigFor({
      name: 'reader',
      namespace,
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }],
    })
    expect(await run(cluster, 'ConfigMap/list', reader)).toMatchObject({
      code: 1,
      error: expect.stringContaining(mayNot('reader', 'patch')),
    })
    expect(await approval(cluster)).toBeUndefined()
  })
})

describe('an approval', () => {
  test('is refused where the object changed in between: what began to be held is not in it', async ({ cluster }) => {
    await createHolding(cluster)
    const loaded = await loadCredentials({ kubeconfig: cluster.kubeconfig, environment: {} })
    if (loaded.kind === 'problem') throw new Error(loaded.problem.message)
    const client = createClient(loaded.credentials, { userAgent: 'fairlead/test' })
    const slow: ApiClient = {
      ...client,
      async request(request) {
        if (request.method === 'PATCH') await change(cluster, path(cluster), { data: { in: 'between' } })
        return await client.request(request)
      },
    }
    const target = { kind: 'ConfigMap', name: 'list', namespace: cluster.namespace }

    await expect(approvePrune(slow, target, {})).rejects.toSatisfy((error) => isApiError(error, 'conflict'))

    expect(await approval(cluster)).toBeUndefined()
    await client.close()
  })
})
