import { describe, expect, it } from 'vitest'
import type { ActRequest, Walk } from '../../src/reconcile/walk.ts'
import { compiled, EtcdStage } from './etcd/cluster.ts'

const backup = { schedule: '0 3 * * *', claim: 'backups', keep: 7, onDelete: false }

function grown(spec: object = {}): EtcdStage {
  const stage = new EtcdStage({ ...spec })
  stage.until()
  return stage
}

/** Passes until the pods are these. */
const untilPods = (stage: EtcdStage, pods: readonly string[]): Walk => stage.until(() => stage.states.join() === pods.join())

const pods = (version: string, ...ordinals: number[]): string[] => ordinals.map((ordinal) => `shop-${ordinal} ${version}`)

const conditionOf = ({ conditions }: Walk, type: string): string | undefined => conditions.find((each) => each.type === type)?.status

describe('the playbook of an etcd cluster', () => {
  it('compiles, and each of its acts is guarded', () => {
    expect(compiled.errors).toEqual([])
    expect(compiled.problems).toEqual([])
  })

  it('begins with one member and adds one at a time, as a learner that is promoted', () => {
    const stage = grown()
    expect(stage.steps()).toEqual(['add', 'promote', 'add', 'promote'])
    expect(stage.scaled).toEqual(['1 × 3.6.8', '2 × 3.6.8', '3 × 3.6.8'])
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
  })

  it('writes nothing, and asks for nothing, once it is there', () => {
    const stage = grown()
    stage.after(1)
    const { writes } = stage
    const walk = stage.after(30)
    expect(stage.writes).toBe(writes)
    expect(stage.steps().length).toBe(4)
    expect(walk).toMatchObject({ stop: undefined, status: { members: 3, version: '3.6.8' } })
    expect(conditionOf(walk, 'Available')).toBe('True')
    expect(walk.metrics).toMatchObject([{ name: 'etcd_cluster_members', value: 3 }])
  })

  it('grows to five and shrinks to three, the last member first, and its volume goes with it', () => {
    const stage = grown()
    const before = stage.acts.length
    stage.change({ size: 5 })
    stage.until()
    expect(stage.steps(before)).toEqual(['add', 'promote', 'add', 'promote'])
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2, 3, 4))
    const grownBy = stage.acts.length
    stage.change({ size: 3 })
    stage.until()
    expect(stage.steps(grownBy)).toEqual(['remove', 'discard', 'remove', 'discard'])
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
    expect([...stage.volumes.keys()]).toEqual(['data-shop-0', 'data-shop-1', 'data-shop-2'])
    expect(stage.scaled.slice(2)).toEqual(['3 × 3.6.8', '4 × 3.6.8', '5 × 3.6.8', '4 × 3.6.8', '3 × 3.6.8'])
  })

  it('acts each time when it shrinks, grows and shrinks again', () => {
    const stage = grown()
    for (const [size, acts] of [
      [2, ['remove', 'discard']],
      [3, ['add', 'promote']],
      [2, ['remove', 'discard']],
    ] as const) {
      const before = stage.acts.length
      stage.change({ size })
      stage.until()
      expect(stage.steps(before)).toEqual(acts)
    }
  })
})

describe.each([0, 1, 2])('member %i, lost', (ordinal) => {
  it('is replaced after a while, by one with an empty volume and the same name', () => {
    const stage = grown()
    const [before, volume] = [stage.acts.length, stage.volumes.get(`data-shop-${ordinal}`)?.metadata.uid]
    const id = stage.list.find(({ name }) => name === `shop-${ordinal}`)?.ID
    stage.dead.add(`shop-${ordinal}`)
    stage.after(9)
    expect(stage.steps(before)).toEqual([])
    stage.until(() => stage.list.every(({ ID }) => ID !== id))
    stage.until(() => stage.volumes.get(`data-shop-${ordinal}`)?.metadata.uid !== volume)
    stage.dead.clear()
    stage.until()
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
    expect(stage.steps(before).toSorted()).toEqual(['add', 'discard', 'promote', 'remove'])
  })

  it('is kept as long as the others are no quorum', () => {
    const stage = grown()
    const before = stage.acts.length
    for (const each of [0, 1, 2]) if (each !== ordinal) stage.dead.add(`shop-${each}`)
    const walk = stage.after(60)
    expect(stage.steps(before)).toEqual([])
    expect(walk.stop).toMatchObject({ kind: 'unknown', step: 'discard' })
    expect(conditionOf(walk, 'Available')).toBe('Unknown')
  })
})

