import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { change, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const teams = '/apis/teams.example.com/v1/teams'

interface Owned {
  metadata: { ownerReferences: { kind: string; uid: string; controller: boolean }[] }
  data: object
}

describe('a custom resource outside namespaces', () => {
  test('owns dependents outside namespaces and in one, heals them, and takes them along', { timeout: 200_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/team/crds/team.yaml`)
    const process = await operator({ watches: `${project}/watches.yaml`, namespaces: [] })
    const name = `${cluster.namespace}-team`
    const [namespace, role] = [`/api/v1/namespaces/${name}`, `/apis/rbac.authorization.k8s.io/v1/clusterroles/${name}`]
    const members = `${namespace}/configmaps/members`
    const { metadata } = await create(cluster, teams, {
      apiVersion: 'teams.example.com/v1',
      kind: 'Team',
      metadata: { name },
      spec: { members: ['ann', 'bob'] },
    })
    const team = `${teams}/${name}`

    await untilCondition(cluster, team, { status: 'True', timeout: 40_000 })
    for (const path of [namespace, role, members]) {
      const { ownerReferences } = (await read<Owned>(cluster, path)).metadata
      expect(ownerReferences).toMatchObject([{ kind: 'Team', uid: metadata?.uid, controller: true }])
    }

    await change(cluster, members, { data: { members: 'eve' } })
    await cluster.eventually(async () => (await read<Owned>(cluster, members)).data, { describe: 'it is there' })
    await process.line(/^updated ConfigMap\/members: .*\(drift\)|^updated ConfigMap\/members \(drift\)/)
    expect((await read<Owned>(cluster, members)).data).toEqual({ members: 'ann bob' })
    await untilQuiet(cluster, process, team)

    await remove(cluster, team)
    // The collector of the real server learns of a new kind every 30 s only.
    await cluster.eventually(async () => !(await exists(cluster, role)) && !(await exists(cluster, members)), {
      describe: 'what the Team had is gone',
      timeout: 120_000,
    })
  })

  test('cannot have a dependent whose namespace nobody names', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/team/crds/team.yaml`)
    await operator({ watches: `${project}/watches.yaml`, namespaces: [] })
    const name = `${cluster.namespace}-lost`
    const spec = { members: [], misplaced: true }
    await create(cluster, teams, { apiVersion: 'teams.example.com/v1', kind: 'Team', metadata: { name }, spec })

    const { message } = await untilCondition(cluster, `${teams}/${name}`, { type: 'Stalled', status: 'True' })

    expect(message).toContain(`ConfigMap/members needs a namespace, and Team/${name} is in none; set metadata.namespace`)
    expect(await exists(cluster, `/api/v1/namespaces/${name}`)).toBe(false)
    await remove(cluster, `${teams}/${name}`)
  })
})
