import { expect, it } from 'vitest'
import { contentOf } from '../../src/template/content.ts'

const metadata = { name: 'shop' }

it('what an object holds at its root is what metadata, spec and status leave', () => {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [], spec: {}, status: {} }
  expect(contentOf(role, undefined)).toEqual({ rules: [] })
})

it('maps that the server leaves out are empty', () => {
  expect(contentOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, undefined)).toEqual({ data: {}, binaryData: {} })
  expect(contentOf({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' }, undefined)).toEqual({ type: 'Opaque', data: {} })
})

it('what a schema declares and the object lacks is null', () => {
  expect(contentOf({ apiVersion: 'a/v1', kind: 'A', metadata }, { properties: { spec: {}, mode: {} } })).toEqual({ mode: null })
})