describe('a members API that answers 503 for an hour', () => {
  it('lets nothing be deleted, no record be closed, and says which step and line waits for it', () => {
    const stage = grown({ size: 5 })
    stage.change({ size: 3 })
    stage.until(() => stage.acts.at(-1)?.step === 'remove')
    const [before, volumes] = [stage.acts.length, stage.volumes.size]
    stage.outage = { kind: 'failed', message: 'answered 503', value: { status: 503 } }
    stage.round()
    const { records } = stage
    const walk = stage.after(60)
    expect(stage.steps(before)).toEqual([])
    expect(stage.volumes.size).toBe(volumes)
    expect(stage.records.acts).toEqual(records.acts)
    expect(walk.stop).toMatchObject({ kind: 'unknown', step: 'discard', at: { file: 'app/etcd.yaml', line: expect.any(Number) as number } })
    expect(walk.stop).toMatchObject({ message: expect.stringMatching(/etcd\.yaml:\d+:\d+: step "members" answered 503/) as string })
    delete stage.outage
    stage.until()
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
  })
})

describe('another version', () => {
  it('goes through the members one at a time', () => {
    const stage = grown({ version: '3.5.21' })
    const before = stage.acts.length
    stage.change({ version: '3.6.8' })
    let least = 3
    const walk = stage.until(({ stop }) => {
      least = Math.min(least, stage.states.filter((state) => !state.endsWith('not ready')).length)
      return stop === undefined
    })
    expect(least).toBe(2)
    expect(stage.steps(before)).toEqual(['roll', 'roll', 'roll'])
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
    expect(walk.status).toMatchObject({ version: '3.6.8' })
  })

  it('acts each time for A, B and A again', () => {
    const stage = grown()
    for (const version of ['3.6.9', '3.6.8']) {
      const before = stage.acts.length
      stage.change({ version })
      stage.until()
      expect(stage.steps(before)).toEqual(['roll', 'roll', 'roll'])
    }
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
  })

  it.each([1, 3])('that does not become healthy is taken back, with %i members: it stays so until the spec changes', (size) => {
    const stage = grown({ size, version: '3.5.21' })
    const ordinals = [0, 1, 2].slice(0, size)
    stage.broken = ['3.6.8']
    stage.change({ version: '3.6.8' })
    stage.until(() => stage.states.some((state) => state === 'shop-0 3.6.8 not ready'))
    stage.after(9)
    expect(stage.events).toEqual([])
    stage.after(3)
    expect(stage.events).toEqual(['RolledBack'])
    untilPods(stage, pods('3.5.21', ...ordinals))
    const [acts, { writes }] = [stage.acts.length, stage]
    const walk = stage.after(60)
    expect([stage.acts.length, stage.writes]).toEqual([acts, writes])
    expect(stage.events).toEqual(['RolledBack'])
    expect(walk.status).toMatchObject({ version: '3.5.21' })

    stage.broken = []
    stage.generation++
    untilPods(stage, pods('3.6.8', ...ordinals))
    expect(stage.until().status).toMatchObject({ version: '3.6.8' })
  })

  it.each(['3.7.0', '3.4.30'])('that cannot be reached (%s) is refused, while the members stay as they are', (version) => {
    const stage = grown({ version: '3.5.21' })
    const before = stage.acts.length
    stage.change({ version })
    const walk = stage.after(30)
    expect(walk.stop).toMatchObject({
      kind: 'failed',
      problem: { message: expect.stringMatching(/cannot be reached: .* never down, and the members have agreed on 3\.5\.0/) as string },
    })
    expect(stage.steps(before)).toEqual([])
    expect(stage.states).toEqual(pods('3.5.21', 0, 1, 2))
    expect(stage.events).toEqual([])
  })

  it('has no way back once the members have agreed on it', () => {
    const stage = grown({ version: '3.5.21' })
    stage.change({ version: '3.6.8' })
    stage.until(() => stage.agreed === '3.6.0')
    // The first goes again before the new version is known to be well.
    stage.dead.add('shop-0')
    stage.after(15)
    stage.change({ version: '3.5.21' })
    const walk = stage.after(1)
    expect(stage.states.map((state) => state.split(' ')[1])).toEqual(['3.6.8', '3.6.8', '3.6.8'])
    expect(walk.status).toMatchObject({ version: '3.6.8' })
    expect(JSON.stringify(walk.stop)).toContain('cannot be reached')
  })

  it('does not keep a lost member from being replaced', () => {
    const stage = grown()
    stage.dead.add('shop-1')
    stage.after(5)
    stage.change({ version: '3.6.9' })
    stage.after(40)
    stage.dead.clear()
    stage.after(60)
    expect(stage.states.every((state) => !state.endsWith('not ready'))).toBe(true)
    expect(stage.list).toHaveLength(3)
  })
})

