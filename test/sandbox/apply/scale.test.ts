import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import { createOwnershipCache } from '../../../src/sandbox/apply/manager.ts'
import { applyScale, trackScale } from '../../../src/sandbox/apply/scale.ts'
import type { ApiError } from '../../../src/sandbox/status/api-error.ts'
import { builtIn } from './built-in.ts'
import { History } from './history.ts'

const scaleOf = (replicas: number): KubernetesObject => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'it', uid: 'uid-1' },
  spec: replicas ? { replicas } : {},
})
const replicasOf = (made: History) => Number(made.spec?.['replicas'] ?? 0)
const write = (made: History, manager: string) => ({
  object: { ...(made.live as KubernetesObject), metadata: { ...(made.live as KubernetesObject).metadata, uid: 'uid-1' } },
  scale: scaleOf(replicasOf(made)),
  replicasPath: (version: string) => (version === 'demo.io/v1' ? 'spec.replicas' : undefined),
  schema: builtIn('autoscaling/v1', 'Scale'),
  manager,
  time: '2026-02-02T00:00:00Z',
  cache: createOwnershipCache(),
})
/** Scales, and keeps what the object is then. */
function scale(made: History, manager: string, replicas: number): History {
  const managedFields = trackScale({ ...write(made, manager), next: scaleOf(replicas) })
  const { managedFields: _, ...metadata } = (made.live as KubernetesObject).metadata
  made.live = {
    ...(made.live as KubernetesObject),
    metadata: { ...metadata, ...(managedFields && { managedFields }) },
    spec: { ...made.spec, replicas },
  }
  return made
}

describe('a write to the scale', () => {
  it('takes the replicas from who owned them, under the subresource and without a time', () => {
    const made = scale(new History().apply('a', { spec: { replicas: 1, text: 'x' } }), 's', 2)
    expect(made.owners).toEqual({ 'a Apply': ['.spec.text'], 's Update scale': ['.spec.replicas'] })
    expect(made.entries.map(({ time, apiVersion }) => [time, apiVersion])).toEqual([
      ['2026-01-01T00:00:00Z', 'demo.io/v1'],
      [undefined, 'demo.io/v1'],
    ])
  })

  it('is taken over by the next who scales', () => {
    const made = scale(scale(new History().apply('a', { spec: { replicas: 1 } }), 's', 2), 't', 3)
    expect(made.owners).toEqual({ 't Update scale': ['.spec.replicas'] })
  })

  it('is not tracked where nobody owns the replicas', () => {
    const made = scale(new History().apply('a', { spec: { text: 'x' } }), 's', 2)
    expect(made.owners).toEqual({ 'a Apply': ['.spec.text'] })
  })

  it('to zero leaves the replicas to nobody', () => {
    const made = scale(new History().apply('a', { spec: { replicas: 1, text: 'x' } }), 's', 0)
    expect(made.owners).toEqual({ 'a Apply': ['.spec.text'] })
  })

  it('that changes nothing keeps an applier as it is, and parts the replicas of an updater from the rest', () => {
    const applied = new History().apply('a', { spec: { replicas: 1, text: 'x' } })
    expect(scale(applied, 's', 1).owners).toEqual({ 'a Apply': ['.spec.replicas', '.spec.text'] })
    const updated = scale(new History().update('u', { spec: { replicas: 1, text: 'x' } }), 's', 1)
    expect(updated.entries.map(({ manager, time, fieldsV1 }) => [manager, time, fieldsV1])).toEqual([
      ['u', undefined, { 'f:spec': { 'f:replicas': {} } }],
      ['u', '2026-01-01T00:00:00Z', { 'f:spec': { '.': {}, 'f:text': {} } }],
    ])
  })

  it('drops the entries of versions that are gone', () => {
    const made = new History().apply('a', { spec: { replicas: 1 } })
    const request = { ...write(made, 's'), replicasPath: () => undefined, next: scaleOf(2) }
    expect(trackScale(request)).toBeUndefined()
  })
})

describe('an apply to the scale', () => {
  const apply = (made: History, manager: string, configuration: object, force = false) =>
    applyScale({
      ...write(made, manager),
      configuration: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'it' }, ...configuration },
      force,
    })

  it('owns the replicas of the object', () => {
    const { object, managedFields } = apply(new History().apply('a', { spec: { text: 'x' } }), 's', { spec: { replicas: 5 } })
    expect(object['spec']).toEqual({ replicas: 5 })
    expect(
      managedFields?.map(({ manager, operation, subresource, time, fieldsV1 }) => [manager, operation, subresource, time, fieldsV1]),
    ).toEqual([
      ['s', 'Apply', 'scale', undefined, { 'f:spec': { 'f:replicas': {} } }],
      ['a', 'Apply', undefined, '2026-01-01T00:00:00Z', { 'f:spec': { 'f:text': {} } }],
    ])
  })

  it('is in conflict with who has other replicas', () => {
    const made = new History().apply('a', { spec: { replicas: 1 } })
    const answer = (() => {
      try {
        return apply(made, 's', { spec: { replicas: 5 } })
      } catch (error) {
        return error as ApiError
      }
    })()
    expect(answer).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "a": .spec.replicas' })
    expect(apply(made, 's', { spec: { replicas: 5 } }, true).managedFields?.map(({ manager }) => manager)).toEqual(['s'])
  })

  it('is refused if it is no scale', () => {
    const made = new History().apply('a', { spec: { replicas: 1 } })
    expect(() => apply(made, 's', { spec: { foo: 5 } })).toThrow(
      'failed to create typed patch object (/it; autoscaling/v1, Kind=Scale): .spec.foo: field not declared in schema',
    )
    expect(() => apply(made, 's', { kind: 'Thing' })).toThrow('invalid object type: autoscaling/v1, Kind=Thing')
  })
})
