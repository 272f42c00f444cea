import { describe, expect, it } from 'vitest'
import { isError, loadDefinition } from '../../../src/definition/load.ts'
import { sha256 } from '../../../src/operator/assembly.ts'
import { Simulation } from '../../../src/testing/simulation/simulation.ts'
import { differences, worldOf } from '../../../src/testing/world.ts'

const apps = '/apis/app.company.com/v1alpha1/namespaces/default/apps'
const app = (name: string, spec: object = {}) => ({
  apiVersion: 'app.company.com/v1alpha1',
  kind: 'App',
  metadata: { name },
  spec: { image: 'example.com/shop:1', ...spec },
})

const { definition, problems } = loadDefinition({ watchesFile: 'watches.yaml', environment: {}, sha256 })
if (!definition) throw new Error(problems.filter(isError).join('\n'))

async function simulation(seed = 1): Promise<Simulation> {
  const made = new Simulation({ seed })
  await made.install(definition as NonNullable<typeof definition>)
  return made
}

const ready = async (cluster: Simulation, name: string): Promise<string | undefined> => {
  const { body } = await cluster.request('GET', `${apps}/${name}`)
  const { conditions = [] } = (body['status'] ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.find(({ type }) => type === 'Ready')?.status
}

describe('an operator in a simulation', { timeout: 60_000 }, () => {
  it('makes what a primary wants, and then asks for nothing for an hour but watches, and the lists of its audits', async () => {
    await using cluster = await simulation()
    await cluster.create(apps, app('shop'))
    await cluster.start({ definition })
    await cluster.settled()
    expect(await ready(cluster, 'shop')).toBe('True')
    const mark = cluster.requests.length
    await cluster.pass(3_600_000)
    expect(cluster.requests.slice(mark).filter(({ verb }) => verb !== 'watch' && verb !== 'list')).toEqual([])
  })

  it('tries again what the server is too busy for, without a timer of the machine', async () => {
    await using cluster = await simulation()
    const busy = cluster.sandbox.faults.add({ kind: 'error', code: 503, match: { verb: 'patch' }, times: 20 })
    await cluster.create(apps, app('shop'))
    await cluster.start({ definition })
    await cluster.settled()
    expect([busy.acted, await ready(cluster, 'shop')]).toEqual([20, 'True'])
  })

  it('that is killed between two writes is followed by one that comes to the same end', async () => {
    const endOf = async (cluster: Simulation) => {
      await cluster.settled()
      return worldOf(cluster.objects())
    }
    await using whole = await simulation()
    await whole.create(apps, app('shop'))
    await whole.start({ definition })

    await using broken = await simulation(2)
    await broken.create(apps, app('shop'))
    const first = await broken.start({ definition })
    const writes = () => broken.requests.filter(({ verb }) => verb === 'patch').length
    const remove = broken.sandbox.onRequest(async ({ verb }, next) => {
      const answer = await next()
      if (verb === 'patch' && writes() === 3) first.kill()
      return answer
    })
    await broken.quiet()
    remove()
    const before = writes()
    await broken.pass(60_000)
    expect(writes()).toBe(before)

    await broken.start({ definition })
    expect(differences(await endOf(broken), await endOf(whole))).toEqual([])
  })

  it('runs the same way again with the same seed', async () => {
    const run = async () => {
      await using cluster = await simulation(7)
      cluster.sandbox.faults.add({ kind: 'error', code: 500, match: { userAgent: 'fairlead/' }, probability: 0.3, times: 30 })
      for (const name of ['a', 'b', 'c']) await cluster.create(apps, app(name))
      await cluster.start({ definition })
      await cluster.settled()
      return cluster.requests.map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI} ${responseStatus.code}`)
    }
    expect(await run()).toEqual(await run())
  })
})
