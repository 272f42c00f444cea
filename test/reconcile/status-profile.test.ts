import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { fitStatus, previousStatus, readOnlyProfile, statusProfile } from '../../src/reconcile/status-profile.ts'

const string = { type: 'string' }
const integer = { type: 'integer', format: 'int64' }
const conditionFields = {
  type: string,
  status: string,
  observedGeneration: integer,
  lastTransitionTime: string,
  reason: string,
  message: string,
}
const item = { type: 'object', required: ['type', 'status', 'reason', 'lastTransitionTime', 'message'], properties: conditionFields }
const properConditions = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: item }
const preserve = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const observed = { observedGeneration: integer, observedRevision: string }

function crd(
  status: object | undefined,
  { subresource = true, root = {} }: { subresource?: boolean; root?: object } = {},
): KubernetesObject {
  const openAPIV3Schema = { type: 'object', properties: { spec: preserve, ...(status && { status }) }, ...root }
  const version = { name: 'v1', schema: { openAPIV3Schema }, ...(subresource && { subresources: { status: {} } }) }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'apps.example.com' },
    spec: { versions: [version] },
  }
}
const declared = (properties: object): KubernetesObject => crd({ type: 'object', properties })

const ready = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 2,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'Ready',
  message: '',
}
const status: JsonObject = { observedGeneration: 2, observedRevision: 'abc', conditions: [ready], url: 'http://shop', replicas: 3 }
const own: JsonObject = { observedGeneration: 2, observedRevision: 'abc', conditions: [ready] }

describe('a CRD that declares everything', () => {
  const profile = statusProfile(declared({ ...observed, conditions: properConditions, url: string, replicas: integer }), 'v1')

  it('has a full profile and nothing to warn of', () => {
    expect(profile).toMatchObject({ kind: 'full', subresource: true, conditions: 'map', warnings: [] })
    expect(profile.fields).toEqual(['observedGeneration', 'observedRevision', 'conditions', 'url', 'replicas'])
    expect(profile.requiredConditionFields).toEqual(item.required)
  })

  it('takes the whole status', () => {
    expect(fitStatus(profile, status)).toEqual({ status, dropped: [] })
  })

  it('loses what is undeclared or of another type, and names it, without taking the rest down', () => {
    expect(fitStatus(profile, { ...status, replicas: 'three', extra: { a: 1 }, url: null })).toEqual({
      status: own,
      dropped: ['status.url', 'status.replicas', 'status.extra'],
    })
  })
})

describe('a CRD that keeps unknown fields of its status, as scaffolds make it', () => {
  it.each([
    ['at the status', crd(preserve)],
    ['at the root', crd(undefined, { root: { 'x-kubernetes-preserve-unknown-fields': true } })],
    ['by additional properties', crd({ type: 'object', additionalProperties: true })],
  ])('%s: takes everything, with conditions as an atomic list and a warning', (_where, definition) => {
    const profile = statusProfile(definition, 'v1')
    expect(profile).toMatchObject({ kind: 'full', conditions: 'atomic', fields: 'any', requiredConditionFields: [] })
    expect(profile.warnings).toMatchObject([{ code: 'CRD_STATUS', severity: 'warning', message: expect.stringContaining('atomic list') }])
    expect(fitStatus(profile, status)).toEqual({ status, dropped: [] })
  })

  it('merges conditions by type where those are declared properly', () => {
    expect(statusProfile(crd({ ...preserve, properties: { conditions: properConditions } }), 'v1')).toMatchObject({
      kind: 'full',
      conditions: 'map',
      warnings: [],
    })
  })
})

describe('a CRD that declares its status without conditions', () => {
  const profile = statusProfile(declared({ url: string }), 'v1')

  it('has room for the fields of the program only', () => {
    expect(profile).toMatchObject({ kind: 'annotationOnly', subresource: true, conditions: 'absent', fields: ['url'] })
    expect(profile.warnings).toMatchObject([{ message: expect.stringContaining('the schema does not declare status.conditions') }])
  })

  it('gets those, and the rest as an annotation', () => {
    expect(fitStatus(profile, status)).toEqual({ status: { url: 'http://shop' }, annotation: own, dropped: ['status.replicas'] })
  })

  it('gets no status at all when nothing fits', () => {
    expect(fitStatus(profile, own)).toEqual({ annotation: own, dropped: [] })
  })
})

