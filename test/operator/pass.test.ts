import { describe, expect, it } from 'vitest'
import { stage } from './stage.ts'

describe('a pass', () => {
  it('creates what is missing, with proof of authorship, and tells it in status, log and metrics', async () => {
    const { cluster, pass, conditions, logged, counts } = await stage()
    expect(await pass()).toEqual({ kind: 'done' })
    const made = cluster.get('configmaps', 'c')
    const uid = cluster.get('apps.app.company.com', 'shop')?.metadata.uid
    expect(made).toMatchObject({
      data: { a: '1' },
      metadata: {
        labels: { 'fairlead.dev/primary-uid': uid },
        ownerReferences: [{ kind: 'App', name: 'shop', uid, controller: true, blockOwnerDeletion: true }],
        managedFields: [{ manager: `fairlead/dependents/${uid}`, operation: 'Apply' }],
      },
    })
    expect(conditions()).toEqual({ Ready: 'True Ready: 1 dependent is ready', Reconciling: 'False Ready', Stalled: 'False Ready' })
    expect(logged('info')).toEqual(['created ConfigMap/c (spec)'])
    expect(counts['created spec']).toBe(1)
  })

  it('sends nothing when nothing changed, also in another process', async () => {
    const first = await stage()
    await first.passes()
    await first.stop()
    const second = await first.restart()
    expect(await second.pass()).toEqual({ kind: 'done' })
    expect(second.cluster.requests()).toEqual([])
  })
})
