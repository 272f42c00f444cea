import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { toldReadiness } from '../../src/reconcile/told-readiness.ts'

const door: KubernetesObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'door', namespace: 'eu' } }
const shop = (reason: string, message: string, observedGeneration = 2): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Shop',
  metadata: { name: 'shop', namespace: 'eu', generation: 2 },
  status: { conditions: [{ type: 'Ready', status: reason === 'Ready' ? 'True' : 'False', reason, message, observedGeneration }] },
})

describe('the readiness of a dependent that only the operator can judge', () => {
  it.each([
    ['all are ready', 'Ready', '3 dependents are ready', 'current'],
    ['it is named as not ready', 'DependentsNotReady', 'not ready: Deployment/a, ConfigMap/door', 'inProgress'],
    ['it is named with why', 'DependentsNotReady', 'not ready: A/a, ConfigMap/door (it is being deleted)', 'inProgress'],
    ['others are named as not ready', 'DependentsNotReady', 'not ready: ConfigMap/door-2', 'current'],
    ['it is named, and not all are', 'DependentsNotReady', 'not ready: A/a, B/b, ConfigMap/door and 2 more', 'inProgress'],
    ['the last that is named before the rest', 'DependentsNotReady', 'not ready: A/a, B/b, C/c and 2 more', 'unknown'],
    ['something waits for it', 'WaitingForDependents', 'A/a waits for B/b; C/c waits for D/d, ConfigMap/door', 'inProgress'],
    ['something waits, and not for it', 'WaitingForDependents', 'ConfigMap/door waits for B/b', 'unknown'],
    ['something else is in the way', 'ApplyFailed', 'ConfigMap/door: 422 Invalid', 'unknown'],
  ])('where %s', (_what, reason, message, state) => {
    expect(toldReadiness(door, shop(reason, message), 0).state).toBe(state)
  })

  it('is not known where the last pass looked at an earlier generation, or none has told anything', () => {
    expect(toldReadiness(door, shop('Ready', '', 1), 0).state).toBe('unknown')
    expect(toldReadiness(door, { ...shop('Ready', ''), status: {} }, 0).state).toBe('unknown')
  })

  it('is never better than by the rules of its kind', () => {
    const going = { ...door, metadata: { ...door.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    expect(toldReadiness(going, shop('Ready', ''), 0).state).toBe('terminating')
  })
})
