import { describe, expect } from 'vitest'
import { appPath, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilPasses } from '../metrics.ts'
import { untilQuiet } from '../quiet.ts'
import { autoscaled, openShop } from './shop.ts'

/** What others may add to an object without asking. */
const additions: readonly { what: string; patch: object; of?: string }[] = [
  { what: 'an annotation', patch: { metadata: { annotations: { 'example.com/note': 'theirs' } } } },
  { what: 'a label', patch: { metadata: { labels: { team: 'theirs' } } } },
  { what: 'a finalizer', patch: { metadata: { finalizers: ['example.com/keep'] } } },
  { what: 'a key', patch: { data: { THEIRS: 'yes' } }, of: 'ConfigMap' },
  {
    what: 'the annotation of a rollout restart',
    patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } } } } },
    of: 'Deployment',
  },
  { what: 'a field that was not rendered', patch: { spec: { sessionAffinity: 'ClientIP' } }, of: 'Service' },
]

describe('what others add to the dependents of an App', () => {
  test('stays, and costs nothing', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', autoscaled)
    try {
      await untilQuiet(cluster, running, appPath(cluster, 'shop'))
      for (const { what, patch, of } of additions) {
        for (const dependent of shop.all.filter(({ kind }) => of === undefined || kind === of)) {
          const before = await untilPasses(cluster, running, 0)
          const mark = cluster.audit.mark()
          const { status } = await dependent.mergePatch(patch)
          expect(status, `${dependent.kind}: ${what}`).toBe(200)
          await untilPasses(cluster, running, before.passes('done') + 1)
          expect(await dependent.read(), `${dependent.kind}: ${what}`).toMatchObject(patch)
          const { 'patch apps/status': _rollout, ...requests } = cluster.audit.count({
            userAgent: 'fairlead/',
            namespace: cluster.namespace,
            since: mark,
          })
          expect(requests, `${dependent.kind}: ${what}`).toEqual({})
        }
      }
      await untilQuiet(cluster, running, appPath(cluster, 'shop'))
    } finally {
      // With its finalizer nothing could ever be deleted.
      for (const dependent of shop.all) await dependent.mergePatch({ metadata: { finalizers: null } })
    }
  })
})
