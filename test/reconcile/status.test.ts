import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import type { Readiness } from '../../src/api/readiness.ts'
import { isReason } from '../../src/reconcile/conditions.ts'
import { nothingRead } from '../../src/reconcile/read-versions.ts'
import { passStatus, type PassReport } from '../../src/reconcile/status.ts'
import { fitStatus, statusProfile } from '../../src/reconcile/status-profile.ts'
import { statusReasons } from '../../src/reconcile/status-reasons.ts'

const now = Date.parse('2026-03-04T05:06:07Z')
const conditions = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

function profileOf(properties: object, subresource = true) {
  const openAPIV3Schema = {
    type: 'object',
    properties: { status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties } },
  }
  const version = { name: 'v1', schema: { openAPIV3Schema }, ...(subresource && { subresources: { status: {} } }) }
  return statusProfile(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'apps.example.com' },
      spec: { versions: [version] },
    },
    'v1',
  )
}
const map = profileOf({ conditions })
const atomic = profileOf({})
const annotation = profileOf({}, false)

const ready: Readiness = { state: 'current', reason: 'Current', message: 'it is there' }
const slow: Readiness = { state: 'inProgress', reason: 'LessReady', message: '1 of 3 pods are ready' }
const broken: Readiness = { state: 'failed', reason: 'JobFailed', message: 'it has failed' }

const report = (part: Partial<PassReport> = {}): PassReport => ({
  generation: 2,
  watch: 1,
  revision: 'new',
  applied: true,
  clean: true,
  reads: nothingRead,
  changed: false,
  dependents: [{ name: 'Deployment/web', readiness: ready }],
  waiting: [],
  problems: [],
  failedWrites: [],
  unfollowed: [],
  passing: [],
  blocked: [],
  hold: undefined,
  program: {},
  ...part,
})

function primary(status?: object, owned?: object): KubernetesObject {
  const managedFields = owned && [
    {
      manager: 'fairlead/status/u1',
      operation: 'Apply' as const,
      apiVersion: 'example.com/v1',
      subresource: 'status',
      fieldsV1: { 'f:status': owned } as JsonObject,
    },
  ]
  return {
    apiVersion: 'example.com/v1',
    kind: 'App',
    metadata: { name: 'shop', uid: 'u1', ...(managedFields && { managedFields }) },
    ...(status && { status }),
  }
}

const statusOf = (part: Partial<PassReport> = {}, on = primary(), profile = map): JsonObject =>
  passStatus(report(part), { primary: on, profile, now })

const summary = (status: JsonObject): string[] =>
  (status['conditions'] as { type: string; status: string; reason: string }[]).map(
    ({ type, status: value, reason }) => `${type}=${value}/${reason}`,
  )
const messageOf = (status: JsonObject): string => (status['conditions'] as { message: string }[])[0]?.message as string

describe('a clean pass', () => {
  it('gives the whole status', () => {
    const common = { observedGeneration: 2, lastTransitionTime: '2026-03-04T05:06:07Z', reason: 'Ready' }
    expect(statusOf({ program: { url: 'http://shop' } })).toEqual({
      observedGeneration: 2,
      observedRevision: 'new',
      conditions: [
        { type: 'Ready', status: 'True', message: '1 dependent is ready', ...common },
        { type: 'Reconciling', status: 'False', message: '', ...common },
        { type: 'Stalled', status: 'False', message: '', ...common },
      ],
      url: 'http://shop',
    })
  })

  it.each([map, atomic, annotation])('gives the same bytes when repeated later on its own result ($kind, $conditions)', (profile) => {
    const first = statusOf({ program: { url: 'u', conditions: [{ type: 'Up', status: 'True', reason: 'Up' }] } }, primary(), profile)
    const { status, annotation: text } = fitStatus(profile, first)
    const on = primary(status)
    if (text) on.metadata.annotations = { 'fairlead.dev/status': JSON.stringify(text) }
    const second = passStatus(report({ program: { url: 'u', conditions: [{ type: 'Up', status: 'True', reason: 'Up' }] } }), {
      primary: on,
      profile,
      now: now + 60_000,
    })
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
  })
})