describe('a CRD that declares no status', () => {
  it.each([
    ['at all', undefined],
    ['but an empty object', { type: 'object' }],
  ])('%s has room for the annotation only', (_what, schema) => {
    const profile = statusProfile(crd(schema), 'v1')
    expect(profile).toMatchObject({ kind: 'annotationOnly', fields: [] })
    expect(fitStatus(profile, own)).toEqual({ annotation: own, dropped: [] })
  })
})

describe('a CRD without a status subresource', () => {
  const profile = statusProfile(crd(preserve, { subresource: false }), 'v1')

  it('gets the whole status as an annotation, and nothing through the main resource', () => {
    expect(profile).toMatchObject({ kind: 'annotationOnly', subresource: false, conditions: 'absent' })
    expect(fitStatus(profile, status)).toEqual({ annotation: status, dropped: [] })
  })

  it('is told how to get one', () => {
    expect(profile.warnings).toEqual([
      {
        code: 'CRD_STATUS',
        severity: 'warning',
        message:
          'CustomResourceDefinition apps.example.com, version v1: there is no status subresource, so the status goes into the annotation fairlead.dev/status',
        remedy: 'add "subresources: { status: {} }" to the version',
      },
    ])
  })
})

describe('a CRD that declares conditions but no observed generation or revision', () => {
  it('has room for conditions, and both are named', () => {
    const profile = statusProfile(declared({ conditions: properConditions }), 'v1')
    expect(profile).toMatchObject({ kind: 'conditionsOnly', conditions: 'map' })
    expect(profile.warnings).toMatchObject([{ message: expect.stringContaining('status.observedGeneration and status.observedRevision') }])
    expect(fitStatus(profile, own)).toEqual({
      status: { conditions: [ready] },
      dropped: ['status.observedGeneration', 'status.observedRevision'],
    })
  })

  it('names the one that is missing', () => {
    const { kind, warnings } = statusProfile(declared({ conditions: properConditions, observedGeneration: integer }), 'v1')
    expect(kind).toBe('conditionsOnly')
    expect(warnings).toMatchObject([{ message: expect.stringMatching(/declare status\.observedRevision$/) }])
  })
})

describe('declared conditions', () => {
  const profileOf = (conditions: object) => statusProfile(declared({ ...observed, conditions }), 'v1')
  const list = (properties: object, rest: object = {}): object => ({ ...properConditions, items: { type: 'object', properties, ...rest } })

  it('are atomic without a list type', () => {
    expect(profileOf({ type: 'array', items: item })).toMatchObject({ kind: 'full', conditions: 'atomic' })
  })

  it('lose the parts that have no place, as long as none of them is required', () => {
    const profile = profileOf(list({ type: string, status: string, message: string }))
    expect(profile).toMatchObject({ kind: 'full', conditions: 'map' })
    expect(fitStatus(profile, { conditions: [ready] })).toEqual({
      status: { conditions: [{ type: 'Ready', status: 'True', message: '' }] },
      dropped: ['observedGeneration', 'lastTransitionTime', 'reason'].map((field) => `status.conditions[0].${field}`),
    })
  })

  it('whose type is an enumeration take those types only', () => {
    const profile = profileOf(list({ ...conditionFields, type: { type: 'string', enum: ['Ready', 'Stalled'] } }))
    expect(profile.conditions).toBe('map')
    expect(fitStatus(profile, { conditions: [ready, { ...ready, type: 'Reconciling' }] })).toEqual({
      status: { conditions: [ready] },
      dropped: ['status.conditions[1].type', 'status.conditions[1]'],
    })
  })

  it.each([
    ['a map', { type: 'object', additionalProperties: string }, 'status.conditions is not a list'],
    ['a list of strings', { type: 'array', items: string }, 'items of status.conditions are not maps'],
    ['without a type', list({ status: string }), 'a condition has no place for our "type"'],
    ['with a boolean status', list({ ...conditionFields, status: { type: 'boolean' } }), 'a condition has no place for our "status"'],
    [
      'with a required field of their own',
      list({ ...conditionFields, owner: string }, { required: ['owner'] }),
      'a condition needs "owner", which is not ours to give',
    ],
    [
      'of other types only',
      list({ ...conditionFields, type: { type: 'string', enum: ['Up'] } }),
      'a condition has no place for our "type"',
    ],
  ])('%s have no room for ours', (_what, conditions, complaint) => {
    const { kind, warnings } = profileOf(conditions)
    expect(kind).toBe('annotationOnly')
    expect(warnings[0]?.message).toContain(complaint)
  })

  it('with a required field that has a default have room', () => {
    const conditions = list({ ...conditionFields, severity: { type: 'string', default: 'Info' } }, { required: ['type', 'severity'] })
    expect(profileOf(conditions)).toMatchObject({ kind: 'full', requiredConditionFields: ['type'] })
  })
})

