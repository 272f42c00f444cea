/** Reads from a server's discovery which resources it serves: the table src/sandbox/tables/resources.json. */
import type { GroupEntry, ResourceEntry, ResourcesTable, SubresourceEntry } from '../src/sandbox/tables/resources.ts'
import type { Requester } from '../test/controlplane/request.ts'

interface ApiResource {
  name: string
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  storageVersionHash?: string
}

interface ApiGroupList {
  groups: { name: string; versions: { version: string }[] }[]
}

/** Groups that custom resource definitions add are left out: the table holds what every server of this version has. */
export async function recordResources(server: Requester): Promise<ResourcesTable> {
  const read = async <Body>(path: string): Promise<Body> => {
    const { status, body } = await server.send<Body>('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status}`)
    return body
  }
  const { gitVersion } = await read<{ gitVersion: string }>('/version')
  const { items } = await read<{ items: { spec: { group: string } }[] }>('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')
  const custom = new Set(items.map(({ spec }) => spec.group))
  const { groups } = await read<ApiGroupList>('/apis')
  const recorded: GroupEntry[] = []
  for (const { name, versions } of [{ name: '', versions: [{ version: 'v1' }] }, ...groups.filter(({ name }) => !custom.has(name))]) {
    const entries: GroupEntry['versions'][number][] = []
    for (const { version } of versions) {
      const { resources } = await read<{ resources: ApiResource[] }>(name ? `/apis/${name}/${version}` : `/api/${version}`)
      entries.push({
        version,
        resources: resources.filter(({ name }) => !name.includes('/')).map((each) => resourceEntry(each, resources)),
      })
    }
    recorded.push({ name, versions: entries })
  }
  return { kubernetes: gitVersion, groups: recorded }
}

function resourceEntry(entry: ApiResource, all: readonly ApiResource[]): ResourceEntry {
  const { name, singularName, kind, namespaced, verbs, shortNames, categories, storageVersionHash } = entry
  const prefix = `${name}/`
  const subresources = all
    .filter((each) => each.name.startsWith(prefix))
    .map((each): [string, SubresourceEntry] => [
      each.name.slice(prefix.length),
      { kind: each.version ? `${each.group}/${each.version}/${each.kind}` : each.kind, verbs: each.verbs.join(' ') },
    ])
  return {
    resource: name,
    singular: singularName,
    kind,
    namespaced,
    verbs: verbs.join(' '),
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(storageVersionHash && { storageVersionHash }),
    ...(subresources.length > 0 && { subresources: Object.fromEntries(subresources) }),
  }
}
