import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { builtInResources } from '../../../src/sandbox/kinds/built-in.ts'
import type { Resource } from '../../../src/sandbox/registry/resource.ts'

const resources = builtInResources()
const resource = (group: string, version: string, name: string): Resource =>
  resources.find((each) => each.group === group && each.version === version && each.resource === name) as Resource

describe('the built-in resources', () => {
  it('are one for each group, version and name', () => {
    expect(resources.length).toBeGreaterThan(60)
    expect(new Set(resources.map(({ group, version, resource }) => `${group}/${version}/${resource}`)).size).toBe(resources.length)
  })

  it('share what several versions show, and name the stored one', () => {
    expect(resource('events.k8s.io', 'v1', 'events')).toMatchObject({ storage: '/events', storedApiVersion: 'v1' })
    expect(resource('autoscaling', 'v1', 'horizontalpodautoscalers').storedApiVersion).toBe('autoscaling/v2')
    expect(resource('', 'v1', 'pods')).not.toHaveProperty('storedApiVersion')
  })

  it('list what goes through to a kubelet', () => {
    expect(resource('', 'v1', 'pods').subresources.get('exec')).toEqual({
      kind: 'connect',
      program: 'exec',
      responseKind: 'PodExecOptions',
      verbs: ['create', 'get'],
    })
  })

  it('fill in defaults when they are decoded, in a copy', () => {
    const body: JsonObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }
    const { spec } = resource('', 'v1', 'services').codec.decode(body, [])

    expect(spec).toMatchObject({ type: 'ClusterIP', sessionAffinity: 'None', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] })
    expect(body.spec).toEqual({ ports: [{ port: 80 }] })
  })
})
