import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { desiredObjects, type ScopeOf } from '../../src/reconcile/desired.ts'
import type { RenderedDocument } from '../../src/reconcile/program.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const primary: KubernetesObject = {
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name: 'shop', namespace: 'eu', uid: 'u1' },
}
const clusterPrimary: KubernetesObject = { apiVersion: 'app.company.com/v1alpha1', kind: 'Tenant', metadata: { name: 'acme', uid: 'u2' } }
const clusterKinds = new Set(['Namespace', 'ClusterRole'])
const scopeOf: ScopeOf = ({ kind }) => (clusterKinds.has(kind) ? 'Cluster' : 'Namespaced')

const document = (object: object, line = 1): RenderedDocument => ({
  object: object as KubernetesObject,
  position: { file: 'charts/app/templates/a.yaml.eta', line },
  positionOf: () => ({ file: 'charts/app/templates/a.yaml.eta', line }),
})
const configMap = (metadata: object, data: object = {}) => document({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
const secret = (content: object) => document({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...content })
const desire = (...documents: RenderedDocument[]) => desiredObjects(primary, documents, { scopeOf, sha256 })
const appliedOf = (...documents: RenderedDocument[]) => desire(...documents).objects.map(({ applied }) => applied)

describe('a desired object', () => {
  it('is the document in the primary’s namespace with owner reference, label and hash', () => {
    const [object] = desire(configMap({ name: 'c', labels: { app: 'shop' } }, { a: '1' })).objects
    expect(object?.body).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'c',
        namespace: 'eu',
        labels: { app: 'shop', 'fairlead.dev/primary-uid': 'u1' },
        annotations: { 'fairlead.dev/applied': object?.applied },
        ownerReferences: [
          { apiVersion: 'app.company.com/v1alpha1', kind: 'App', name: 'shop', uid: 'u1', controller: true, blockOwnerDeletion: true },
        ],
      },
      data: { a: '1' },
    })
    expect(object?.applied).toMatch(/^v1:[0-9a-f]{64}$/)
  })

  it('has the same hash whatever the order of its keys, and another one for another value', () => {
    const [one, other, changed] = [
      configMap({ name: 'c' }, { a: '1', b: '2' }),
      configMap({ name: 'c' }, { b: '2', a: '1' }),
      configMap({ name: 'c' }, { a: '1', b: '3' }),
    ]
    expect(appliedOf(one)).toEqual(appliedOf(other))
    expect(appliedOf(one)).not.toEqual(appliedOf(changed))
  })

  it('carries no marks while its primary has no UID, as in a file', () => {
    const { uid: _uid, ...metadata } = primary.metadata
    const [object] = desiredObjects({ ...primary, metadata }, [configMap({ name: 'c' })], { scopeOf, sha256 }).objects
    expect(object?.body.metadata).toEqual({ name: 'c', namespace: 'eu' })
  })

  it('does not change the document that it is made of', () => {
    const rendered = configMap({ name: 'c', labels: { app: 'shop' } })
    const before = structuredClone(rendered.object)
    desire(rendered)
    expect(rendered.object).toEqual(before)
  })
})

describe('owner references of a template', () => {
  const owned = (...ownerReferences: unknown[]) => desire(configMap({ name: 'c', ownerReferences }))
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u9' }

  it('stand beside the primary’s', () => {
    expect(owned(other).objects[0]?.body.metadata.ownerReferences).toMatchObject([other, { uid: 'u1', controller: true }])
  })

  it('to the primary itself give way to ours', () => {
    expect(owned({ ...other, uid: 'u1' }).objects[0]?.body.metadata.ownerReferences).toMatchObject([
      { uid: 'u1', kind: 'App', controller: true, blockOwnerDeletion: true },
    ])
  })

  it('to another controller are refused, with what to do', () => {
    expect(owned({ ...other, controller: true })).toMatchObject({
      objects: [],
      problems: [
        {
          code: 'DOCUMENT_INVALID',
          message: 'ConfigMap/c: metadata.ownerReferences names another controller than App/shop',
          remedy: 'set its controller to false, or leave it out',
        },
      ],
    })
  })

  it('that are no list of maps are refused', () => {
    for (const ownerReferences of ['shop', { uid: 'u1' }, [null], ['u1']])
      expect(desire(configMap({ name: 'c', ownerReferences })).problems).toMatchObject([
        { code: 'DOCUMENT_INVALID', message: 'ConfigMap/c: metadata.ownerReferences has to be a list of maps' },
      ])
  })
})

