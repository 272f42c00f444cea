/** A TCP proxy before the API server that holds back what the client sends, so that writes are under way for a while. */
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { kubeconfig } from '../../controlplane/kubeconfig.ts'
import type { Cluster } from '../../controlplane/fixture.ts'

export interface SlowServer extends AsyncDisposable {
  /** Path of a kubeconfig that goes through the proxy. */
  kubeconfig: string
}

/** Every piece of a request arrives `delay` milliseconds late. */
export async function slowServer(cluster: Cluster, delay: number): Promise<SlowServer> {
  const { port, hostname } = new URL(cluster.server)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.on('data', (bytes) => setTimeout(() => upstream.write(bytes), delay))
    client.on('close', () => setTimeout(() => upstream.destroy(), delay))
    upstream.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const path = `${cluster.kubeconfig}.slow`
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(path, kubeconfig({ server: address, ca: cluster.ca, token: cluster.token, namespace: cluster.namespace }), { mode: 0o600 })
  return {
    kubeconfig: path,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