describe('backups', () => {
  const jobsOf = (stage: EtcdStage): string[] => stage.acts.filter(({ kind }) => kind === 'job').map(({ step }) => step)
  const commandOf = ({ inputs }: ActRequest): string => (inputs as { command: string[] }).command.join(' ')

  it('are made by schedule under names of their own, and as many are kept as the spec says', () => {
    const stage = grown({ backup })
    stage.now = Date.parse('2026-11-24T02:59:30Z')
    stage.after(5)
    expect(jobsOf(stage)).toEqual(['save', 'thin'])
    const [save, thin] = stage.acts.slice(-2)
    expect(commandOf(save as ActRequest)).toBe('etcdctl snapshot save /backup/shop-backup-20261124t030000z.db')
    expect(commandOf(thin as ActRequest)).toContain('tail -n +8 |')
    expect(stage.pass().status).toMatchObject({ lastBackup: expect.stringMatching(/^2026-11-24T03:0/) as string })
    stage.now = Date.parse('2026-11-25T02:59:30Z')
    stage.after(5)
    expect(jobsOf(stage)).toEqual(['save', 'thin', 'save', 'thin'])
  })

  it('that fail thin nothing out, and are told', () => {
    const stage = grown({ backup })
    stage.job = () => ({ kind: 'failed', message: 'exit code 1' })
    stage.now = Date.parse('2026-11-24T02:59:30Z')
    const walk = stage.after(5)
    expect(jobsOf(stage)).toEqual(['save'])
    expect(walk.status).toMatchObject({ schedules: { backup: { last: { outcome: 'failed' } } } })
  })

  it('go on while the cluster waits for a member', () => {
    const stage = grown({ backup })
    stage.dead.add('shop-1')
    stage.now = Date.parse('2026-11-24T02:59:30Z')
    stage.after(2)
    expect(jobsOf(stage)).toEqual(['save', 'thin'])
  })

  it.each([true, false])('a last one is made on deletion where the spec asks for it: %s', (onDelete) => {
    const stage = grown({ backup: { ...backup, onDelete } })
    stage.isDeleted = true
    const held: ActRequest[] = []
    stage.job = (act) => {
      held.push(act)
      return undefined
    }
    const walk = stage.after(1)
    if (!onDelete) {
      expect(walk.stop).toBeUndefined()
      expect(held).toEqual([])
      return
    }
    expect(walk.stop).toMatchObject({ kind: 'wait' })
    expect(held.map(commandOf)).toEqual([expect.stringMatching(/^etcdctl snapshot save \/backup\/shop-backup-\d{8}t\d{6}z\.db$/)])
    stage.end(held[0]?.record ?? '')
    stage.after(1)
    stage.end(held[1]?.record ?? '')
    expect(stage.after(1).stop).toBeUndefined()
    expect(held.map(({ step }) => step)).toEqual(['save', 'thin'])
  })
})

describe('a cluster that is restored', () => {
  const restoreFrom = { claim: 'backups', file: 'shop-backup-20261124t030000z.db' }

  it('begins with a volume that is filled from the backup, once, and grows from there', () => {
    const stage = new EtcdStage({ restoreFrom })
    const jobs: ActRequest[] = []
    stage.job = (act) => {
      jobs.push(act)
      return undefined
    }
    stage.after(1)
    expect(jobs.map(({ step }) => step)).toEqual(['restore'])
    expect(stage.names).toContain('PersistentVolumeClaim/data-shop-0')
    expect(stage.statefulSet).toBeUndefined()
    stage.end('steps/restore')
    stage.until()
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
    expect(jobs).toHaveLength(1)
    expect(stage.names).toContain('PersistentVolumeClaim/data-shop-0')
  })

  it('does not begin where the backup cannot be read', () => {
    const stage = new EtcdStage({ restoreFrom })
    stage.job = () => ({ kind: 'failed', message: 'no such file' })
    expect(stage.after(1).stop).toMatchObject({ kind: 'failed', step: 'restore' })
    expect(stage.statefulSet).toBeUndefined()
  })

  it.each([{}, { restoreFrom }])('and one that is created again over its volumes goes on with them, with %j in its spec', (spec) => {
    const stage = grown(spec)
    const [volumes, before] = [[...stage.volumes.values()].map(({ metadata }) => metadata.uid), stage.acts.length]
    stage.pods.clear()
    stage.crash()
    stage.records = { memory: {}, acts: {}, waits: {}, blocks: {}, schedules: {} }
    delete stage.statefulSet
    stage.objects.clear()
    stage.until()
    expect(stage.steps(before)).toEqual([])
    expect(stage.states).toEqual(pods('3.6.8', 0, 1, 2))
    expect([...stage.volumes.values()].map(({ metadata }) => metadata.uid)).toEqual(volumes)
  })
})
