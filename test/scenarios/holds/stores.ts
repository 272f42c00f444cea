/** Stores, their definition as it is and as somebody changes it, and what is said of their deletes. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test as base } from '../fixture.ts'
import { collection, type Condition, create, exists, installDefinition, read } from '../objects.ts'

const original = fileURLToPath(new URL('operator', import.meta.url))

/** A copy of the definition, and changes of its files. */
export interface Project {
  watches: string
  /** Replaces the text of a file. */
  change(file: string, change: (text: string) => string): void
  remove(file: string): void
}

export const templates = 'charts/store/templates'

export const test = base.extend('project', async ({ cluster }, { onCleanup }): Promise<Project> => {
  const folder = mkdtempSync(join(tmpdir(), 'stores-'))
  onCleanup(() => rmSync(folder, { recursive: true }))
  cpSync(original, folder, { recursive: true })
  await installDefinition(cluster, `${folder}/charts/store/crds/store.yaml`)
  return {
    watches: `${folder}/watches.yaml`,
    remove: (file) => rmSync(join(folder, file)),
    change(file, change) {
      const path = join(folder, file)
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    },
  }
})

export interface StoreSpec {
  colour?: string
  features?: readonly string[]
  database?: boolean
  data?: boolean
  /** Where a changed template looks whether there is a database. */
  asks?: string
}

export const stores = (cluster: Cluster): string => collection(cluster, 'holds.example.com/v1', 'stores')

/** Creates a Store; answers its path. */
export async function createStore(
  cluster: Cluster,
  name: string,
  spec: StoreSpec,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const whole = { colour: 'blue', features: [], database: false, data: false, ...spec }
  await create(cluster, stores(cluster), { apiVersion: 'holds.example.com/v1', kind: 'Store', metadata: { name, labels }, spec: whole })
  return `${stores(cluster)}/${name}`
}

interface Store {
  metadata: { generation: number; resourceVersion: string; annotations?: Record<string, string> }
  status?: { observedGeneration?: number; observedRevision?: string; conditions?: Condition[] }
}

export const readStore = async (cluster: Cluster, path: string): Promise<Store> => await read<Store>(cluster, path)

/** Resolves when a pass has brought everything about that this generation asks for, and nothing waits; answers the revision. */
export async function untilClean(cluster: Cluster, path: string, not?: string): Promise<string> {
  return await cluster.eventually(
    async () => {
      const { metadata, status } = await readStore(cluster, path)
      const held = status?.conditions?.some(({ type }) => type === 'PruneHeld')
      const revision = status?.observedRevision
      if (!held && revision !== undefined && revision !== not && status?.observedGeneration === metadata.generation) return revision
      throw new Error(`its status is ${JSON.stringify(status)}`)
    },
    { describe: `${path} is as declared`, interval: 20 },
  )
}

/** Resolves when deletes are held; answers the condition. */
export async function untilHeld(cluster: Cluster, path: string, message = /(?:)/): Promise<Condition> {
  return await cluster.eventually(
    async () => {
      const { status } = await readStore(cluster, path)
      const held = status?.conditions?.find(({ type }) => type === 'PruneHeld')
      if (held?.status === 'True' && message.test(held.message)) return held
      throw new Error(`its status is ${JSON.stringify(status)}`)
    },
    { describe: `${path} holds deletes`, interval: 20 },
  )
}

export const configMap = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'configmaps')}/${name}`
export const statefulSet = (cluster: Cluster, name: string): string => `${collection(cluster, 'apps/v1', 'statefulsets')}/${name}`
export const claim = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'persistentvolumeclaims')}/${name}`

export async function untilGone(cluster: Cluster, path: string): Promise<void> {
  await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, interval: 20 })
}
