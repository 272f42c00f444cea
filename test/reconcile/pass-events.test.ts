import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { eventReasons, writeReason } from '../../src/reconcile/event-reasons.ts'
import { statusEvents, writeEvents } from '../../src/reconcile/pass-events.ts'
import { statusReasons } from '../../src/reconcile/status-reasons.ts'

const object = (kind: string, name: string): KubernetesObject => ({ apiVersion: 'v1', kind, metadata: { name, uid: `uid-${name}` } })

describe('the writes of a pass', () => {
  it('are one event for each sort of them, that names the objects and the cause', () => {
    const events = writeEvents([
      { verb: 'created', cause: 'spec', of: object('Service', 'web') },
      { verb: 'created', cause: 'spec', of: object('ConfigMap', 'web') },
      { verb: 'updated', cause: 'drift', of: object('Deployment', 'web'), detail: '.spec.replicas put back; changed by kubectl-edit' },
    ])
    expect(events).toEqual([
      { reason: 'Created', note: 'Service/web, ConfigMap/web (spec)' },
      {
        reason: 'Repaired',
        note: 'Deployment/web: .spec.replicas put back; changed by kubectl-edit (drift)',
        related: expect.objectContaining({ kind: 'Deployment' }),
      },
    ])
  })

  it('name at most five objects', () => {
    const writes = Array.from({ length: 1_000 }, (_, at) => ({
      verb: 'created' as const,
      cause: 'spec' as const,
      of: object('Pod', `p${at}`),
    }))
    expect(writeEvents(writes)).toEqual([{ reason: 'Created', note: 'Pod/p0, Pod/p1, Pod/p2, Pod/p3, Pod/p4 and 995 more (spec)' }])
  })

  it('that put right what somebody did are told apart', () => {
    expect([writeReason('created', 'drift'), writeReason('updated', 'drift'), writeReason('created', 'input')]).toEqual([
      'Recreated',
      'Repaired',
      'Created',
    ])
  })

  it('of none is no event', () => {
    expect(writeEvents([])).toEqual([])
  })
})

describe('the status of a pass', () => {
  const ready = (reason: string, message = '') => ({ type: 'Ready', status: reason === 'Ready' ? 'True' : 'False', reason, message })
  const held = (message: string, status = 'True') => ({ type: 'PruneHeld', status, reason: 'DefinitionChanged', message })

  it.each(Object.entries(statusReasons))('with the reason %s is an event if somebody has to act', (reason, { outcome }) => {
    const events = statusEvents([ready('Ready')], [ready(reason, 'why')])
    expect(events).toEqual(outcome === 'stalled' ? [{ reason, note: 'why' }] : [])
  })

  it('is an event only when it has changed', () => {
    const conflict = ready('Conflict', 'ConfigMap/a: not touched')
    expect(statusEvents([conflict], [conflict])).toEqual([])
    expect(statusEvents([conflict], [ready('Conflict', 'ConfigMap/b: not touched')])).toHaveLength(1)
  })

  it('tells deletes that are held now, and not those that are carried out as approved', () => {
    expect(statusEvents([ready('Ready')], [ready('Ready'), held('2 deletes are held')])).toEqual([
      { reason: 'DeletesHeld', note: '2 deletes are held' },
    ])
    expect(statusEvents([held('2 deletes are held')], [held('deletes as approved', 'False')])).toEqual([])
  })

  it('tells fields that are left to others', () => {
    const yielded = { type: 'FieldsYielded', status: 'True', reason: 'OthersHold', message: 'left to others: x' }
    expect(statusEvents([], [yielded])).toEqual([{ reason: 'FieldsYielded', note: 'left to others: x' }])
  })
})

describe('every reason', () => {
  it.each(Object.entries(eventReasons))('%s has a type, a word for the action and a meaning', (reason, { type, action, doc }) => {
    expect(['Normal', 'Warning']).toContain(type)
    expect(`${reason} ${action}`).toMatch(/^[A-Z][A-Za-z]+ [A-Z][a-z]+$/)
    expect(doc).toMatch(/\.$/)
  })
})
