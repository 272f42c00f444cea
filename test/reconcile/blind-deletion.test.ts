import { expect, it } from 'vitest'
import { deletionPolicyAnnotation } from '../../src/api/names.ts'
import { blindDeletion } from '../../src/reconcile/blind-deletion.ts'

const primary = { apiVersion: 'v1', kind: 'App', metadata: { name: 'shop' } }
const background = { ...primary, metadata: { name: 'shop', annotations: { [deletionPolicyAnnotation]: 'background' } } }

it('a deletion that cannot see what is left names what it waits for, and the way out that is left', () => {
  expect([blindDeletion('ConfigMap: 403 Forbidden', primary), blindDeletion('ConfigMap: 403 Forbidden', background)]).toEqual([
    'it cannot be known what is left of App/shop: ConfigMap: 403 Forbidden; the deletion goes on as soon as that can be read, or the annotation fairlead.dev/deletion-policy: background on App/shop lets the deletion go on with what can be read',
    'it cannot be known what is left of App/shop: ConfigMap: 403 Forbidden; the deletion goes on as soon as that can be read, or taking the finalizer fairlead.dev/dependents off App/shop gives up on what is left of it',
  ])
})
