import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { collection, create, installDefinition, read, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))

describe('overrideValues of a watch', () => {
  test('win over the spec, which wins over the chart’s values; the environment gives them with their types', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/banner/crds/banner.yaml`)
    await operator({ watches: `${project}/watches.yaml`, environment: { RELATED_IMAGE_BANNER: 'mirror.example.com/web' } })
    const banners = collection(cluster, 'banners.example.com/v1', 'banners')
    const spec = { image: { repository: 'somewhere.example.com/web', tag: '2' }, colours: ['black', 'white'], replicas: 2 }
    await create(cluster, banners, { apiVersion: 'banners.example.com/v1', kind: 'Banner', metadata: { name: 'flag' }, spec })

    await untilCondition(cluster, `${banners}/flag`, { status: 'True' })

    const { data } = await read<{ data: object }>(cluster, `${collection(cluster, 'v1', 'configmaps')}/flag`)
    expect(data).toEqual({ image: 'mirror.example.com/web:2', first: 'green', replicas: '5' })
  })
})
