import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { primaryState } from '../../src/reconcile/primary-state.ts'

const ready = (over: object = {}) => ({
  type: 'Ready',
  status: 'True',
  observedGeneration: 3,
  lastTransitionTime: '2026-01-02T03:04:05Z',
  reason: 'Ready',
  message: '1 dependent is ready',
  ...over,
})
const app = (status: unknown, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'App',
  metadata: { name: 'shop', generation: 3, ...metadata },
  status,
})

describe('the state of a primary', () => {
  it('is ready by the last pass, with its generation and revision', () => {
    expect(primaryState(app({ conditions: [ready()], observedGeneration: 3, observedRevision: 'r1' }))).toEqual({
      state: 'ready',
      reason: 'Ready',
      message: '1 dependent is ready',
      since: '2026-01-02T03:04:05Z',
      observedGeneration: 3,
      observedRevision: 'r1',
    })
  })

  it.each([
    ['Conflict', 'stalled'],
    ['Waiting', 'reconciling'],
    ['Suspended', 'suspended'],
    ['SomethingNew', 'reconciling'],
  ])('with the reason %s is %s', (reason, state) => {
    expect(primaryState(app({ conditions: [ready({ status: 'False', reason })] }))).toMatchObject({ state, reason })
  })

  it('is not ready by what was told of an earlier generation', () => {
    expect(primaryState(app({ conditions: [ready({ observedGeneration: 2 })] }))).toMatchObject({
      state: 'reconciling',
      reason: 'NotObserved',
      message: 'generation 3 has not been looked at yet; of generation 2 it was told: Ready',
    })
  })

  it('is deleting while it goes, for the reason that the last pass gave', () => {
    const stuck = ready({ status: 'False', reason: 'DeletionStuck', message: 'ConfigMap/a is not gone in time' })
    expect(primaryState(app({ conditions: [stuck] }, { deletionTimestamp: '2026-01-02T03:04:06Z' }))).toMatchObject({
      state: 'deleting',
      reason: 'DeletionStuck',
      since: '2026-01-02T03:04:06Z',
    })
  })

  it.each([undefined, null, 'text', [], { conditions: 'text' }, { conditions: [{ type: 'Other', status: 'True' }] }])(
    'is untold by a status of %j',
    (status) => {
      expect(primaryState(app(status))).toEqual({ state: 'untold', reason: 'NoStatus', message: expect.any(String) })
    },
  )

  it('is read from the annotation where the kind has no room for conditions, and an unreadable one tells nothing', () => {
    const annotated = (text: string) => primaryState(app({ url: 'x' }, { annotations: { 'fairlead.dev/status': text } }))
    expect(annotated(JSON.stringify({ conditions: [ready()] })).state).toBe('ready')
    expect(annotated('{').state).toBe('untold')
  })

  it('tells what is left to others, fought over and held, while that is so', () => {
    const conditions = [
      ready(),
      { type: 'FieldsYielded', status: 'True', message: 'Deployment/web spec.replicas to hpa' },
      { type: 'Fighting', status: 'False', message: 'no more' },
      {
        type: 'PruneHeld',
        status: 'True',
        reason: 'DefinitionChanged',
        message: '3 deletes are held (too many): ConfigMap/a, ConfigMap/b and 1 more; to delete: fairlead approve x (set 0123456789ab)',
      },
    ]
    const { yields, fights, hold } = primaryState(app({ conditions }))
    expect(yields).toBe('Deployment/web spec.replicas to hpa')
    expect(fights).toBeUndefined()
    expect(hold).toMatchObject({ names: ['ConfigMap/a', 'ConfigMap/b'], more: 1, why: 'too many' })
  })
})
