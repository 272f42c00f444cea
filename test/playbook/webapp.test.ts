import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import { PlaybookProgram } from '../../src/playbook/program.ts'
import type { Inputs } from '../../src/reconcile/program.ts'
import type { ActRequest, Response, Walk } from '../../src/reconcile/walk.ts'
import { compileFiles, filesOf, sha256 } from './sample.ts'
import { Stage } from './walking/stage.ts'

const watchesFile = join(import.meta.dirname, '../../examples/webapp/watches.yaml')
const { definition, problems } = loadDefinition({ watchesFile, environment: {}, sha256 })
const example = definition?.watches[0]?.program as PlaybookProgram

/** The example with another text in the place of one that stands in it. */
function changed(text: string, other: string): PlaybookProgram {
  const files = filesOf(join(watchesFile, '../playbooks'))
  const { playbook, scopeOf, errors } = compileFiles(new Map([...files].map(([name, content]) => [name, content.replace(text, other)])), {
    file: 'webapp.yaml',
  })
  if (!playbook || !scopeOf) throw new Error(errors.join('\n'))
  return new PlaybookProgram({ playbook, scopeOf, sha256 })
}

const spec = {
  image: 'shop',
  version: '1',
  replicas: 2,
  port: 8080,
  healthPath: '/',
  rolloutTimeout: '10m',
  migration: { command: ['./migrate'], timeout: '30m' },
  database: { image: 'postgres:17', storage: { size: '1Gi' } },
}
const backup = { schedule: '30 2 * * *', timeZone: 'Europe/Berlin', keep: 7, size: '1Gi', onDelete: true }
const hour = 3_600_000
const minute = 60_000

/** The example, with controllers that make ready what is applied at once, but for the versions that never get ready. */
class Shop extends Stage {
  readonly broken = new Set<string>()

  constructor(more: JsonObject = {}, program = example) {
    super(program, { ...spec, ...more })
  }

  override get inputs(): Inputs {
    const inputs = super.inputs
    return {
      ...inputs,
      resources: [...this.bodies.values()].map((body) => ({
        ...body,
        metadata: { ...body.metadata, namespace: 'eu', uid: body.metadata.name },
        status: this.#statusOf(body),
      })),
      generated: { database: { sort: 'password', options: '{}', parts: { value: btoa('secret') } } },
    }
  }

  #statusOf({ kind, spec: of }: KubernetesObject): JsonObject {
    const { replicas = 1 } = (of ?? {}) as { replicas?: number }
    const isBroken = kind === 'Deployment' && this.broken.has(this.version ?? '')
    const updated = isBroken ? 1 : replicas
    return {
      replicas: isBroken ? replicas + 1 : replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      updatedReplicas: updated,
      currentReplicas: replicas,
      conditions: [{ type: 'Available', status: 'True' }],
    }
  }

  /** The version that the pods are to run. */
  get version(): string | undefined {
    const deployment = this.bodies.get('Deployment/shop')?.['spec'] as { template: { spec: { containers: [{ image: string }] } } }
    return deployment?.template.spec.containers[0].image.split(':')[1]
  }

  /** The images of the migrations that were asked for. */
  get migrations(): unknown[] {
    return this.acts.filter(({ record }) => record === 'steps/migrate').map(({ inputs }) => inputs['image'])
  }

  /** The times of the runs of the schedule that were begun. */
  get backups(): unknown[] {
    return this.acts.filter(({ step }) => step === 'dump').map(({ record }) => record.split(/[@/]/)[1])
  }

  get schedule(): JsonObject {
    return ((this.pass().status['schedules'] ?? {}) as JsonObject)['backup'] as JsonObject
  }

  /** What ends at once, by step; the others run until the test ends them. */
  ends(answers: Readonly<Record<string, Response>>): void {
    this.answer = ({ step }: ActRequest) => answers[step]
  }

  at(time: string): Walk {
    this.now = Date.parse(time)
    return this.settle()
  }

  quiet(): void {
    const { writes, acts } = this
    const asked = acts.length
    for (let pass = 0; pass < 50; pass++) {
      this.now += minute
      this.pass()
    }
    expect([this.writes, this.acts.length]).toEqual([writes, asked])
  }
}

const fine: Response = { kind: 'answered', value: { exitCode: 0 } }

