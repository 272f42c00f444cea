import { expect } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { nothingRead } from '../../src/reconcile/read-versions.ts'
import { passStatus, type PassReport } from '../../src/reconcile/status.ts'
import { fitStatus, statusProfile } from '../../src/reconcile/status-profile.ts'
import { test } from '../controlplane/fixture.ts'

const string = { type: 'string' }
const integer = { type: 'integer', format: 'int64' }
const item = {
  type: 'object',
  required: ['type', 'status', 'reason', 'lastTransitionTime', 'message'],
  properties: {
    type: string,
    status: string,
    observedGeneration: integer,
    lastTransitionTime: { ...string, format: 'date-time' },
    reason: string,
    message: string,
  },
}
const list = { type: 'array', items: item }
const mapList = { ...list, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }
const observed = { observedGeneration: integer, observedRevision: string }
const preserve = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const short = { type: 'object', required: ['type', 'status'], properties: { type: string, status: string } }

/** Schemas of status as people have them, with the profile that each gives. */
const shapes: [name: string, status: object | undefined, kind: string, conditions: string][] = [
  ['full', { type: 'object', properties: { ...observed, conditions: mapList, url: string } }, 'full', 'map'],
  ['preserving', preserve, 'full', 'atomic'],
  ['atomic', { type: 'object', properties: { ...observed, conditions: list } }, 'full', 'atomic'],
  ['conditionsonly', { type: 'object', properties: { conditions: mapList } }, 'conditionsOnly', 'map'],
  ['shortconditions', { type: 'object', properties: { ...observed, conditions: { ...mapList, items: short } } }, 'full', 'map'],
  ['fieldsonly', { type: 'object', properties: { url: string } }, 'annotationOnly', 'absent'],
  ['undeclared', undefined, 'annotationOnly', 'absent'],
]

const report: PassReport = {
  generation: 1,
  watch: 1,
  revision: 'abc',
  applied: true,
  clean: true,
  reads: nothingRead,
  changed: false,
  dependents: [],
  waiting: [],
  problems: [],
  failedWrites: [],
  unfollowed: [],
  passing: [],
  blocked: [],
  hold: undefined,
  program: { url: 'http://shop', ports: [{ port: 80 }] },
}

test.for(shapes)(
  'a status cut to the profile of the "%s" schema is taken whole, and the same again changes nothing',
  async ([name, status, kind, conditions], { cluster }) => {
    const group = `${cluster.namespace}.example.com`
    const crd: KubernetesObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${name}s.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: `${name}s`, kind: `Kind${name}` },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: preserve, ...(status && { status }) } } },
          },
        ],
      },
    }
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    expect((await cluster.request('POST', crds, { body: crd })).status).toBe(201)
    try {
      const collection = `/apis/${group}/v1/namespaces/${cluster.namespace}/${name}s`
      const body = { apiVersion: `${group}/v1`, kind: `Kind${name}`, metadata: { name: 'shop' }, spec: {} }
      const created = await cluster.eventually(async () => {
        const answer = await cluster.request('POST', collection, { body })
        return answer.status === 201 ? (answer.body as KubernetesObject) : undefined
      })

      const profile = statusProfile((await cluster.request('GET', `${crds}/${crd.metadata.name}`)).body as KubernetesObject, 'v1')
      expect([profile.kind, profile.conditions]).toEqual([kind, conditions])

      const apply = async (on: KubernetesObject, now: number): Promise<KubernetesObject> => {
        const fitted = fitStatus(profile, passStatus(report, { primary: on, profile, now }))
        if (!fitted.status) return on
        const answer = await cluster.request('PATCH', `${collection}/shop/status`, {
          query: { fieldManager: `fairlead/status/${on.metadata.uid}` },
          contentType: 'application/apply-patch+yaml',
          body: {
            apiVersion: on.apiVersion,
            kind: on.kind,
            metadata: { name: 'shop', resourceVersion: on.metadata.resourceVersion },
            status: fitted.status,
          },
        })
        expect(answer).toMatchObject({ status: 200 })
        expect((answer.body as unknown as { status: JsonObject }).status).toEqual(fitted.status)
        return answer.body as KubernetesObject
      }
      const first = await apply(created, Date.parse('2026-01-01T00:00:00Z'))
      const second = await apply(first, Date.parse('2026-01-01T00:01:00Z'))
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)

      // What was sent before is found again by its managed fields: a pass that cannot render keeps it.
      const failed = passStatus({ ...report, clean: false, program: undefined }, { primary: second, profile, now: 0 })
      expect(failed['url']).toBe((second['status'] as JsonObject | undefined)?.['url'])
    } finally {
      await cluster.request('DELETE', `${crds}/${crd.metadata.name}`)
    }
  },
)
