/**
 * Credentials that a program or a provider hands out: exec plugins, OIDC. client-node's KubeConfig runs them and keeps what they gave.
 *
 * client-node takes a quarter of a second and 50 MB to load, and only these users need it.
 */
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Identity } from './kubeconfig.ts'

/** Answers, each time it is called, what a request of this identity needs now. Rejects with what the plugin said. */
export function pluginOptions({ cluster, user, namespace }: Identity): () => Promise<RequestOptions> {
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [cluster],
    users: [user],
    contexts: [{ name: 'only', cluster: cluster.name, user: user.name, namespace }],
    currentContext: 'only',
  })
  return async () => {
    const options: RequestOptions = { headers: {} }
    await config.applyToHTTPSOptions(options)
    return options
  }
}
