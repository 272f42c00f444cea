/** Apps of the default operator, for scenarios. */
import type { Cluster, ResponseBody } from '../../controlplane/fixture.ts'
import { change, collection, type Condition, create, installDefinition, untilCondition } from '../objects.ts'
import { repository } from '../operator-process.ts'

const apiVersion = 'app.company.com/v1alpha1'

export interface AppSpec {
  image?: string
  replicas?: number | undefined
  [field: string]: unknown
}

export const appPath = (cluster: Cluster, name: string): string => `${collection(cluster, apiVersion, 'apps')}/${name}`

/** Applies the default operator's CRD and resolves when the server serves it. */
export const installAppDefinition = async (cluster: Cluster): Promise<string> =>
  await installDefinition(cluster, `${repository}/charts/app/crds/app.yaml`)

export async function createApp(cluster: Cluster, name: string, spec: AppSpec = {}): Promise<ResponseBody> {
  const whole = { image: 'example.com/web:1', replicas: 1, ...spec }
  return await create(cluster, collection(cluster, apiVersion, 'apps'), { apiVersion, kind: 'App', metadata: { name }, spec: whole })
}

/** A merge patch of the App. */
export async function patchApp(cluster: Cluster, name: string, patch: object): Promise<void> {
  await change(cluster, appPath(cluster, name), patch)
}

/** Resolves when the App's Ready has this status for its current generation. */
export const untilReady = async (cluster: Cluster, name: string, status: 'True' | 'False' = 'True'): Promise<Condition> =>
  await untilCondition(cluster, appPath(cluster, name), { status, timeout: 30_000 })