describe('a web application', () => {
  it('has a playbook in which nothing is wrong', () => expect(problems).toEqual([]))

  it('migrates each version once, before any pod of it', () => {
    const shop = new Shop()
    shop.answer = () => undefined
    for (const version of ['1', '2']) {
      const before = shop.version
      shop.change({ version })
      expect(shop.settle().stop).toMatchObject({ kind: 'wait', step: 'migrate' })
      expect(shop.version).toBe(before)
      shop.end('steps/migrate', fine)
      expect(shop.settle().stop).toBeUndefined()
      expect(shop.version).toBe(version)
      shop.quiet()
    }
    expect(shop.migrations).toEqual(['shop:1', 'shop:2'])
    expect(shop.pass().status).toMatchObject({ version: '2' })
    expect(shop.records.acts).toEqual({})
  })

  it('whose migration fails goes on running the old version, heals it, and says which step and line', () => {
    const shop = new Shop()
    shop.settle()
    shop.ends({ migrate: { kind: 'failed', message: 'Job eu/shop-migrate failed: its container ended with exit code 3' } })
    shop.change({ version: '2' })
    const { stop } = shop.settle()
    expect(stop).toMatchObject({
      kind: 'failed',
      step: 'migrate',
      problem: {
        message: 'step "migrate" Job eu/shop-migrate failed: its container ended with exit code 3',
        at: { file: expect.stringMatching(/webapp\.yaml$/) as string, line: expect.any(Number) as number },
      },
    })
    shop.bodies.delete('Deployment/shop')
    shop.settle()
    expect(shop.version).toBe('1')
    shop.quiet()

    shop.ends({ migrate: fine })
    shop.change({ replicas: 3 })
    expect(shop.settle().stop).toBeUndefined()
    expect(shop.version).toBe('2')
    expect(shop.migrations).toEqual(['shop:1', 'shop:2', 'shop:2'])
  })

  it('goes back to the old version where the new one does not become ready, until the spec changes', () => {
    const shop = new Shop()
    shop.settle()
    shop.broken.add('2')
    shop.change({ version: '2' })
    expect(shop.settle().stop).toMatchObject({ kind: 'wait', within: 10 * minute })
    expect(shop.version).toBe('2')
    shop.now += 9 * minute
    shop.settle()
    expect(shop.version).toBe('2')
    shop.now += minute
    const told: string[] = []
    const passes = Array.from({ length: 10 }, () => shop.pass())
    for (const { events } of passes) told.push(...events.map(({ reason, message }) => `${reason} ${message}`))
    expect(told).toEqual(['RolledBack version 2 did not become ready in 10m, back on 1'])
    expect(shop.version).toBe('1')
    expect(passes.at(-1)?.stop).toMatchObject({
      kind: 'failed',
      problem: { message: 'version 2 did not become ready in 10m, version 1 runs' },
    })
    expect(shop.settle().status).toMatchObject({ version: '1' })
    shop.quiet()

    shop.change({ version: '1' })
    expect(shop.settle().stop).toBeUndefined()
    shop.broken.clear()
    shop.change({ version: '2' })
    expect(shop.settle().stop).toBeUndefined()
    expect(shop.version).toBe('2')
    expect(shop.migrations).toEqual(['shop:1', 'shop:2'])
  })

  it('whose operator is stopped in the middle of a migration finds it again, and writes nothing', () => {
    const shop = new Shop()
    shop.answer = () => undefined
    shop.settle()
    const { writes } = shop
    for (let stops = 0; stops < 3; stops++) {
      shop.crash()
      shop.now += hour
      shop.settle()
    }
    expect(shop.writes).toBe(writes)
    expect(shop.acts).toHaveLength(4)
    expect(new Set(shop.acts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    shop.end('steps/migrate', fine)
    expect(shop.settle().stop).toBeUndefined()
  })

  it('whose first version becomes ready late is as it is to be then', () => {
    const shop = new Shop()
    shop.broken.add('1')
    shop.settle()
    shop.now += hour
    shop.settle()
    expect(shop.version).toBe('1')
    shop.broken.clear()
    expect(shop.settle().stop).toBeUndefined()
  })
})

describe('the guide to it', () => {
  const read = (file: string): string => readFileSync(join(watchesFile, '../../..', file), 'utf8')
  const shown = [...read('docs/guides/web-application.md').matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text)

  it('shows the playbook as it is', () => {
    expect(shown).toHaveLength(5)
    for (const text of shown) expect(read('examples/webapp/playbooks/webapp.yaml')).toContain(text)
  })
})

describe('its backups', () => {
  const running = (program?: PlaybookProgram): Shop => {
    const shop = new Shop({ backup }, program)
    shop.at('2026-11-22T12:00:00Z')
    return shop
  }

  it('are made at their time, by the clock of their time zone, and the old ones go', () => {
    const shop = running()
    expect(shop.schedule).toEqual({ next: '2026-11-23T01:30:00Z' })
    shop.at('2026-11-23T01:29:59Z')
    expect(shop.backups).toEqual([])
    shop.at('2026-11-23T01:30:00Z')
    shop.at('2026-11-24T01:30:20Z')
    expect(shop.backups).toEqual(['2026-11-23T01:30:00Z', '2026-11-24T01:30:00Z'])
    const [dump, thin] = shop.acts.slice(-2)
    expect(dump).toMatchObject({
      step: 'dump',
      inputs: {
        env: { NAME: 'shop-backup-20261124t013000z', PGPASSWORD: { secretRef: { name: 'shop-generated', key: 'database' } } },
        volumes: { '/backups': { claim: 'shop-backups' } },
      },
    })
    expect(thin).toMatchObject({ step: 'thin', inputs: { env: { FIRST: '8' } } })
    expect(shop.settle().status).toMatchObject({ lastBackup: '2026-11-24T01:30:00Z' })
    expect(shop.settle().conditions).toContainEqual(expect.objectContaining({ type: 'BackedUp', status: 'True' }))
    expect(shop.records.acts).toEqual({})
    shop.quiet()
  })

  it('that were missed are made up for with the newest of the last six hours', () => {
    const shop = running()
    shop.at('2026-11-25T07:29:00Z')
    expect(shop.backups).toEqual(['2026-11-25T01:30:00Z'])
    shop.at('2026-11-27T07:31:00Z')
    expect(shop.backups).toHaveLength(1)
    expect(shop.schedule).toMatchObject({ last: { due: '2026-11-25T01:30:00Z', outcome: 'done' }, next: '2026-11-28T01:30:00Z' })
  })

  it('that fail are told, and the last that succeeded stays the last', () => {
    const shop = running()
    shop.at('2026-11-23T01:30:00Z')
    shop.ends({ dump: { kind: 'failed', message: 'failed: disk full' } })
    shop.at('2026-11-24T01:30:00Z')
    const { status, conditions, stop } = shop.settle()
    expect(stop).toBeUndefined()
    expect(status).toMatchObject({ lastBackup: '2026-11-23T01:30:00Z', schedules: { backup: { last: { outcome: 'failed' } } } })
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'BackedUp', status: 'False', message: 'the backup that was due at 2026-11-24T01:30:00Z' }),
    )
  })

  it('go on while a roll-out waits', () => {
    const shop = running()
    shop.broken.add('2')
    shop.at('2026-11-23T01:29:00Z')
    shop.change({ version: '2' })
    expect(shop.settle().stop).toMatchObject({ kind: 'wait' })
    shop.at('2026-11-23T01:30:00Z')
    expect(shop.backups).toEqual(['2026-11-23T01:30:00Z'])
    expect(shop.schedule).toMatchObject({ last: { outcome: 'done' } })
  })

  it.each<[string, string[]]>([
    ['skip', ['2026-11-23T01:30:00Z', '2026-11-25T01:30:00Z']],
    ['queue', ['2026-11-23T01:30:00Z', '2026-11-24T01:30:00Z', '2026-11-25T01:30:00Z']],
    ['replace', ['2026-11-23T01:30:00Z', '2026-11-24T01:30:00Z', '2026-11-25T01:30:00Z']],
  ])('that are due while one runs go by overlap: %s', (overlap, expected) => {
    const shop = running(overlap === 'skip' ? undefined : changed('overlap: skip', `overlap: ${overlap}`))
    shop.answer = () => undefined
    shop.at('2026-11-23T01:30:00Z')
    const first = 'backup@2026-11-23T01:30:00Z'
    const second = 'backup@2026-11-24T01:30:00Z'
    shop.at('2026-11-24T01:30:00Z')
    expect(shop.running).toEqual(overlap === 'replace' ? [`${first}/dump`, `${second}/dump`] : [`${first}/dump`])
    expect(shop.cancelled).toEqual(overlap === 'replace' ? [`${first}/dump`] : [])
    for (const record of [`${first}/dump`, `${first}/thin`, `${second}/dump`, `${second}/thin`])
      if (shop.running.includes(record)) {
        shop.end(record, fine)
        shop.settle()
      }
    expect(shop.running).toEqual([])
    expect(shop.records.acts).toEqual({})
    expect(shop.records.schedules['backup']).toMatchObject({ last: { outcome: 'done' } })
    expect(shop.records.schedules['backup']).not.toHaveProperty('current')
    shop.at('2026-11-25T01:30:00Z')
    expect(shop.backups).toEqual(expected)
  })
})

