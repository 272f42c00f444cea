import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const kinds = { Cat: 'cats', Dog: 'dogs', Puppy: 'puppies' } as const
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function install(cluster: Cluster): Promise<void> {
  for (const file of ['cat/crds/cat', 'dog/crds/dog', 'dog/crds/puppy']) await installDefinition(cluster, `${project}/charts/${file}.yaml`)
}

async function createPet(cluster: Cluster, kind: keyof typeof kinds, spec: object = {}): Promise<string> {
  const path = collection(cluster, 'pets.example.com/v1', kinds[kind])
  await create(cluster, path, { apiVersion: 'pets.example.com/v1', kind, metadata: { name: 'rex' }, spec })
  return `${path}/rex`
}

describe('two custom resources of one name, of different kinds', () => {
  test('are both served where their charts differ, and neither minds the end of the other', { timeout: 180_000 }, async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    await operator({ watches: `${project}/watches.yaml` })
    const cat = await createPet(cluster, 'Cat')
    const dog = await createPet(cluster, 'Dog', { says: 'woof' })
    for (const pet of [cat, dog]) await untilCondition(cluster, pet, { status: 'True' })

    await remove(cluster, cat)
    await cluster.eventually(async () => !(await exists(cluster, configMap(cluster, 'rex-cat'))), {
      describe: 'what the Cat had is gone',
      timeout: 120_000,
    })
    await change(cluster, dog, { spec: { says: 'wuff' } })
    await untilCondition(cluster, dog, { status: 'True' })
    expect(await read(cluster, configMap(cluster, 'rex-dog'))).toMatchObject({ data: { says: 'wuff' } })
  })

  test('do not share an object that one chart renders for both: the second one says who has it, until that one is gone', {
    timeout: 180_000,
  }, async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches: `${project}/watches.yaml` })
    const dog = await createPet(cluster, 'Dog', { says: 'woof' })
    await untilCondition(cluster, dog, { status: 'True' })

    const puppy = await createPet(cluster, 'Puppy', { says: 'yip' })

    expect(await untilCondition(cluster, puppy, { status: 'False', message: /not touched/ })).toMatchObject({
      reason: 'Conflict',
      message: expect.stringMatching(/^ConfigMap\/rex-dog: not touched: Dog .*\/rex renders it too and had it first; Puppy /),
    })
    expect(await read(cluster, configMap(cluster, 'rex-dog'))).toMatchObject({ data: { says: 'woof' } })
    await untilCondition(cluster, dog, { status: 'True' })

    await remove(cluster, dog)
    await untilCondition(cluster, puppy, { status: 'True', timeout: 120_000 })
    expect(await read(cluster, configMap(cluster, 'rex-dog'))).toMatchObject({ data: { says: 'yip' } })
  })
})
