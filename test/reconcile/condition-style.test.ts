import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { isReason } from '../../src/reconcile/conditions.ts'
import { type ConditionStyle, conditionStyles, styledConditions, type Told } from '../../src/reconcile/condition-style.ts'
import { type StatusReason, statusReasons } from '../../src/reconcile/status-reasons.ts'

const told = (part: Partial<Told> = {}): Told => ({
  reason: 'Ready',
  message: '',
  applied: true,
  deleting: false,
  generation: 2,
  revision: 'r2',
  previous: {},
  ...part,
})

/** `Deployed True InstallSuccessful`, one line a condition. */
const lines = (style: ConditionStyle, part: Partial<Told>): string[] =>
  styledConditions(style, told(part)).map(({ type, status, reason }) => `${type} ${status} ${reason}`)

/** The status after these passes, as far as the style reads it. */
function after(style: ConditionStyle, ...passes: Partial<Told>[]): JsonObject {
  return passes.reduce<JsonObject>((previous, part) => {
    const pass = told({ ...part, previous })
    return {
      ...(pass.applied ? { observedGeneration: pass.generation, observedRevision: pass.revision } : previous),
      conditions: styledConditions(style, pass) as unknown as JsonObject[],
    }
  }, {})
}

describe('conditions: helm', () => {
  it('say installed after the first pass that brings everything about, and the same after the next', () => {
    const installed = [
      'Initialized True Initialized',
      'Deployed True InstallSuccessful',
      'ReleaseFailed False Ready',
      'Irreconcilable False Ready',
      'Paused False Ready',
    ]
    expect(lines('helm', {})).toEqual(installed)
    expect(lines('helm', { previous: after('helm', {}) })).toEqual(installed)
  })

  it.each<[string, Partial<Told>]>([
    ['the spec', { generation: 3 }],
    ['the definition', { revision: 'r3' }],
  ])('say upgraded when %s has changed, and go on to say so', (_what, change) => {
    expect(lines('helm', { ...change, previous: after('helm', {}) })).toContain('Deployed True UpgradeSuccessful')
    expect(lines('helm', { ...change, previous: after('helm', {}, change) })).toContain('Deployed True UpgradeSuccessful')
  })

  it('tell a refused installation', () => {
    const refused = { reason: 'ApplyFailed', applied: false } as const
    expect(lines('helm', refused)).toEqual([
      'Initialized True Initialized',
      'Deployed False InstallError',
      'ReleaseFailed True InstallError',
      'Irreconcilable False ApplyFailed',
      'Paused False ApplyFailed',
    ])
    expect(lines('helm', { previous: after('helm', refused) })).toContain('Deployed True InstallSuccessful')
  })

  it('tell a refused upgrade beside what is deployed', () => {
    const found = lines('helm', { reason: 'Conflict', applied: false, generation: 3, previous: after('helm', {}) })
    expect(found).toEqual(expect.arrayContaining(['Deployed True InstallSuccessful', 'ReleaseFailed True UpgradeError']))
  })

  it.each<StatusReason>(['RenderFailed', 'Fighting', 'InvalidAnnotation', 'WatchesOverlap'])('tell %s as irreconcilable', (reason) => {
    const [irreconcilable] = styledConditions('helm', told({ reason, applied: false, message: 'why' })).filter(
      ({ type }) => type === 'Irreconcilable',
    )
    expect(irreconcilable).toEqual({ type: 'Irreconcilable', status: 'True', reason: 'ReconcileError', message: 'why' })
  })

  it('say nothing of a deployment that is still on its way', () => {
    expect(lines('helm', { reason: 'Waiting', applied: false }).join()).not.toContain('Deployed')
  })

  it('tell a deletion, and one that does not end', () => {
    const previous = after('helm', {})
    expect(lines('helm', { reason: 'Waiting', applied: false, deleting: true, previous })).toContain('Deployed False UninstallSuccessful')
    expect(lines('helm', { reason: 'DeletionStuck', applied: false, deleting: true, previous })).toEqual(
      expect.arrayContaining(['Deployed True InstallSuccessful', 'ReleaseFailed True UninstallError']),
    )
  })

  it('keep what was, beside Paused, while a custom resource is suspended', () => {
    const paused = lines('helm', { reason: 'Suspended', applied: false, previous: after('helm', {}) })
    expect(paused).toEqual([
      'Initialized True Initialized',
      'Deployed True InstallSuccessful',
      'ReleaseFailed False Ready',
      'Irreconcilable False Ready',
      'Paused True PauseReconcileAnnotationTrue',
    ])
  })
})

describe('conditions: ansible', () => {
  it('say successful while everything is applied, whether or not it is ready', () => {
    const successful = ['Running True Successful', 'Successful True Successful', 'Failure False Successful']
    expect(lines('ansible', {})).toEqual(successful)
    expect(lines('ansible', { reason: 'DependentsNotReady' })).toEqual(successful)
    expect(lines('ansible', { reason: 'DependentsFailed' })).toEqual(successful)
  })

  it('say running on the way, and leave a failure as it was', () => {
    const running = ['Running True Running', 'Successful False Running']
    expect(lines('ansible', { reason: 'Waiting', applied: false })).toEqual([...running, 'Failure False Running'])
    const previous = after('ansible', { reason: 'ApplyFailed', applied: false })
    expect(lines('ansible', { reason: 'Waiting', applied: false, previous })).toEqual([...running, 'Failure True Failed'])
  })

  it('tell a failure with our message', () => {
    const failed = styledConditions('ansible', told({ reason: 'RenderFailed', applied: false, message: 'app.yaml.eta:3' }))
    expect(failed.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Running False Failed',
      'Successful False Failed',
      'Failure True Failed',
    ])
    expect(failed[2]?.message).toBe('app.yaml.eta:3')
  })

  it('stay as they were while a custom resource is suspended', () => {
    expect(lines('ansible', { reason: 'Suspended', applied: false, previous: after('ansible', {}) })).toEqual(lines('ansible', {}))
  })
})

describe('every condition of a style', () => {
  const reasons = Object.keys(statusReasons) as StatusReason[]
  const all = (Object.keys(conditionStyles) as ConditionStyle[]).flatMap((style) =>
    reasons.flatMap((reason) =>
      [true, false].flatMap((applied) => [true, false].map((deleting) => [style, reason, applied, deleting] as const)),
    ),
  )
  it.each(all)(
    'of %s for %s (applied %s, deleting %s) is one of its types, once, with a reason that meta/v1 takes',
    (style, reason, applied, deleting) => {
      const found = styledConditions(style, told({ reason, applied, deleting }))
      const types = found.map(({ type }) => type)
      expect(conditionStyles[style]).toEqual(expect.arrayContaining(types))
      expect(new Set(types).size).toBe(types.length)
      expect(found.filter((each) => !isReason(each.reason))).toEqual([])
    },
  )
})
