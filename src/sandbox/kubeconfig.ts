/** A kubeconfig for one user of a sandbox. */
import { writeYaml } from '../yaml/write.ts'

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string
  /** The certificate authority, PEM; absent where the server speaks plain HTTP. */
  readonly ca?: string | undefined
  readonly token: string
  /** Default: `admin`. */
  readonly user?: string
  /** The context's namespace; without it, clients use `default`. */
  readonly namespace?: string | undefined
}

/** The text of the file: one cluster, one user, one context. (client-go, tools/clientcmd/api/v1) */
export function kubeconfig({ server, ca, token, user = 'admin', namespace }: KubeconfigOptions): string {
  const name = 'fairlead-sandbox'
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...(ca && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }) } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user, ...(namespace && { namespace }) } }],
    'current-context': name,
  })
}
