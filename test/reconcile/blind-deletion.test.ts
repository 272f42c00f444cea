import { expect, it } from 'vitest'
import { deletionPolicyAnnotation } from '../../src/api/names.ts'
import { blindDeletion, isAwaited } from '../../src/reconcile/blind-deletion.ts'

const deletionTimestamp = '2026-01-01T00:00:00Z'
const primary = { apiVersion: 'v1', kind: 'App', metadata: { name: 'shop', deletionTimestamp } }
const annotations = { [deletionPolicyAnnotation]: 'background' }

it('a deletion that cannot see what is left names what it waits for, and the way out', () => {
  expect(blindDeletion('ConfigMap: 403 Forbidden', primary)).toBe(
    'it cannot be known what is left of App/shop: ConfigMap: 403 Forbidden; the deletion goes on as soon as that can be read, or the annotation fairlead.dev/deletion-policy: background on App/shop lets the deletion go on with what can be read',
  )
})

it('what is on its way out is waited for, unless somebody says on the primary that is being deleted that it is not', () => {
  const staying = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  const going = { ...staying, metadata: { name: 'a', deletionTimestamp } }
  const told = { ...primary, metadata: { ...primary.metadata, annotations } }
  const living = { ...primary, metadata: { name: 'shop', annotations } }
  expect([staying, going].map((object) => [primary, told, living].map((each) => isAwaited(object, each)))).toEqual([
    [true, true, true],
    [true, false, true],
  ])
})
