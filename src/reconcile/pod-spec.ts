/** Where the kinds that run pods have the pods' spec. */
import type { KubernetesObject } from '../api/object.ts'

const inTemplate = ['spec', 'template', 'spec']

/** By `group kind`. */
const paths: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps Deployment', inTemplate],
  ['apps StatefulSet', inTemplate],
  ['apps DaemonSet', inTemplate],
  ['apps ReplicaSet', inTemplate],
  ['batch Job', inTemplate],
  ['batch CronJob', ['spec', 'jobTemplate', ...inTemplate]],
  [' Pod', ['spec']],
])

/** The path of the pod's spec in an object of Kubernetes' own kinds; undefined for a kind that has none. */
export const podSpecPath = ({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): readonly string[] | undefined =>
  paths.get(`${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''} ${kind}`)
