/** An App whose dependents are changed by others. */
import type { Cluster } from '../../controlplane/fixture.ts'
import { type AppSpec, createApp, untilReady } from '../app/apps.ts'
import { collection } from '../objects.ts'
import { Dependent } from './dependent.ts'

/** The six kinds that an App has. */
const kinds = {
  ConfigMap: ['v1', 'configmaps'],
  Deployment: ['apps/v1', 'deployments'],
  HorizontalPodAutoscaler: ['autoscaling/v2', 'horizontalpodautoscalers'],
  Ingress: ['networking.k8s.io/v1', 'ingresses'],
  Service: ['v1', 'services'],
  ServiceAccount: ['v1', 'serviceaccounts'],
} as const

/** An App with a host, and so with five kinds of dependents and a number of replicas of its own. */
export const plain: AppSpec = { config: { GREETING: 'hello', COLOUR: 'blue' }, ingress: { host: 'shop.example.com', className: 'nginx' } }

/** The same with autoscaling: all six kinds. */
export const autoscaled: AppSpec = {
  ...plain,
  replicas: undefined,
  autoscaling: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
}

export class Shop {
  readonly all: readonly Dependent[]

  constructor(all: readonly Dependent[]) {
    this.all = all
  }

  dependent(kind: keyof typeof kinds): Dependent {
    const found = this.all.find((each) => each.kind === kind)
    if (!found) throw new Error(`the App has no ${kind}`)
    return found
  }
}

/** Creates the App and resolves, when it is ready, to its dependents. */
export async function openShop(cluster: Cluster, name: string, spec: AppSpec): Promise<Shop> {
  await createApp(cluster, name, spec)
  await untilReady(cluster, name)
  const entries = Object.entries(kinds).filter(([kind]) => kind !== 'HorizontalPodAutoscaler' || spec['autoscaling'] !== undefined)
  return new Shop(
    entries.map(
      ([kind, [apiVersion, plural]]) => new Dependent(cluster, { kind, collection: collection(cluster, apiVersion, plural), name }),
    ),
  )
}