describe('what a program renders below status', () => {
  const profile = statusProfile(
    declared({
      ...observed,
      conditions: properConditions,
      endpoints: { type: 'array', items: { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } } },
      labels: { type: 'object', additionalProperties: string },
      free: preserve,
      last: { type: 'string', nullable: true },
      template: { type: 'object', 'x-kubernetes-embedded-resource': true },
    }),
    'v1',
  )

  it('is cut at every depth', () => {
    const endpoints = [{ port: 80, host: 'a' }, { port: 'http' }, { port: 1.5 }, 'c']
    expect(
      fitStatus(profile, {
        endpoints,
        labels: { a: 'b', c: 1 },
        free: { x: [{ y: null }] },
        last: null,
        template: { kind: 'Pod', spec: {} },
      }),
    ).toEqual({
      status: {
        endpoints: [{ port: 80 }, { port: 'http' }, {}],
        labels: { a: 'b' },
        free: { x: [{ y: null }] },
        last: null,
        template: { kind: 'Pod' },
      },
      dropped: ['status.endpoints[0].host', 'status.endpoints[2].port', 'status.endpoints[3]', 'status.labels.c', 'status.template.spec'],
    })
  })

  it('is data whatever its keys are', () => {
    const labels = JSON.parse('{"__proto__":"a","constructor":"b"}') as JsonObject
    const { status: fitted } = fitStatus(profile, { labels })
    expect(JSON.stringify(fitted)).toBe('{"labels":{"__proto__":"a","constructor":"b"}}')
    expect(fitStatus(statusProfile(declared({}), 'v1'), { constructor: 'x' as never }).dropped).toEqual(['status.constructor'])
  })
})

it('a version that the CRD lacks gets nothing', () => {
  const profile = statusProfile(crd(preserve), 'v2')
  expect(profile).toMatchObject({
    kind: 'none',
    warnings: [{ message: expect.stringContaining('there is no such version'), remedy: 'it has: v1' }],
  })
  expect(fitStatus(profile, { url: 'x' })).toEqual({ dropped: ['status.url'] })
})

it('an object of a built-in kind gets nothing at all, without a warning', () => {
  expect(fitStatus(readOnlyProfile, own).annotation).toBeUndefined()
  expect(fitStatus(readOnlyProfile, own).status).toBeUndefined()
  expect(readOnlyProfile.warnings).toEqual([])
})

it('a kind whose definition cannot be read gets the annotation, without a warning', () => {
  const profile = statusProfile(undefined, 'v1')
  expect(profile).toMatchObject({ kind: 'annotationOnly', subresource: false, warnings: [] })
  expect(fitStatus(profile, own)).toEqual({ annotation: own, dropped: [] })
})

it.each([{}, { versions: 'v1' }, { versions: [null, 'v1'] }])('a CRD of an unexpected shape is no reason to throw: %j', (spec) => {
  expect(statusProfile({ ...crd(undefined), spec }, 'v1').kind).toBe('none')
})

describe('the status that was written before', () => {
  const primary = (annotation: string | undefined): KubernetesObject => ({
    apiVersion: 'example.com/v1',
    kind: 'App',
    metadata: { name: 'shop', ...(annotation !== undefined && { annotations: { 'fairlead.dev/status': annotation } }) },
    status: { url: 'u', observedGeneration: 9 },
  })
  const text = JSON.stringify(own)

  it('is the status where that has the room, but for what an annotation says while there is one', () => {
    expect(previousStatus(statusProfile(crd(preserve), 'v1'), primary(undefined))).toEqual({ url: 'u', observedGeneration: 9 })
    expect(previousStatus(statusProfile(crd(preserve), 'v1'), primary(text))).toEqual({ ...own, url: 'u' })
  })

  it('is the annotation without a subresource, and both where the program has fields of its own', () => {
    expect(previousStatus(statusProfile(crd(preserve, { subresource: false }), 'v1'), primary(text))).toEqual(own)
    expect(previousStatus(statusProfile(declared({ url: string }), 'v1'), primary(text))).toEqual({ ...own, url: 'u' })
  })

  it.each([undefined, '', '{', '7', '[]', 'null'])('is empty when the annotation is %j', (annotation) => {
    expect(previousStatus(statusProfile(undefined, 'v1'), primary(annotation))).toEqual({})
  })
})
