/** Others that do not tire: one wants another number of replicas, one wants an object gone. */
import type { Cluster } from '../../controlplane/fixture.ts'
import { change, exists, read, remove } from '../objects.ts'

/** Does something again and again until it is stopped. */
class Persistent {
  readonly #ended: Promise<void>
  #going = true

  constructor(cluster: Cluster, name: string, act: () => Promise<void>) {
    this.#ended = cluster
      .eventually(
        async () => {
          if (!this.#going) return true
          await act()
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

/** Writes `replicas` to the object at this path whenever it has another number. */
export class SecondManager extends Persistent {
  constructor(cluster: Cluster, { name, path, replicas }: { name: string; path: string; replicas: number }) {
    super(cluster, name, async () => {
      if ((await read<{ spec: { replicas: number } }>(cluster, path)).spec.replicas !== replicas)
        await change(cluster, path, { spec: { replicas } }, name)
    })
  }
}

/** Deletes the object at this path whenever it is there. */
export class Deleter extends Persistent {
  constructor(cluster: Cluster, path: string) {
    super(cluster, 'the deleter', async () => {
      if (await exists(cluster, path)) await remove(cluster, path)
    })
  }
}
