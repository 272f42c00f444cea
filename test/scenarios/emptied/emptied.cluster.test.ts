import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { change, create, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const file = (name: string): string => fileURLToPath(new URL(`../../generated/operator/${name}`, import.meta.url))

const full = {
  size: 1,
  enabled: false,
  members: [{ name: 'one', notes: ['x'] }, { name: 'two' }],
  tags: ['a', 'b'],
  numbers: [1],
  files: { 'a.txt': 'a' },
  free: { deep: { list: [1] } },
}

describe('lists and maps of a custom resource that lose all that they had', () => {
  test('are empty in the dependent, and nothing more is written', async ({ cluster, operator }) => {
    const everythings = await installDefinition(cluster, file('charts/everything/crds/everything.yaml'))
    const mirrors = await installDefinition(cluster, file('mirror.yaml'))
    const running = await operator({ watches: file('watches.yaml') })
    await create(cluster, everythings, {
      apiVersion: 'generated.example.com/v1',
      kind: 'Everything',
      metadata: { name: 'all' },
      spec: full,
    })
    const path = `${everythings}/all`
    await untilCondition(cluster, path, { status: 'True' })
    const mirror = async () => (await read<{ spec: object }>(cluster, `${mirrors}/all`)).spec
    expect(await mirror()).toMatchObject({ tags: ['a', 'b'], free: { deep: { list: [1] } } })

    await change(cluster, path, { spec: { members: [{ name: 'one', notes: [] }], free: { deep: { list: null } } } })
    await untilCondition(cluster, path, { status: 'True' })
    expect(await mirror()).toEqual({
      members: [{ name: 'one', weight: 1, notes: [] }],
      tags: ['a', 'b'],
      numbers: [1],
      files: { 'a.txt': 'a' },
      free: { deep: {} },
    })

    await change(cluster, path, { spec: { members: [], tags: [], numbers: [], files: { 'a.txt': null }, free: { deep: null } } })
    await untilCondition(cluster, path, { status: 'True' })
    const empty = { members: [], tags: [], numbers: [], files: {}, free: {} }
    expect(await mirror()).toEqual(empty)
    await untilQuiet(cluster, running, path)

    await running.stop()
    await untilQuiet(cluster, await operator({ watches: file('watches.yaml') }), path)
    expect(await mirror()).toEqual(empty)
  })
})
