import { isDeepStrictEqual } from 'node:util'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../../src/api/object.ts'
import { workloadKinds } from '../../../../src/sandbox/kinds/workloads/workloads.ts'
import { type Cluster, test } from '../../../controlplane/fixture.ts'
import { cases } from './cases.ts'
import { describeCase, outcomeOf, type Send, splitWarnings } from './exchange.ts'
import { printedObjects } from './printed.ts'
import { recorded } from './recorded.ts'

const sender =
  (cluster: Cluster): Send =>
  async (method, path, body) => {
    const answer = await cluster.request(method, path, body === undefined ? {} : { body })
    return { status: answer.status, body: answer.body, warnings: [answer.headers['warning'] ?? []].flat().flatMap(splitWarnings) }
  }

describe('the recorded answers', () => {
  test('are those of the real server', { timeout: 300_000 }, async ({ cluster }) => {
    const { outcomes } = recorded()
    const different: unknown[] = []
    for (const [index, each] of cases.entries()) {
      const title = describeCase(each)
      const outcome = JSON.parse(JSON.stringify(await outcomeOf(sender(cluster), cluster.namespace, each, index))) as unknown
      if (!isDeepStrictEqual(outcome, outcomes[title])) different.push({ title, outcome, recorded: outcomes[title] })
    }

    expect(different).toEqual([])
  })
})

describe('the columns of `kubectl get`', () => {
  test('and their cells are those of the real server', async ({ cluster }) => {
    await printedObjects(sender(cluster), cluster.namespace)

    for (const [storage, { columns }] of Object.entries(workloadKinds)) {
      const [group, resource] = storage.split('/') as [string, string]
      const version = group === '' ? 'api/v1' : `apis/${group}/${group === 'autoscaling' ? 'v2' : 'v1'}`
      const path = `/${version}/namespaces/${cluster.namespace}/${resource}`
      const { body: list } = await cluster.request('GET', path)
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
      const { body: table } = await cluster.request<Table>('GET', path, { headers: { accept } })
      const byUid = new Map(list.items.map((object) => [object.metadata.uid, object]))
      const rows = table.rows.flatMap(({ cells, object }) => {
        const found = byUid.get(object.metadata.uid)
        return found ? [{ cells, object: found }] : []
      })

      expect(rows.length, storage).toBeGreaterThan(0)
      expect(columns?.definitions.map(withoutDescription)).toEqual(table.columnDefinitions.map(withoutDescription))
      expect(rows.map(({ object }) => columns?.cells(object, Date.now()).map(ageless))).toEqual(rows.map(({ cells }) => cells.map(ageless)))
    }
  })
})

interface Table {
  columnDefinitions: { description: string }[]
  rows: { cells: unknown[]; object: KubernetesObject }[]
}

const withoutDescription = ({ description: _description, ...rest }: { description: string }) => rest

/** Time passes between the two answers. */
const ageless = (cell: unknown): unknown =>
  typeof cell === 'string' ? cell.replace(/^(\d+[smhdy])+$/, 'AGE').replace(/\((\d+[smhdy])+ ago\)/, '(AGE ago)') : cell
