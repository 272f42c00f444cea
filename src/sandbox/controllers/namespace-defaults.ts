/**
 * What every namespace has: a service account `default`, and a ConfigMap `kube-root-ca.crt` with the authority that signs the server's
 * certificate. Both come back when they are deleted. (pkg/controller/serviceaccount; pkg/controller/certificates/rootcacertpublisher)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Controller, World } from './controller.ts'

const accountStorage = '/serviceaccounts'
const mapStorage = '/configmaps'
const account = 'default'
const map = 'kube-root-ca.crt'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** @param authority The certificate of the authority, PEM */
export function namespaceDefaults(authority: string): Controller {
  return {
    name: 'namespace-defaults',
    watches: ['/namespaces', accountStorage, mapStorage],
    keys({ storage, type, object, previous }) {
      const { name, namespace = '' } = object.metadata
      if (storage === '/namespaces')
        return type === 'ADDED' || previous?.metadata.deletionTimestamp !== object.metadata.deletionTimestamp ? [name] : []
      if (storage === accountStorage) return type === 'DELETED' && name === account ? [namespace] : []
      return type !== 'ADDED' && name === map ? [namespace] : []
    },
    reconcile(name, world) {
      const namespace = world.get('/namespaces', '', name)
      if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return undefined
      if (!world.get(accountStorage, name, account)) {
        world.create(accountStorage, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: name } })
      }
      keepAuthority(world, name, authority)
      return undefined
    },
  }
}

function keepAuthority(world: World, namespace: string, authority: string): void {
  const found = world.get(mapStorage, namespace, map)
  const data = { 'ca.crt': authority }
  if (!found) {
    const annotations = { 'kubernetes.io/description': description }
    const object: KubernetesObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: map, namespace, annotations }, data }
    world.create(mapStorage, object)
  } else if ((found['data'] as Record<string, string> | undefined)?.['ca.crt'] !== authority) world.update(mapStorage, { ...found, data })
}
