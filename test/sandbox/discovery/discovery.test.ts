import { describe, expect, it } from 'vitest'
import { acceptsAggregated } from '../../../src/sandbox/discovery/aggregated.ts'
import { createDiscovery } from '../../../src/sandbox/discovery/discovery.ts'
import { storageVersionHash } from '../../../src/sandbox/discovery/storage-version-hash.ts'
import { versionDocument } from '../../../src/sandbox/discovery/version.ts'
import { builtInResources } from '../../../src/sandbox/kinds/built-in.ts'
import { customResource } from './custom.ts'

const address = '127.0.0.1:6443'
const ant = customResource({ group: 'zz.example', version: 'v1beta1', resource: 'ants', kind: 'Ant' })
const wasp = customResource({
  group: 'aa.example',
  version: 'v1',
  resource: 'wasps',
  kind: 'Wasp',
  shortNames: ['wa'],
  subresources: new Map([['status', { kind: 'status' }]]),
})

describe('the documents of discovery', () => {
  it('list groups of custom resources by name after the built-in ones, their versions as Kubernetes prefers them', () => {
    const discovery = createDiscovery([ant, wasp, ...builtInResources(), { ...ant, version: 'v2' }, { ...ant, version: 'v10' }], address)

    const { groups } = discovery.document('/apis') as { groups: { name: string; versions: { version: string }[] }[] }
    expect(groups[0]?.name).toBe('apiregistration.k8s.io')
    expect(groups.slice(-2).map(({ name, versions }) => [name, versions.map(({ version }) => version)])).toEqual([
      ['aa.example', ['v1']],
      ['zz.example', ['v10', 'v2', 'v1beta1']],
    ])
    expect(discovery.document('/apis/zz.example')).toMatchObject({ preferredVersion: { groupVersion: 'zz.example/v10', version: 'v10' } })
  })

  it('tell the resources of a version by name, each followed by its subresources', () => {
    const discovery = createDiscovery([{ ...ant, group: 'aa.example', version: 'v1' }, wasp].reverse(), address)

    expect(discovery.document('/apis/aa.example/v1')).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'aa.example/v1',
      resources: [
        { name: 'ants', singularName: 'ant', namespaced: true, kind: 'Ant', verbs: ant.verbs },
        { name: 'wasps', singularName: 'wasp', namespaced: true, kind: 'Wasp', verbs: wasp.verbs, shortNames: ['wa'] },
        { name: 'wasps/status', singularName: '', namespaced: true, kind: 'Wasp', verbs: ['get', 'patch', 'update'] },
      ],
    })
  })

  it('name the kind of another group where a subresource has one', () => {
    const discovery = createDiscovery(builtInResources(), address)
    const { resources } = discovery.document('/api/v1') as { resources: { name: string }[] }

    expect(resources.find(({ name }) => name === 'pods/eviction')).toEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    })
  })

  it('tell group and version of a kind in one piece only for custom resources', () => {
    const discovery = createDiscovery([...builtInResources(), wasp], address)

    const { items } = (discovery.aggregated('/apis')?.body ?? { items: [] }) as {
      items: { metadata: { name: string }; versions: { resources: object[] }[] }[]
    }
    const first = (group: string): object | undefined => items.find(({ metadata }) => metadata.name === group)?.versions[0]?.resources[0]
    expect(first('apps')).toMatchObject({ responseKind: { group: '', version: '', kind: 'ControllerRevision' } })
    expect(first('aa.example')).toMatchObject({ responseKind: { group: 'aa.example', version: 'v1', kind: 'Wasp' }, scope: 'Namespaced' })
  })

  it('carry another tag when the resources are others', () => {
    const [first, same, other] = [[ant], [ant], [wasp]].map((resources) => createDiscovery(resources, address).aggregated('/apis')?.etag)

    expect(first).toMatch(/^"[0-9A-F]{128}"$/)
    expect(same).toBe(first)
    expect(other).not.toBe(first)
  })

  it('are found with a slash at the end, and not where nothing is served', () => {
    const discovery = createDiscovery([ant], address)

    expect(discovery.document('/apis/zz.example/')).toEqual(discovery.document('/apis/zz.example'))
    for (const path of [
      '/apis/aa.example',
      '/apis/zz.example/v1',
      '/apis/zz.example/v1beta1/ants',
      '/apis//v1',
      '/version',
      '/apis/__proto__',
    ])
      expect(discovery.document(path), path).toBeUndefined()
  })
})

describe('who gets the document in one piece', () => {
  const whole = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

  it.each([
    whole,
    `application/json, ${whole};q=0.1`,
    'application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io; profile=nopeer',
  ])('a client that accepts %s', (accept) => expect(acceptsAggregated(accept)).toBe(true))

  it.each(['', '*/*', 'application/json', whole.replace('v=v2', 'v=v2beta1'), whole.replace('json', 'vnd.kubernetes.protobuf')])(
    'not one that accepts %s',
    (accept) => expect(acceptsAggregated(accept)).toBe(false),
  )
})

it('hashes the stored version as the server does', () => {
  expect(storageVersionHash({ group: '', version: 'v1', kind: 'Pod' })).toBe('xPOwRZ+Yhw8=')
})

it('tells the version in the parts that clients compare', () => {
  expect(versionDocument('v1.36.3')).toMatchObject({ major: '1', minor: '36', minCompatibilityMinor: '35', gitVersion: 'v1.36.3' })
})