describe('a condition that is there only while it is True', () => {
  const yielded = { type: 'FieldsYielded', status: 'True', reason: 'HeldByAnother', message: 'left to others: x' } as const
  const typesOf = (status: unknown) => (status as { conditions: { type: string }[] }).conditions.map(({ type }) => type)

  it.each([map, atomic, annotation])('comes, stays over a pass that does not look, and goes ($conditions)', (profile) => {
    const later = (before: ReturnType<typeof statusOf>, part: Partial<PassReport>) => {
      const { status, annotation: text } = fitStatus(profile, before)
      const on = primary(status)
      if (text) on.metadata.annotations = { 'fairlead.dev/status': JSON.stringify(text) }
      return passStatus(report(part), { primary: on, profile, now: now + 60_000 })
    }
    const first = statusOf({ passing: [yielded] }, primary(), profile)
    expect(typesOf(first)).toEqual(['Ready', 'Reconciling', 'Stalled', 'FieldsYielded'])
    const second = later(first, { passing: undefined })
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    expect(typesOf(later(second, { passing: [] }))).toEqual(['Ready', 'Reconciling', 'Stalled'])
  })
})

describe('the verdict', () => {
  const problem = {
    code: 'TEMPLATE_UNDEFINED',
    message: 'it.spec.imge is undefined',
    remedy: 'did you mean "image"?',
    at: { file: 'web.yaml.eta', line: 14, column: 22 },
  } as const
  it.each<[string, Partial<PassReport>, string, string]>([
    ['no dependents', { dependents: [] }, 'Ready', 'there are no dependents'],
    [
      'a dependent on its way',
      {
        dependents: [
          { name: 'Deployment/web', readiness: slow },
          { name: 'Service/web', readiness: ready },
        ],
      },
      'DependentsNotReady',
      'not ready: Deployment/web',
    ],
    [
      'a dependent being deleted',
      { dependents: [{ name: 'Service/web', readiness: { state: 'terminating', reason: 'Terminating', message: 'it is being deleted' } }] },
      'DependentsNotReady',
      'not ready: Service/web (it is being deleted)',
    ],
    [
      'a dependent that failed',
      {
        dependents: [
          { name: 'Deployment/web', readiness: slow },
          { name: 'Job/init', readiness: broken },
        ],
      },
      'DependentsFailed',
      'failed: Job/init (it has failed)',
    ],
    [
      'something to wait for',
      { waiting: ['Secret: forbidden'], dependents: [{ name: 'Job/init', readiness: broken }] },
      'Waiting',
      'waits for Secret: forbidden',
    ],
    [
      'a write that is tried again',
      { failedWrites: [{ object: 'Service/web', reason: 'TooManyRequests', retried: true }], waiting: ['x'] },
      'WriteRetried',
      'Service/web: TooManyRequests',
    ],
    [
      'an object of somebody else',
      { failedWrites: [{ object: 'Service/web', reason: 'Conflict', message: 'belongs to App/other' }] },
      'Conflict',
      'Service/web: belongs to App/other',
    ],
    [
      'a refused object beside a conflict',
      {
        failedWrites: [
          { object: 'Service/web', reason: 'Conflict' },
          { object: 'Job/init', reason: 'Invalid' },
        ],
      },
      'ApplyFailed',
      'Service/web: Conflict; Job/init: Invalid',
    ],
    [
      'a refused write beside a retried one',
      {
        failedWrites: [
          { object: 'Service/web', reason: 'Timeout', retried: true },
          { object: 'Job/init', reason: 'Invalid' },
        ],
      },
      'ApplyFailed',
      'Job/init: Invalid',
    ],
    [
      'a problem',
      { problems: [problem], failedWrites: [{ object: 'a', reason: 'Invalid' }] },
      'RenderFailed',
      'web.yaml.eta:14:22: it.spec.imge is undefined; did you mean "image"? (TEMPLATE_UNDEFINED)',
    ],
    ['only a warning', { problems: [{ ...problem, severity: 'warning' }] }, 'Ready', '1 dependent is ready'],
  ])('on %s', (_what, part, reason, message) => {
    const status = statusOf(part)
    expect(summary(status)[0]).toBe(`Ready=${reason === 'Ready' ? 'True' : 'False'}/${reason}`)
    expect(messageOf(status)).toBe(message)
    const { outcome } = statusReasons[reason as keyof typeof statusReasons]
    const holds = summary(status).filter((condition) => /^(Ready|Reconciling|Stalled)=True/.test(condition))
    const type = { ready: 'Ready', suspended: 'no condition', reconciling: 'Reconciling', stalled: 'Stalled' }[outcome]
    expect(holds).toEqual([`${type}=True/${reason}`])
  })

  it('names five dependents and counts the rest', () => {
    const dependents = Array.from({ length: 8 }, (_, index) => ({ name: `Job/${index}`, readiness: slow }))
    expect(messageOf(statusOf({ dependents }))).toBe('not ready: Job/0, Job/1, Job/2, Job/3, Job/4 and 3 more')
    expect(messageOf(statusOf({ dependents: dependents.slice(0, 5) }))).toBe('not ready: Job/0, Job/1, Job/2, Job/3, Job/4')
  })

  it('does not change with every pod that becomes ready', () => {
    const with1 = statusOf({ dependents: [{ name: 'Deployment/web', readiness: slow }] })
    expect(statusOf({ dependents: [{ name: 'Deployment/web', readiness: { ...slow, message: '2 of 3 pods are ready' } }] })).toEqual(with1)
  })

  it('has reasons that the API allows', () => {
    expect(Object.keys(statusReasons).filter((reason) => !isReason(reason))).toEqual([])
  })
})

