/** A manager that wants another number of replicas, and does not tire. */
import type { Cluster } from '../../controlplane/fixture.ts'
import { change, read } from '../objects.ts'

export class SecondManager {
  readonly name: string
  readonly #ended: Promise<void>
  #going = true

  /** Writes `replicas` to the object at this path whenever it has another number, until it is stopped. */
  constructor(cluster: Cluster, { name, path, replicas }: { name: string; path: string; replicas: number }) {
    this.name = name
    this.#ended = cluster
      .eventually(
        async () => {
          if (!this.#going) return true
          if ((await read<{ spec: { replicas: number } }>(cluster, path)).spec.replicas !== replicas)
            await change(cluster, path, { spec: { replicas } }, name)
          return false
        },
        { describe: `${name} is stopped`, timeout: 120_000, interval: 20 },
      )
      .then(() => undefined)
    // Its failure is told when it is stopped.
    this.#ended.catch(() => undefined)
  }

  async stop(): Promise<void> {
    this.#going = false
    await this.#ended
  }
}
