/** A kubeconfig with one cluster, one user and one context. JSON is YAML, and any client reads it. */

export interface KubeconfigOptions {
  /** https://host:port */
  server: string
  /** The certificate authority, PEM. */
  ca: string
  token: string
  /** The context's namespace; without it, clients use `default`. */
  namespace?: string
}

export function kubeconfig({ server, ca, token, namespace }: KubeconfigOptions): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace && { namespace }) } }],
    'current-context': 'test',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