describe('a clean pass', () => {
  it('tells what was read, of another spec or definition at once, and else where it has changed anything', () => {
    const told = (part: Partial<PassReport>, status?: object): unknown => statusOf(part, primary(status))['observedRevision']
    const reads = { lookups: { aa: '02' }, values: {} }
    expect(told({ reads })).toBe('new+aa-02')
    const before = { observedGeneration: 2, observedRevision: 'new+aa-01' }
    expect(told({ reads }, before)).toBe('new+aa-01')
    expect(told({ reads, changed: true }, before)).toBe('new+aa-02')
    expect(told({ reads }, { ...before, observedGeneration: 1 })).toBe('new+aa-02')
    expect(told({ reads }, { ...before, observedRevision: 'old+aa-01' })).toBe('new+aa-02')
    expect(told({ reads: nothingRead, changed: true }, before)).toBe('new')
  })
})

describe('a pass that is not clean', () => {
  it('keeps generation and revision of the last clean one', () => {
    const status = statusOf({ clean: false }, primary({ observedGeneration: 1, observedRevision: 'old' }))
    expect(status).toMatchObject({ observedGeneration: 1, observedRevision: 'old' })
  })

  it('tells in its conditions what it looked at', () => {
    const status = statusOf({ clean: false }, primary({ observedGeneration: 1, observedRevision: 'old' }))
    expect((status['conditions'] as JsonObject[]).filter(({ observedGeneration }) => observedGeneration !== 2)).toEqual([])
  })

  it('claims no generation or revision before the first clean one', () => {
    expect(Object.keys(statusOf({ clean: false }))).toEqual(['conditions'])
  })
})

