import { describe, expect, it } from 'vitest'
import type { Controller } from '../../../src/sandbox/controllers/controller.ts'
import { conflict } from '../../../src/sandbox/status/api-error.ts'
import { MemoryWorld, running } from './memory-world.ts'

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data,
})

function recorder(reconcile: Controller['reconcile'] = () => undefined): { controller: Controller; seen: string[] } {
  const seen: string[] = []
  return {
    seen,
    controller: {
      name: 'recorder',
      watches: ['/configmaps'],
      keys: ({ object }) => [object.metadata.name],
      reconcile(key, world) {
        seen.push(key)
        return reconcile(key, world)
      },
    },
  }
}

describe('the runner of controllers', () => {
  it('names the keys of what is there at the start', async () => {
    const world = new MemoryWorld()
    world.create('/configmaps', configMap('a'))
    const { controller, seen } = recorder()
    const run = running([controller], world)
    await run.idle()
    expect(seen).toEqual(['a'])
  })

  it('reconciles outside of the write, once for several changes of one key', async () => {
    const { controller, seen } = recorder()
    const run = running([controller])
    const created = run.world.create('/configmaps', configMap('a'))
    run.world.update('/configmaps', { ...created, data: { key: 'value' } })
    expect(seen).toEqual([])
    expect(run.busy).toBe(true)
    await run.idle()
    expect(seen).toEqual(['a'])
    expect(run.busy).toBe(false)
  })

  it('is idle at once when there is nothing to do, and does not wait for what is due later', async () => {
    const { controller, seen } = recorder(() => 60_000)
    const run = running([controller])
    await run.idle()
    run.world.create('/configmaps', configMap('a'))
    await run.idle()
    expect(seen).toEqual(['a'])
    run.world.advance(59_999)
    expect(seen).toEqual(['a'])
    run.world.advance(1)
    expect(seen).toEqual(['a', 'a'])
  })

  it('tries a conflict again at once, another failure after a growing while', async () => {
    const errors: unknown[] = [conflict({ group: '', resource: 'configmaps' }, 'a', 'changed'), new Error('first'), new Error('second')]
    const { controller, seen } = recorder(() => {
      const error = errors.shift()
      if (error) throw error
      return undefined
    })
    const run = running([controller])
    run.world.create('/configmaps', configMap('a'))
    await run.idle()
    expect(seen).toHaveLength(2)
    expect(run.failures.map(({ error }) => String(error))).toEqual(['Error: first'])
    run.world.advance(10)
    expect(seen).toHaveLength(3)
    run.world.advance(19)
    expect(seen).toHaveLength(3)
    run.world.advance(1)
    expect(seen).toHaveLength(4)
    expect(run.world.waits).toBe(0)
  })

  it('does not stay busy with a conflict that never ends', async () => {
    const { controller, seen } = recorder(() => {
      throw conflict({ group: '', resource: 'configmaps' }, 'a', 'changed')
    })
    const run = running([controller])
    run.world.create('/configmaps', configMap('a'))
    await run.idle()
    expect(seen).toHaveLength(4)
    run.stop()
    expect(run.world.waits).toBe(0)
  })

  it('comes back from a key that names itself again and again', () => {
    const { controller, seen } = recorder((key, world) => {
      const object = world.get('/configmaps', 'shop', key)
      if (object) world.update('/configmaps', { ...object, data: { passes: String(seen.length) } } as typeof object)
      return undefined
    })
    const run = running([controller])
    run.world.create('/configmaps', configMap('a'))
    run.settle()
    expect(seen.length).toBeGreaterThan(100)
    expect(run.busy).toBe(true)
    run.stop()
  })

  it('keeps what a controller misses while it is off', async () => {
    const { controller, seen } = recorder()
    const run = running([controller])
    run.switch('recorder', false)
    expect(run.isOn('recorder')).toBe(false)
    run.world.create('/configmaps', configMap('a'))
    await run.idle()
    expect(seen).toEqual([])
    run.switch('recorder', true)
    await run.idle()
    expect(seen).toEqual(['a'])
    expect(() => run.switch('other', true)).toThrow('there is no controller "other"; there are: recorder')
  })

  it('does nothing more after it was stopped', async () => {
    const { controller, seen } = recorder()
    const run = running([controller])
    run.world.create('/configmaps', configMap('a'))
    run.stop()
    await run.idle()
    run.world.create('/configmaps', configMap('b'))
    await run.idle()
    expect(seen).toEqual([])
  })

  it('lets a write succeed whose keys cannot be told', async () => {
    const run = running([
      {
        name: 'broken',
        watches: ['*'],
        keys() {
          throw new Error('cannot tell')
        },
        reconcile: () => undefined,
      },
    ])
    expect(run.world.create('/configmaps', configMap('a')).metadata.name).toBe('a')
    await run.idle()
    expect(run.failures).toHaveLength(1)
  })
})