describe('a Secret', () => {
  it('has stringData folded into data, over data of the same key', () => {
    const [object] = desire(secret({ data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'ä', c: '' } })).objects
    expect(object?.body['data']).toEqual({ a: 'YQ==', b: 'w6Q=', c: '' })
    expect(object?.body).not.toHaveProperty('stringData')
  })

  it('spells base64 as the server does', () => {
    const [object] = desire(secret({ data: { a: 'aGVs\nbG8=' } })).objects
    expect(object?.body['data']).toEqual({ a: 'aGVsbG8=' })
  })

  it('has a hash that says nothing about its values, but something about its keys', () => {
    expect(appliedOf(secret({ data: { a: 'YQ==' } }))).toEqual(appliedOf(secret({ data: { a: 'Yg==' } })))
    expect(appliedOf(secret({ data: { a: 'YQ==' } }))).not.toEqual(appliedOf(secret({ data: { b: 'YQ==' } })))
  })
})

describe('scope', () => {
  it('has no owner reference where none can reach: in another namespace, and outside of namespaces', () => {
    const { objects, problems } = desire(
      configMap({ name: 'c', namespace: 'us' }),
      document({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }),
    )
    expect(problems).toEqual([])
    expect(objects.map(({ key, body }) => [key, body.metadata.ownerReferences, body.metadata.labels])).toEqual([
      ['us/c', undefined, { 'fairlead.dev/primary-uid': 'u1' }],
      ['n', undefined, { 'fairlead.dev/primary-uid': 'u1' }],
    ])
  })

  it('lets a cluster-scoped primary have both, where a namespaced one says where', () => {
    const { objects, problems } = desiredObjects(
      clusterPrimary,
      [
        document({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }),
        configMap({ name: 'c', namespace: 'n' }),
        configMap({ name: 'lost' }),
      ],
      { scopeOf, sha256 },
    )
    expect(objects.map(({ key }) => key)).toEqual(['n', 'n/c'])
    expect(problems).toEqual([
      expect.objectContaining({ code: 'DOCUMENT_OUT_OF_SCOPE', message: 'ConfigMap/lost needs a namespace, and Tenant/acme is in none' }),
    ])
  })

  it('refuses what a primary puts where the operator does not look', () => {
    expect(desiredObjects(primary, [configMap({ name: 'c', namespace: 'us' })], { scopeOf, sha256, namespaces: ['eu'] }).problems).toEqual([
      expect.objectContaining({ message: 'ConfigMap/c asks for namespace us, and this operator watches only eu' }),
    ])
    const rendered = [configMap({ name: 'here', namespace: 'eu' }), configMap({ name: 'there', namespace: 'us' })]
    const { objects, problems } = desiredObjects(clusterPrimary, rendered, { scopeOf, sha256, namespaces: ['eu', 'asia'] })
    expect(objects.map(({ key }) => key)).toEqual(['eu/here'])
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'DOCUMENT_OUT_OF_SCOPE',
        message: 'ConfigMap/there asks for namespace us, and this operator watches only eu, asia',
        remedy: 'run it with --namespace us too, or without --namespace',
      }),
    ])
  })

  it('refuses one object twice and names the other place, also across versions of a group', () => {
    const hpa = (version: string, line: number) =>
      document({ apiVersion: `autoscaling/${version}`, kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' } }, line)
    expect(desire(hpa('v1', 3), hpa('v2', 9)).problems).toEqual([
      {
        code: 'DOCUMENT_DUPLICATE',
        message: 'HorizontalPodAutoscaler/h is rendered twice',
        at: { file: 'charts/app/templates/a.yaml.eta', line: 9 },
        remedy: 'the first one is at charts/app/templates/a.yaml.eta:3',
      },
    ])
  })
})