describe('what a program renders', () => {
  it('cannot set what is ours', () => {
    const status = statusOf({
      program: { observedGeneration: 99, observedRevision: 'x', conditions: [{ type: 'Ready', status: 'False', reason: 'No' }] },
    })
    expect(status).toMatchObject({ observedGeneration: 2, observedRevision: 'new' })
    expect(summary(status)).toEqual(['Ready=True/Ready', 'Reconciling=False/Ready', 'Stalled=False/Ready'])
  })

  it('adds conditions of its own', () => {
    const status = statusOf({ program: { conditions: [{ type: 'Up', status: 'Unknown', reason: 'Starting' }] } })
    expect(summary(status)).toEqual(['Ready=True/Ready', 'Reconciling=False/Ready', 'Stalled=False/Ready', 'Up=Unknown/Starting'])
  })

  it('is a problem where its conditions are none', () => {
    const status = statusOf({ program: { conditions: [{ type: 'Up', status: true, reason: 'Up' }] } })
    expect(messageOf(status)).toContain('status.conditions[0].status of Up is not a status')
    expect(summary(status)).toEqual(['Ready=False/RenderFailed', 'Reconciling=False/RenderFailed', 'Stalled=True/RenderFailed'])
  })

  const up = { type: 'Up', status: 'True', reason: 'Up', message: '', observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }
  const theirs = { ...up, type: 'Theirs' }
  const live = { url: 'http://shop', seenBy: 'somebody else', conditions: [up, theirs] }
  const failed: Partial<PassReport> = { clean: false, program: undefined }

  it('stays when a pass could not render it, and what others wrote stays theirs', () => {
    const owned = {
      'f:url': {},
      'f:conditions': {
        'k:{"type":"Up"}': {
          '.': {},
          'f:type': {},
          'f:status': {},
          'f:reason': {},
          'f:message': {},
          'f:observedGeneration': {},
          'f:lastTransitionTime': {},
        },
      },
    }
    const status = statusOf(failed, primary(live, owned))
    expect(Object.keys(status)).toEqual(['conditions', 'url'])
    expect((status['conditions'] as unknown[]).slice(3)).toEqual([up])
  })

  it('stays where conditions are atomic, and so do the conditions of others', () => {
    const status = statusOf(failed, primary(live, { 'f:url': {}, 'f:conditions': {} }), atomic)
    expect(Object.keys(status)).toEqual(['conditions', 'url'])
    expect((status['conditions'] as unknown[]).slice(3)).toEqual([theirs, up])
  })

  it('stays in an annotation', () => {
    const on = primary()
    on.metadata.annotations = { 'fairlead.dev/status': JSON.stringify({ url: 'http://shop', conditions: [up] }) }
    const status = statusOf(failed, on, annotation)
    expect(status['url']).toBe('http://shop')
    expect((status['conditions'] as unknown[]).slice(3)).toEqual([up])
  })

  it('goes when the program no longer renders it', () => {
    expect(Object.keys(statusOf({ program: {} }, primary(live, { 'f:url': {} })))).toEqual([
      'observedGeneration',
      'observedRevision',
      'conditions',
    ])
  })
})

describe('what a person told the operator', () => {
  const told = (annotations: Record<string, string>, status?: object): KubernetesObject => {
    const base = primary(status)
    return { ...base, metadata: { ...base.metadata, annotations } }
  }
  const suspended = { 'fairlead.dev/suspend': 'true' }

  it('to leave it alone makes Ready unknown, and leaves the rest as it was', () => {
    const before = { observedGeneration: 1, observedRevision: 'old' }
    const status = statusOf({ clean: false, unrendered: true, program: undefined }, told(suspended, before))
    expect(summary(status)).toEqual(['Ready=Unknown/Suspended', 'Reconciling=False/Suspended', 'Stalled=False/Suspended'])
    expect(status).toMatchObject(before)
  })

  it('does not count for one that is being deleted', () => {
    const deleted = told(suspended)
    deleted.metadata.deletionTimestamp = '2026-03-04T05:06:07Z'
    expect(summary(statusOf({}, deleted))[0]).toBe('Ready=True/Ready')
  })

  it('and cannot be read is told, behind what blocks', () => {
    const unreadable = told({ 'fairlead.dev/reconcile-period': '4x' })
    expect(summary(statusOf({}, unreadable))[2]).toBe('Stalled=True/InvalidAnnotation')
    expect(summary(statusOf({ failedWrites: [{ object: 'a', reason: 'Invalid' }] }, unreadable))[2]).toBe('Stalled=True/ApplyFailed')
  })

  it('to do now is noted once it was rendered, and stays noted', () => {
    const asking = told({ 'fairlead.dev/reconcile': 'two' }, { lastHandledReconcileAt: 'one' })
    expect(statusOf({ unrendered: true }, asking)['lastHandledReconcileAt']).toBe('one')
    expect(statusOf({}, asking)['lastHandledReconcileAt']).toBe('two')
    expect(statusOf({}, told({}, { lastHandledReconcileAt: 'two' }))['lastHandledReconcileAt']).toBe('two')
    expect(statusOf({}, told({ ...suspended, 'fairlead.dev/reconcile': 'three' }))).not.toHaveProperty('lastHandledReconcileAt')
  })
})
