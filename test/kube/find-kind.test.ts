import { describe, expect, it } from 'vitest'
import { findKind } from '../../src/kube/find-kind.ts'

const resource = (group: string, version: string, kind: string, plural: string) => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
  verbs: ['list'],
  subresources: [],
})
const resources = [
  resource('', 'v1', 'Service', 'services'),
  resource('example.com', 'v2', 'App', 'apps'),
  resource('example.com', 'v1', 'App', 'apps'),
  resource('serving.dev', 'v1', 'Service', 'services'),
  resource('one.dev', 'v1', 'Cache', 'caches'),
]

describe('the kind that a person means', () => {
  it.each(['App', 'app', 'apps', 'App.example.com', 'apps.example.com'])('is found by %s, in the preferred version', (name) => {
    expect(findKind(name, { resources })).toMatchObject({ kind: 'App', version: 'v2' })
  })
  it('of several groups has to be told apart by the group', () => {
    expect(findKind('services', { resources })).toMatchObject({
      code: 'OBJECT_MISSING',
      remedy: 'write one of Service, Service.serving.dev',
    })
    expect(findKind('services.serving.dev', { resources })).toMatchObject({ group: 'serving.dev' })
  })
  it('that is not there is a problem that names a near one', () => {
    expect(findKind('Cahce', { resources })).toMatchObject({ code: 'OBJECT_MISSING', remedy: 'did you mean Cache?' })
  })
})
