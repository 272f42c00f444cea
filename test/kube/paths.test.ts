import { describe, expect, it } from 'vitest'
import { parsePath, resourcePath } from '../../src/kube/paths.ts'

const deployments = { group: 'apps', version: 'v1', plural: 'deployments', namespaced: true }
const pods = { group: '', version: 'v1', plural: 'pods', namespaced: true }
const namespaces = { group: '', version: 'v1', plural: 'namespaces', namespaced: false }
const roles = { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles', namespaced: false }

describe('a path', () => {
  it.each([
    [deployments, { namespace: 'shop', name: 'web' }, '/apis/apps/v1/namespaces/shop/deployments/web'],
    [deployments, { namespace: 'shop', name: 'web', subresource: 'status' }, '/apis/apps/v1/namespaces/shop/deployments/web/status'],
    [deployments, { namespace: 'shop' }, '/apis/apps/v1/namespaces/shop/deployments'],
    [deployments, {}, '/apis/apps/v1/deployments'],
    [pods, { namespace: 'shop', name: 'web-0' }, '/api/v1/namespaces/shop/pods/web-0'],
    [namespaces, { name: 'shop' }, '/api/v1/namespaces/shop'],
    [namespaces, { namespace: 'ignored', name: 'shop' }, '/api/v1/namespaces/shop'],
    [roles, { name: 'system:node' }, '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node'],
    [pods, { namespace: 'shop', name: 'a/../b?c#d e' }, '/api/v1/namespaces/shop/pods/a%2F..%2Fb%3Fc%23d%20e'],
  ])('of %o, %o', (resource, parts, path) => {
    expect(resourcePath(resource, parts)).toBe(path)
  })

  it.each(['', '.', '..'])('is refused for the name "%s", which would address something else', (name) => {
    expect(() => resourcePath(pods, { namespace: 'shop', name })).toThrow(TypeError)
  })

  it.each([
    ['/apis/apps/v1/namespaces/shop/deployments/web', { resource: 'deployments.apps', namespace: 'shop', name: 'web' }],
    [
      '/apis/apps/v1/namespaces/shop/deployments/web/status',
      { resource: 'deployments.apps', namespace: 'shop', name: 'web', subresource: 'status' },
    ],
    ['/apis/apps/v1/deployments', { resource: 'deployments.apps' }],
    ['/api/v1/namespaces/shop/pods', { resource: 'pods', namespace: 'shop' }],
    ['/api/v1/namespaces/shop', { resource: 'namespaces', name: 'shop' }],
    ['/api/v1/namespaces/shop/status', { resource: 'namespaces', name: 'shop', subresource: 'status' }],
    ['/api/v1/namespaces', { resource: 'namespaces' }],
    ['/api/v1/namespaces/shop/pods/a%2Fb', { resource: 'pods', namespace: 'shop', name: 'a/b' }],
    ['/apis', { resource: '' }],
    ['/apis/apps/v1', { resource: '' }],
    ['/version', { resource: '' }],
  ])('%s is read back', (path, target) => {
    expect(parsePath(path)).toEqual(target)
  })
})
