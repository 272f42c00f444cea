import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { fairlead } from '../command.ts'
import { test } from '../fixture.ts'
import { change, collection, type Condition, create, installDefinition, read, untilCondition, untilConditions } from '../objects.ts'
import { untilTold } from '../told.ts'

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

    // Which values of its spec do not count is told, and not what counts instead: it may be a secret of the operator's environment.
    const told = 'overrideValues of the watch win over spec.colours[0], spec.image.repository, spec.replicas'
    await untilConditions(cluster, `${banners}/flag`, ['Ready True Ready', 'ValuesOverridden True OverrideValues'])
    expect((await untilCondition(cluster, `${banners}/flag`, { type: 'ValuesOverridden', status: 'True' })).message).toBe(told)
    expect(await untilTold(cluster, 'ValuesOverridden')).toMatchObject({ type: 'Warning', note: told })
    const { out } = await fairlead(cluster, 'status', 'Banner.banners.example.com', 'flag')
    expect(out).toContain(`  values  ${told}\n`)
    expect((await fairlead(cluster, 'status', 'Banner.banners.example.com')).out).toMatch(
      /flag +True +1\/1 +\d+s +ValuesOverridden +Ready: /,
    )

    await change(cluster, `${banners}/flag`, { spec: { image: { repository: null }, colours: ['green', 'white'], replicas: 4 } })
    await cluster.eventually(
      async () => {
        const { status } = await read<{ status: { conditions: Condition[] } }>(cluster, `${banners}/flag`)
        return !status.conditions.some(({ type }) => type === 'ValuesOverridden')
      },
      { describe: 'nothing is told any more' },
    )
  })
})