describe('a web application that is deleted', () => {
  const removed = (shop: Shop): Walk => {
    const lane = { next: example.remove.bind(example) }
    for (let passes = 0; passes < 10; passes++) shop.pass(lane)
    return shop.pass(lane)
  }

  it('first makes a last backup, where it is asked for, while its database is there', () => {
    const shop = new Shop({ backup })
    shop.settle()
    shop.answer = () => undefined
    expect(removed(shop).stop).toMatchObject({ kind: 'wait', step: 'dump' })
    expect(shop.names).toContain('StatefulSet/shop-db')
    expect(shop.acts.at(-1)).toMatchObject({ step: 'dump', inputs: { env: { NAME: 'shop-backup-20261123t100000z' } } })
    shop.end('delete/backup/dump', fine)
    removed(shop)
    shop.end('delete/backup/thin', fine)
    expect(removed(shop).stop).toBeUndefined()
    expect(shop.asked.filter((record) => record.startsWith('delete/'))).toEqual(['delete/backup/dump', 'delete/backup/thin'])
  })

  it.each<[string, JsonObject]>([
    ['none is asked for', { backup: { ...backup, onDelete: false } }],
    ['it has no backups', {}],
  ])('goes at once where %s', (_title, more) => {
    const shop = new Shop(more)
    shop.settle()
    expect(removed(shop).stop).toBeUndefined()
    expect(shop.backups).toEqual([])
  })
})
