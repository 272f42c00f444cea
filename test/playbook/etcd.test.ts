import { describe, expect, it } from 'vitest'
import { compiled, EtcdStage } from './etcd/cluster.ts'

const grown = (spec: object = {}): EtcdStage => {
  const stage = new EtcdStage({ ...spec })
  stage.until()
  return stage
}

describe('the playbook of an etcd cluster', () => {
  it('compiles, and each of its acts is guarded', () => {
    expect(compiled.errors).toEqual([])
    expect(compiled.problems).toEqual([])
  })

  it('begins with one member and adds one at a time, as a learner that is promoted', () => {
    const stage = grown()
    expect(stage.steps()).toEqual(['add', 'promote', 'add', 'promote'])
    expect(stage.scaled).toEqual(['1 × 3.6.8', '2 × 3.6.8', '3 × 3.6.8'])
    expect(stage.states).toEqual(['shop-0 3.6.8', 'shop-1 3.6.8', 'shop-2 3.6.8'])
  })
})
