import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { ApiError } from '../../src/kube/errors.ts'
import { applyBound, applyStatus, createOnly, deleteBound, jsonPatch, patchMetadata } from '../../src/kube/writes.ts'
import { test } from '../controlplane/fixture.ts'
import { clientOf, clientWithoutAnswers, kinds, stage } from './stage.ts'

const manager = 'fairlead/dependents/1'

const failure = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`)
    },
    (error: unknown) => {
      if (error instanceof ApiError) return error
      throw error
    },
  )

const uidOf = (object: KubernetesObject | undefined): string => object?.metadata.uid as string
const versionOf = (object: KubernetesObject | undefined): string => object?.metadata.resourceVersion as string
const applied = (object: KubernetesObject | undefined, by = manager) =>
  (object?.metadata.managedFields ?? []).some((entry) => entry.manager === by && entry.operation === 'Apply')
const condition = (message: string) => ({
  conditions: [{ type: 'Tested', status: 'True', reason: 'Test', message, lastTransitionTime: '2026-01-01T00:00:00Z' }],
})
const lost = { class: 'network', reason: 'ConnectionReset', maybeDone: true }

describe.each(kinds)('createOnly of a %s', (kind) => {
  test('creates where nothing is', async ({ cluster }) => {
    const { resource, body, live, valueOf } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const answer = await createOnly(client, resource, body('a'), { manager })
    expect(valueOf(answer)).toBe('a')
    expect(applied(answer)).toBe(true)
    expect(await live()).toEqual(answer)
  })

  test('stores nothing in a dry run, which refuses what the real one would', async ({ cluster }) => {
    const { resource, body, live, createAsOther } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    await createOnly(client, resource, body('a'), { manager, dryRun: true })
    expect(await live()).toBeUndefined()
    await createAsOther('b')
    expect(await failure(createOnly(client, resource, body('a'), { manager, dryRun: true }))).toMatchObject({ class: 'alreadyExists' })
  })

  test('refuses to create again what it created, and changes nothing', async ({ cluster }) => {
    const { resource, body, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const first = await createOnly(client, resource, body('a'), { manager })
    expect(await failure(createOnly(client, resource, body('a'), { manager }))).toMatchObject({ class: 'alreadyExists', code: 409 })
    expect(await live()).toEqual(first)
  })

  test('whose answer was lost is found by its Apply entry', async ({ cluster }) => {
    const { resource, body, live } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    expect(await failure(createOnly(deaf, resource, body('a'), { manager }))).toMatchObject(lost)
    expect(await failure(createOnly(client, resource, body('a'), { manager }))).toMatchObject({ class: 'alreadyExists' })
    expect(applied(await live())).toBe(true)
  })

  test.for(['a', 'b'])('refuses what another made, whether fields differ or not (%s)', async (value, { cluster }) => {
    const { resource, body, live, createAsOther } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const other = await createAsOther(value)
    expect(await failure(createOnly(client, resource, body('a'), { manager }))).toMatchObject({ class: 'alreadyExists' })
    expect(await live()).toEqual(other)
  })

  test('creates anew what was deleted in between', async ({ cluster }) => {
    const { resource, body, remove } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const first = await createOnly(client, resource, body('a'), { manager })
    await remove()
    expect(uidOf(await createOnly(client, resource, body('a'), { manager }))).not.toBe(uidOf(first))
  })
})

describe.each(kinds)('applyBound to a %s', (kind) => {
  test('that was never there, or was deleted in between, creates nothing', async ({ cluster }) => {
    const { resource, body, live, createAsOther, remove } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const gone = { class: 'conflict', code: 409, missing: true, outcome: 'retry' }
    expect(await failure(applyBound(client, resource, body('a'), { manager, uid: 'no-such' }))).toMatchObject(gone)
    const before = await createAsOther('a')
    await remove()
    expect(await failure(applyBound(client, resource, body('a'), { manager, uid: uidOf(before) }))).toMatchObject(gone)
    expect(await live()).toBeUndefined()
  })

  test('that is ours changes it, and changes nothing the second time', async ({ cluster }) => {
    const { resource, body, valueOf } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createOnly(client, resource, body('a'), { manager }))
    const changed = await applyBound(client, resource, body('b'), { manager, uid })
    expect(valueOf(changed)).toBe('b')
    expect(await applyBound(client, resource, body('b'), { manager, uid })).toEqual(changed)
  })

  test('stores nothing in a dry run', async ({ cluster }) => {
    const { resource, body, live, valueOf } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const before = await createOnly(client, resource, body('a'), { manager })
    expect(valueOf(await applyBound(client, resource, body('b'), { manager, uid: uidOf(before), dryRun: true }))).toBe('b')
    expect(await live()).toEqual(before)
  })

  test('whose answer was lost can be sent again, and changes nothing then', async ({ cluster }) => {
    const { resource, body, live } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createOnly(client, resource, body('a'), { manager }))
    expect(await failure(applyBound(deaf, resource, body('b'), { manager, uid }))).toMatchObject(lost)
    const after = await live()
    expect(await applyBound(client, resource, body('b'), { manager, uid })).toEqual(after)
  })

  test('with fields of another names manager and field, and takes them only by force', async ({ cluster }) => {
    const { resource, body, valueOf, valuePath, createAsOther, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const other = await createAsOther('theirs')
    const error = await failure(applyBound(client, resource, body('a'), { manager, uid: uidOf(other) }))
    expect(error).toMatchObject({ class: 'fieldConflict', conflicts: [{ manager: 'other', path: valuePath }] })
    expect(error.message).not.toContain('theirs')
    expect(await live()).toEqual(other)
    expect(valueOf(await applyBound(client, resource, body('a'), { manager, uid: uidOf(other), force: true }))).toBe('a')
  })

  test('that was recreated leaves the other incarnation alone, also by force', async ({ cluster }) => {
    const { resource, body, remove, createAsOther, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createOnly(client, resource, body('a'), { manager }))
    await remove()
    const other = await createAsOther('b')
    const mismatch = { class: 'uidMismatch', code: 422, outcome: 'retry' }
    expect(await failure(applyBound(client, resource, body('a'), { manager, uid, force: true }))).toMatchObject(mismatch)
    expect(await failure(applyBound(client, resource, body('b'), { manager, uid }))).toMatchObject(mismatch)
    // The server compares fields before identities.
    expect(await failure(applyBound(client, resource, body('a'), { manager, uid }))).toMatchObject({ class: 'fieldConflict', code: 409 })
    expect(await live()).toEqual(other)
  })
})

describe.each(kinds)('deleteBound of a %s', (kind) => {
  test('that was never there, or was deleted in between, is a success', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    expect(await deleteBound(client, resource, reference, { uid: 'no-such' })).toEqual({ kind: 'absent' })
    const before = await createAsOther('a')
    await remove()
    expect(await deleteBound(client, resource, reference, { uid: uidOf(before) })).toEqual({ kind: 'absent' })
  })

  test('that is ours deletes it, at the version that was read if one is given', async ({ cluster }) => {
    const { resource, reference, body, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const before = await createOnly(client, resource, body('a'), { manager })
    const uid = uidOf(before)
    await applyBound(client, resource, body('b'), { manager, uid })
    expect(await failure(deleteBound(client, resource, reference, { uid, resourceVersion: versionOf(before) }))).toMatchObject({
      class: 'conflict',
    })
    expect(await deleteBound(client, resource, reference, { uid, dryRun: true })).toEqual({ kind: 'deleted' })
    expect(await deleteBound(client, resource, reference, { uid, resourceVersion: versionOf(await live()) })).toEqual({ kind: 'deleted' })
    expect(await live()).toBeUndefined()
  })

  test('whose answer was lost is a success when sent again', async ({ cluster }) => {
    const { resource, reference, body } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createOnly(client, resource, body('a'), { manager }))
    expect(await failure(deleteBound(deaf, resource, reference, { uid }))).toMatchObject(lost)
    expect(await deleteBound(client, resource, reference, { uid })).toEqual({ kind: 'absent' })
  })

  test('of another incarnation, or that another made since, deletes nothing', async ({ cluster }) => {
    const { resource, reference, body, remove, createAsOther, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createOnly(client, resource, body('a'), { manager }))
    await remove()
    const other = await createAsOther('a')
    expect(await failure(deleteBound(client, resource, reference, { uid }))).toMatchObject({ class: 'conflict', code: 409 })
    expect(await live()).toEqual(other)
  })

  test('with a finalizer tells that it is still there', async ({ cluster }) => {
    const { resource, reference, body } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createOnly(client, resource, body('a'), { manager })
    const held = await patchMetadata(client, resource, reference, {
      uid: uidOf(made),
      resourceVersion: versionOf(made),
      metadata: { finalizers: ['example.com/hold'] },
    })
    const deletion = await deleteBound(client, resource, reference, { uid: uidOf(made) })
    expect(deletion).toMatchObject({ kind: 'terminating', object: { metadata: { uid: uidOf(held), finalizers: ['example.com/hold'] } } })
    if (deletion.kind !== 'terminating') return
    await patchMetadata(client, resource, reference, {
      uid: uidOf(made),
      resourceVersion: versionOf(deletion.object),
      metadata: { finalizers: null },
    })
    expect(await deleteBound(client, resource, reference, { uid: uidOf(made) })).toEqual({ kind: 'absent' })
  })
})

describe.each(kinds)('patchMetadata of a %s', (kind) => {
  const finalizers = ['example.com/hold']

  test('that was never there, or was deleted in between, creates nothing', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    expect(
      await failure(patchMetadata(client, resource, reference, { uid: 'no-such', metadata: { annotations: { a: 'b' } } })),
    ).toMatchObject({ class: 'notFound' })
    const before = await createAsOther('a')
    await remove()
    expect(
      await failure(
        patchMetadata(client, resource, reference, { uid: uidOf(before), resourceVersion: versionOf(before), metadata: { finalizers } }),
      ),
    ).toMatchObject({ class: 'notFound', missing: true })
    expect(await live()).toBeUndefined()
  })

  test('sets and removes labels, annotations and finalizers, and nothing else', async ({ cluster }) => {
    const { resource, reference, createAsOther, valueOf } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createAsOther('a')
    const uid = uidOf(made)
    const patched = await patchMetadata(client, resource, reference, {
      uid,
      resourceVersion: versionOf(made),
      metadata: { labels: { a: '1', b: '2' }, annotations: { c: '3' }, finalizers },
      manager: 'fairlead',
    })
    expect(patched.metadata).toMatchObject({ labels: { a: '1', b: '2' }, annotations: { c: '3' }, finalizers })
    const cleared = await patchMetadata(client, resource, reference, {
      uid,
      resourceVersion: versionOf(patched),
      metadata: { labels: { a: null }, annotations: { c: null }, finalizers: null },
    })
    expect(cleared.metadata.labels).toEqual({ b: '2' })
    expect(cleared.metadata).not.toHaveProperty('annotations.c')
    expect(cleared.metadata).not.toHaveProperty('finalizers')
    expect(valueOf(cleared)).toBe('a')
  })

  test('whose answer was lost is refused when sent again at the same version', async ({ cluster }) => {
    const { resource, reference, createAsOther, live } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createAsOther('a')
    const patch = { uid: uidOf(made), resourceVersion: versionOf(made), metadata: { finalizers } }
    expect(await failure(patchMetadata(deaf, resource, reference, patch))).toMatchObject(lost)
    expect(await failure(patchMetadata(client, resource, reference, patch))).toMatchObject({ class: 'conflict', missing: false })
    const after = await live()
    expect(after?.metadata.finalizers).toEqual(finalizers)
    await patchMetadata(client, resource, reference, {
      uid: uidOf(made),
      resourceVersion: versionOf(after),
      metadata: { finalizers: null },
    })
  })

  test('of finalizers that another changed since is refused', async ({ cluster }) => {
    const { resource, reference, createAsOther, path, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createAsOther('a')
    await cluster.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: ['example.com/theirs'] } },
    })
    expect(
      await failure(
        patchMetadata(client, resource, reference, { uid: uidOf(made), resourceVersion: versionOf(made), metadata: { finalizers } }),
      ),
    ).toMatchObject({ class: 'conflict', code: 409 })
    expect((await live())?.metadata.finalizers).toEqual(['example.com/theirs'])
    await cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', body: { metadata: { finalizers: null } } })
  })

  test('that was recreated leaves the other incarnation alone', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const before = await createAsOther('a')
    await remove()
    const other = await createAsOther('a')
    const error = await failure(patchMetadata(client, resource, reference, { uid: uidOf(before), metadata: { annotations: { a: 'b' } } }))
    expect(error).toMatchObject({ class: 'uidMismatch', code: 422 })
    expect(await live()).toEqual(other)
  })
})

describe.each(kinds)('applyStatus of a %s', (kind) => {
  test('that was never there, or was deleted in between, creates nothing', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const gone = { missing: true, class: kind === 'Service' ? 'conflict' : 'notFound' }
    expect(
      await failure(applyStatus(client, resource, reference, { manager, resourceVersion: '1', uid: 'no-such', status: condition('a') })),
    ).toMatchObject(gone)
    const before = await createAsOther('a')
    await remove()
    expect(
      await failure(
        applyStatus(client, resource, reference, {
          manager,
          resourceVersion: versionOf(before),
          uid: uidOf(before),
          status: condition('a'),
        }),
      ),
    ).toMatchObject(gone)
    expect(await live()).toBeUndefined()
  })

  test('at the version that was read changes the status and nothing else', async ({ cluster }) => {
    const { resource, reference, createAsOther } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createAsOther('a')
    const answer = await applyStatus(client, resource, reference, {
      manager,
      resourceVersion: versionOf(made),
      uid: uidOf(made),
      status: condition('a'),
    })
    expect(answer.status).toMatchObject(condition('a'))
    expect(answer.spec).toEqual(made.spec)
    expect(answer.metadata.generation).toBe(made.metadata.generation)
    expect(await applyStatus(client, resource, reference, { manager, resourceVersion: versionOf(answer), status: condition('a') })).toEqual(
      answer,
    )
  })

  test('whose answer was lost is refused when sent again at the same version', async ({ cluster }) => {
    const { resource, reference, createAsOther, live } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const status = { manager, resourceVersion: versionOf(await createAsOther('a')), status: condition('a') }
    expect(await failure(applyStatus(deaf, resource, reference, status))).toMatchObject(lost)
    expect(await failure(applyStatus(client, resource, reference, { ...status, status: condition('b') }))).toMatchObject({
      class: 'conflict',
    })
    expect((await live())?.status).toMatchObject(condition('a'))
  })

  test('takes a condition of its type from another manager, unless not forced', async ({ cluster }) => {
    const { resource, reference, createAsOther } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const made = await createAsOther('a')
    const theirs = await applyStatus(client, resource, reference, {
      manager: 'other',
      resourceVersion: versionOf(made),
      status: condition('theirs'),
    })
    const ours = { manager, resourceVersion: versionOf(theirs), status: condition('ours') }
    expect(await failure(applyStatus(client, resource, reference, { ...ours, force: false }))).toMatchObject({
      class: 'fieldConflict',
      conflicts: [{ manager: 'other', path: '.status.conditions[type="Tested"].message' }],
    })
    expect((await applyStatus(client, resource, reference, ours)).status).toMatchObject(condition('ours'))
  })

  test('that was recreated, or that another changed since, leaves it alone', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const before = await createAsOther('a')
    await remove()
    const other = await createAsOther('a')
    expect(
      await failure(applyStatus(client, resource, reference, { manager, resourceVersion: versionOf(before), status: condition('a') })),
    ).toMatchObject({ class: 'conflict', code: 409 })
    expect(await live()).toEqual(other)
  })
})

describe.each(kinds)('jsonPatch of a %s', (kind) => {
  const operations = [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }] as const

  test('that was never there, or was deleted in between, creates nothing', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    expect(await failure(jsonPatch(client, resource, reference, operations, { manager, uid: 'no-such' }))).toMatchObject({
      class: 'notFound',
    })
    const before = await createAsOther('a')
    await remove()
    expect(await failure(jsonPatch(client, resource, reference, operations, { manager, uid: uidOf(before) }))).toMatchObject({
      class: 'notFound',
    })
    expect(await live()).toBeUndefined()
  })

  test('changes the object, under its manager; sent again after a lost answer it changes nothing', async ({ cluster }) => {
    const { resource, reference, createAsOther, live } = await stage(cluster, kind)
    await using deaf = await clientWithoutAnswers(cluster)
    await using client = await clientOf(cluster.kubeconfig)
    const uid = uidOf(await createAsOther('a'))
    expect(await failure(jsonPatch(deaf, resource, reference, operations, { manager, uid }))).toMatchObject(lost)
    const after = await live()
    expect(after?.metadata.annotations).toEqual({ a: 'b' })
    expect(after?.metadata.managedFields).toContainEqual(expect.objectContaining({ manager, operation: 'Update' }))
    expect(await jsonPatch(client, resource, reference, operations, { manager, uid })).toEqual(after)
  })

  test('that was recreated, or whose test fails, leaves it alone', async ({ cluster }) => {
    const { resource, reference, createAsOther, remove, live } = await stage(cluster, kind)
    await using client = await clientOf(cluster.kubeconfig)
    const before = await createAsOther('a')
    await remove()
    const other = await createAsOther('a')
    expect(await failure(jsonPatch(client, resource, reference, operations, { manager, uid: uidOf(before) }))).toMatchObject({
      class: 'invalid',
      code: 422,
    })
    expect(
      await failure(
        jsonPatch(client, resource, reference, [{ op: 'test', path: '/metadata/name', value: 'x' }, ...operations], { manager }),
      ),
    ).toMatchObject({ class: 'invalid' })
    expect(await live()).toEqual(other)
  })
})
