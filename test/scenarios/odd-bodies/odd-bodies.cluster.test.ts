import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { untilPasses, untilWatching } from '../metrics.ts'
import { untilQuiet } from '../quiet.ts'
import { createOddity, installOddDefinitions, watches } from './odd.ts'

describe('bodies that the server does not give back as they were sent', () => {
  test('are written once: later passes and a restart neither write nor read, and no generation moves', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installOddDefinitions(cluster)
    const first = await operator({ watches })
    const oddity = await createOddity(cluster, { token: 'given' })
    await untilQuiet(cluster, first, oddity.path)
    const states = async () => {
      const lives = await Promise.all(oddity.all.map(async (dependent) => await dependent.read()))
      return lives.map(
        ({ kind, metadata }) =>
          `${kind}/${metadata.name} uid ${metadata.uid} generation ${metadata.generation} version ${metadata.resourceVersion}`,
      )
    }
    const before = await states()
    const written = cluster.audit.requests({ userAgent: 'fairlead/', verb: 'patch', namespace: cluster.namespace, subresource: '' })
    expect(written.map(({ resource, name }) => `${resource} ${name}`).sort()).toEqual(
      // What is watched, and what is rendered.
      [
        'leases fairlead-inventory',
        'leases fairlead-inventory',
        ...oddity.all.map(({ path }) => path.split('/').slice(-2).join(' ')),
      ].sort(),
    )

    await untilQuiet(cluster, first, oddity.path)
    await first.stop()
    const restarted = cluster.audit.mark()
    const second = await operator({ watches })
    await untilWatching(cluster, second, restarted)
    await untilPasses(cluster, second, 1)

    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restarted })
    // The inventory is read once.
    const counts = Object.groupBy(requests, ({ verb, resource }) => (resource === 'leases' ? `${verb} ${resource}` : verb))
    console.log(
      `a start over ${before.length} odd bodies:`,
      cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restarted }),
    )
    expect(Object.keys(counts).sort()).toEqual(['get leases', 'list', 'watch'])
    expect(counts['get leases']).toHaveLength(1)
    expect(await states()).toEqual(before)
    await untilQuiet(cluster, second, oddity.path)
  })
})
