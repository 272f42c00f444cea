import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const pages = (cluster: Cluster) => collection(cluster, 'pages.example.com/v1', 'pages')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

interface Live {
  metadata: { uid: string }
  data: { by: string }
}

const labelled = async (cluster: Cluster, name: string, labels: object) => {
  await create(cluster, pages(cluster), { apiVersion: 'pages.example.com/v1', kind: 'Page', metadata: { name, labels }, spec: {} })
  return `${pages(cluster)}/${name}`
}

const byOf = async (cluster: Cluster, name: string) => (await read<Live>(cluster, configMap(cluster, name))).data.by

describe('two operators with selectors that exclude each other', () => {
  test('reconcile each its own, and a label that is moved hands a custom resource over as it is', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/page/crds/page.yaml`)
    const red = await operator({ watches: `${project}/red.yaml` })
    const blue = await operator({ watches: `${project}/blue.yaml` })
    const one = await labelled(cluster, 'one', { team: 'red' })
    const two = await labelled(cluster, 'two', { team: 'blue' })
    await labelled(cluster, 'three', {})
    for (const page of [one, two]) await untilCondition(cluster, page, { status: 'True' })
    expect([await byOf(cluster, 'one'), await byOf(cluster, 'two'), await exists(cluster, configMap(cluster, 'three'))]).toEqual([
      'red',
      'blue',
      false,
    ])
    const before = await read<Live>(cluster, configMap(cluster, 'one'))

    await change(cluster, one, { metadata: { labels: { team: 'blue' } } })

    await cluster.eventually(async () => (await byOf(cluster, 'one')) === 'blue', { describe: 'the other operator has it' })
    await untilQuiet(cluster, blue, one)
    expect(await read<Live>(cluster, configMap(cluster, 'one'))).toMatchObject({
      metadata: { uid: before.metadata.uid },
      data: { by: 'blue' },
    })
    expect(red.lines.filter(({ msg }) => /^(updated|deleted)/.test(msg))).toEqual([])
    expect(blue.lines.filter(({ msg }) => /^(created|deleted) ConfigMap\/one/.test(msg))).toEqual([])
  })
})
