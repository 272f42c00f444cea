import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { type DesiredObject, desiredObjects } from '../../src/reconcile/desired.ts'
import { cachedParser, type MatchOptions, match, unmarkedBy } from '../../src/reconcile/match.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manager = 'fairlead/dependents/u1'
const primary: KubernetesObject = {
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name: 'shop', namespace: 'eu', uid: 'u1' },
}
const options: MatchOptions = { manager, parse: cachedParser(), admitted: () => false, unmarked: () => undefined }

function desire(object: object): DesiredObject {
  const document = { object: object as KubernetesObject, position: { file: 't' }, positionOf: () => ({ file: 't' }) }
  return desiredObjects(primary, [document], { scopeOf: () => 'Namespaced', sha256 }).objects[0] as DesiredObject
}

const marks: JsonObject = {
  'f:labels': { 'f:fairlead.dev/primary-uid': {} },
  'f:annotations': { 'f:fairlead.dev/applied': {} },
  'f:ownerReferences': { 'k:{"uid":"u1"}': {} },
}

/** The live object after an apply: its content, and what we hold of it. */
function live(
  { body }: DesiredObject,
  held: JsonObject,
  { content = {}, entry = {}, others = [] }: { content?: object; entry?: Partial<ManagedFieldsEntry>; others?: ManagedFieldsEntry[] } = {},
): KubernetesObject {
  const ours: ManagedFieldsEntry = {
    manager,
    operation: 'Apply',
    apiVersion: body.apiVersion,
    fieldsV1: { 'f:metadata': marks, ...held },
    ...entry,
  }
  return { ...body, ...content, metadata: { ...body.metadata, uid: 'uid-1', resourceVersion: '7', managedFields: [ours, ...others] } }
}

describe('a match', () => {
  const pods = (containers: object[]) => ({ template: { spec: { containers } } })
  const deployment = desire({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: pods([
      { name: 'a', image: 'x' },
      { name: 'b', image: 'y' },
    ]),
  })
  const item = { '.': {}, 'f:name': {}, 'f:image': {} }
  const held = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': item, 'k:{"name":"b"}': item } } } } }
  const same = { kind: 'same' }

  it('sees what was applied under our name beside the body', () => {
    const more = { 'f:spec': { ...held['f:spec'], 'f:paused': {} } }
    const found = match(
      deployment,
      live(deployment, more, { content: { spec: { ...(deployment.body['spec'] as object), paused: true } } }),
      options,
    )
    expect(found).toEqual({ kind: 'drift', paths: [], foreign: [], spent: [] })
  })

  it('does not look at values: what the server or admission spells differently is ours as long as we hold it', () => {
    const rewritten = pods([
      { name: 'a', image: 'registry.example/x' },
      { name: 'b', image: 'y', terminationMessagePath: '/dev/termination-log' },
    ])
    expect(match(deployment, live(deployment, held, { content: { spec: rewritten } }), options)).toEqual(same)
  })

  it('sees items in another order', () => {
    const turned = pods([
      { name: 'b', image: 'y' },
      { name: 'a', image: 'x' },
    ])
    expect(match(deployment, live(deployment, held, { content: { spec: turned } }), options)).toMatchObject({ kind: 'drift' })
  })

  it('sees an item of somebody else in a list that is ours alone, unless admission put it there', () => {
    const more = live(deployment, held, { content: { spec: pods([{ name: 'a', image: 'x' }, { name: 'b', image: 'y' }, { name: 'c' }]) } })
    expect(match(deployment, more, options)).toMatchObject({ kind: 'drift', paths: [], foreign: [{ key: { name: 'c' } }] })
    expect(match(deployment, more, { ...options, admitted: (_object, { key }) => key['name'] === 'c' })).toEqual(same)
  })

  it('sees an entry that keeps alive what we drop later', () => {
    const left: ManagedFieldsEntry = { manager: 'fairlead/lists/u1', operation: 'Update', apiVersion: 'apps/v1', fieldsV1: held }
    expect(match(deployment, live(deployment, held, { others: [left] }), options)).toMatchObject({
      kind: 'drift',
      spent: ['fairlead/lists/u1'],
    })
  })

  it('takes another version of the kind for another body', () => {
    expect(match(deployment, live(deployment, held, { entry: { apiVersion: 'apps/v1beta2' } }), options)).toEqual({ kind: 'changed' })
  })

  it('takes managed fields that were reset for drift of everything', () => {
    const reset = live(deployment, held, { entry: { manager: 'before-first-apply', operation: 'Update' } })
    const found = match(deployment, reset, options)
    expect(found).toMatchObject({ kind: 'drift', spent: ['before-first-apply'] })
    expect(found.kind === 'drift' && found.paths).toContain('.metadata.labels.fairlead.dev/primary-uid')
  })

  it('takes an object that neither carries our hash nor has our entry for another body', () => {
    const theirs = { ...live(deployment, held, { entry: { manager: 'kubectl' } }) }
    expect(match(deployment, { ...theirs, metadata: { ...theirs.metadata, annotations: {} } }, options)).toEqual({ kind: 'changed' })
  })

  it('does not take the entry of a status for that of the object', () => {
    expect(match(deployment, live(deployment, held, { entry: { subresource: 'status' } }), options)).toMatchObject({ kind: 'drift' })
  })
})

describe('a Secret', () => {
  const secret = desire({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==', constructor: 'Yg==' } })
  const held = { 'f:data': { 'f:a': {}, 'f:constructor': {} } }

  it('matches by its values, whatever its keys are called', () => {
    expect(match(secret, live(secret, held), options)).toEqual({ kind: 'same' })
    const without = live(secret, { 'f:data': { 'f:a': {} } }, { content: { data: { a: 'YQ==' } } })
    expect(match(secret, without, options)).toEqual({ kind: 'drift', paths: ['.data.constructor'], foreign: [], spent: [] })
  })

  it('of which a value is another and still ours is one that we would send otherwise', () => {
    const other = { data: { a: 'U0VDUkVU', constructor: 'Yg==' } }
    expect(match(secret, live(secret, held, { content: other }), options)).toEqual({ kind: 'changed' })
    const contested = { data: { a: 'U0VDUkVU', constructor: 'dGhlaXJz' } }
    expect(match(secret, live(secret, { 'f:data': { 'f:a': {} } }, { content: contested }), options)).toEqual({ kind: 'changed' })
  })

  it('names a key once whose value somebody else holds', () => {
    const found = match(
      secret,
      live(secret, { 'f:data': { 'f:constructor': {} } }, { content: { data: { a: 'eA==', constructor: 'Yg==' } } }),
      options,
    )
    expect(found.kind === 'drift' && found.paths.filter((path) => path.startsWith('.data'))).toEqual(['.data.a'])
  })

  it('never shows a value in what differs', () => {
    const taken = { 'f:data': { 'f:constructor': {} } }
    const found = match(secret, live(secret, taken, { content: { data: { a: 'U0VDUkVU', constructor: 'Yg==' } } }), options)
    expect(found).toEqual({ kind: 'drift', paths: ['.data.a'], foreign: [], spent: [] })
  })

  it('that cannot keep our marks is sent anew where a value of it is wanted otherwise', () => {
    const stripped = { ...live(secret, held), metadata: { name: 's', uid: 'uid-1', resourceVersion: '7' } }
    const remembering = { ...options, unmarked: () => unmarkedBy(secret, stripped) }
    expect(match(secret, stripped, remembering)).toEqual({ kind: 'same' })
    const other = desire({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'Yw==', constructor: 'Yg==' } })
    expect(match(other, stripped, remembering)).toEqual({ kind: 'changed' })
  })
})
