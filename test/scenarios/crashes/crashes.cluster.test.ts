import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilPasses } from '../metrics.ts'
import { untilCondition } from '../objects.ts'

const names = Array.from({ length: 20 }, (_, index) => `shop-${index}`)
const spec = { config: { GREETING: 'hello' } }

interface Listed {
  items: {
    kind: string
    metadata: { name: string; uid: string; ownerReferences?: { uid: string }[]; managedFields: { manager: string; operation: string }[] }
  }[]
}

/** Every dependent of the twenty Apps: whose it is, and how many hold it besides its own controller. */
async function endState(cluster: Cluster): Promise<Record<string, { owner: string | undefined; appliers: number }>> {
  const { stdout } = await cluster.kubectl([
    'get',
    'deployment,service,serviceaccount,configmap',
    '-l',
    'fairlead.dev/primary-uid',
    '-o',
    'json',
    '--show-managed-fields',
  ])
  return Object.fromEntries(
    (JSON.parse(stdout) as Listed).items.map(({ kind, metadata }) => [
      `${kind}/${metadata.name}`,
      {
        owner: metadata.ownerReferences?.[0]?.uid,
        appliers: metadata.managedFields.filter(({ operation }) => operation === 'Apply').length,
      },
    ]),
  )
}

describe('an operator that is killed again and again while twenty Apps are made', () => {
  test('comes to the same end: every dependent once, of its own App, and nothing more to do', { timeout: 180_000 }, async ({
    cluster,
    operator,
  }) => {
    await installAppDefinition(cluster)
    const owners = new Map<string, string>()
    const making = (async () => {
      for (const name of names) {
        owners.set(name, (await createApp(cluster, name, spec)).metadata?.uid as string)
        await pause(150)
      }
    })()
    // Each life begins a little further into the work, and ends at another place of it.
    const lives = [20, 5, 60, 110, 35, 10, 80, 150]
    for (const life of lives) {
      const process = await operator({ wait: false })
      await process.line(/^created|answers/)
      await pause(life)
      await process.stop('SIGKILL')
    }
    await making

    const last = await operator()
    for (const name of names) await untilCondition(cluster, appPath(cluster, name), { status: 'True', timeout: 60_000 })
    await untilPasses(cluster, last, names.length)

    const expected = names.flatMap((name) =>
      ['ConfigMap', 'Deployment', 'Service', 'ServiceAccount'].map((kind) => [`${kind}/${name}`, { owner: owners.get(name), appliers: 1 }]),
    )
    expect(await endState(cluster)).toEqual(Object.fromEntries(expected))
    expect(last.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
