import { describe, expect, it } from 'vitest'
import type { Response } from '../../../src/reconcile/walk.ts'
import { configMap, programOf, Stage } from './stage.ts'

const failing: Response = { kind: 'failed', message: 'answered 500' }

describe('a lane', () => {
  it('goes on behind an act when it is done, once, and acts never again', () => {
    const stage = new Stage(`
steps:
  - apply: ${configMap('first')}
  - id: init
    http: { post: https://db/init }
    onUnknown: fail
  - apply: ${configMap('second')}
`)
    const first = stage.pass()
    expect(first.stop).toEqual({ kind: 'applying' })
    expect(stage.names).toEqual(['ConfigMap/first'])
    const asking = stage.pass()
    expect(asking.stop).toMatchObject({ kind: 'wait', step: 'init' })
    expect(asking.acts).toMatchObject([
      { record: 'steps/init', kind: 'http', attempt: 1, inputs: { method: 'POST', url: 'https://db/init' } },
    ])
    expect(stage.records.acts['steps/init']).toMatchObject({ state: 'started' })
    expect(stage.settle().stop).toBeUndefined()
    expect(stage.names).toEqual(['ConfigMap/first', 'ConfigMap/second'])
    expect(stage.asked).toEqual(['steps/init'])

    const { writes } = stage
    for (let pass = 0; pass < 50; pass++) stage.pass()
    expect(stage.asked).toEqual(['steps/init'])
    expect(stage.writes).toBe(writes)
  })

  it('stopped at any step prunes nothing that lies behind it', () => {
    const steps = ['one', 'two', 'three']
    const stage = new Stage(
      `
steps:
${steps.map((name) => `  - name: ${name}\n    apply: ${configMap(name)}\n  - wait: it.spec.open >= ${steps.indexOf(name)}`).join('\n')}
`,
      { open: 9 },
    )
    stage.settle()
    expect(stage.names).toHaveLength(3)
    for (const open of [2, 1, 0, -1]) {
      stage.change({ open })
      stage.settle()
      expect(stage.names).toEqual(['ConfigMap/one', 'ConfigMap/two', 'ConfigMap/three'])
    }
  })

  it('prunes what a step applied that it reached and found false, and of one that is gone when it comes to its end', () => {
    const playbook = (extra: string) => `
steps:
  - name: always
    apply: ${configMap('always')}
  - name: cache
    when: it.spec.cache
    apply: ${configMap('cache')}
${extra}
  - wait: it.spec.open
`
    const stage = new Stage(playbook(`  - name: old\n    apply: ${configMap('old')}`), { cache: true, open: true })
    stage.settle()
    expect(stage.names).toEqual(['ConfigMap/always', 'ConfigMap/cache', 'ConfigMap/old'])
    stage.change({ cache: false, open: false })
    const without = programOf(playbook(''))
    stage.pass(without)
    expect(stage.names).toEqual(['ConfigMap/always', 'ConfigMap/old'])
    stage.change({ open: true })
    stage.pass(without)
    expect(stage.names).toEqual(['ConfigMap/always'])
  })

  it('keeps what a step with prune: false applied', () => {
    const stage = new Stage(
      `
steps:
  - name: volume
    when: it.spec.restore
    apply: { objects: [${configMap('volume')}], prune: false }
`,
      { restore: true },
    )
    stage.settle()
    stage.change({ restore: false })
    stage.settle()
    expect(stage.names).toEqual(['ConfigMap/volume'])
  })

  it('refuses an object that two of its steps apply, and names both', () => {
    const stage = new Stage(`
steps:
  - name: one
    apply: ${configMap('same')}
  - name: other
    apply: ${configMap('same')}
`)
    expect(stage.pass().stop).toMatchObject({
      kind: 'failed',
      step: 'other',
      problem: { code: 'DOCUMENT_DUPLICATE', message: expect.stringMatching(/by the step "one" \(app\/p.yaml:3:/) as string },
    })
  })
})

describe('an act', () => {
  const scaling = `
steps:
  - id: scale
    when: it.spec.size !== it.memory.size
    http: { post: https://db/scale, body: { size: <%= it.spec.size %> } }
    onUnknown: retry
  - remember: { size: it.spec.size }
`
  it('whose condition becomes false and true again acts each time: 3 → 2 → 3', () => {
    const stage = new Stage(scaling)
    for (const size of [3, 2, 3]) {
      stage.change({ size })
      stage.settle()
    }
    expect(stage.acts.map(({ inputs }) => inputs['body'])).toEqual([{ size: 3 }, { size: 2 }, { size: 3 }])
    expect(stage.records.acts).toEqual({})
  })

  it('with other inputs acts again: version A → B → A', () => {
    const stage = new Stage(`
steps:
  - id: migrate
    http: { post: https://db/migrate, body: <%= it.spec.version %> }
    onUnknown: fail
`)
    for (const version of ['A', 'B', 'A']) {
      stage.change({ version })
      stage.settle()
    }
    expect(stage.acts.map(({ inputs }) => inputs['body'])).toEqual(['A', 'B', 'A'])
  })

  it('has the same idempotency key in each try, also of another process, and another one with other inputs', () => {
    const stage = new Stage(scaling)
    stage.answer = () => undefined
    stage.settle()
    stage.crash()
    stage.now += 60_000
    stage.settle()
    expect(stage.acts).toMatchObject([{ isRepeated: false }, { isRepeated: true }])
    expect(stage.acts[0]?.idempotencyKey).toBe(stage.acts[1]?.idempotencyKey)
    stage.end('steps/scale')
    stage.answer = () => ({ kind: 'answered', value: {} })
    stage.settle()
    for (const size of [2, 3]) {
      stage.now += 1
      stage.change({ size })
      stage.settle()
    }
    expect(new Set(stage.acts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3)
  })

  it('that was done before there were records is recorded as done, and stays so when that is no longer to be seen', () => {
    const stage = new Stage(
      `
steps:
  - id: init
    doneWhen: it.spec.exists
    http: { post: https://db/init }
`,
      { exists: true },
    )
    stage.settle()
    stage.change({ exists: false })
    stage.settle()
    expect(stage.asked).toEqual([])
    expect(stage.records.acts['steps/init']).toMatchObject({ state: 'done' })
  })

  it('is tried again as often as it may, after its delay, until its condition holds', () => {
    const stage = new Stage(`
steps:
  - id: promote
    http: { post: https://db/promote }
    until: it.response.status === 200
    retries: 2
    delay: 5s
    onUnknown: retry
`)
    let status = 503
    stage.answer = () => ({ kind: 'answered', value: { status } })
    expect(stage.settle().stop).toMatchObject({ kind: 'wait', message: expect.stringContaining('try 2 of 3') as string, within: 5_000 })
    expect(stage.asked).toHaveLength(1)
    stage.now += 5_000
    stage.settle()
    expect(stage.asked).toHaveLength(2)
    status = 200
    stage.now += 5_000
    expect(stage.settle().stop).toBeUndefined()
    expect(stage.acts.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(new Set(stage.acts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  })

  it('that has failed stays failed until the spec or the playbook changes', () => {
    const playbook = `
steps:
  - id: migrate
    http: { post: https://db/migrate }
    onUnknown: fail
`
    const stage = new Stage(playbook)
    stage.answer = () => failing
    expect(stage.settle().stop).toMatchObject({
      kind: 'failed',
      step: 'migrate',
      problem: { code: 'STEP_FAILED', message: 'step "migrate" answered 500', at: { line: 3 } },
    })
    expect(stage.asked).toHaveLength(1)
    stage.change({ size: 4 })
    stage.settle()
    expect(stage.asked).toHaveLength(2)
    stage.pass(programOf(`${playbook}  - set: { more: '1' }\n`))
    expect(stage.asked).toHaveLength(3)
  })

  it('that runs while its inputs change ends first, or is cancelled', () => {
    for (const abandon of ['wait', 'cancel']) {
      const stage = new Stage(`
steps:
  - id: migrate
    http: { post: https://db/migrate, body: <%= it.spec.version %> }
    onUnknown: retry
    onAbandon: ${abandon}
`)
      stage.answer = () => undefined
      stage.settle()
      stage.change({ version: 'B' })
      const { stop, cancelled } = stage.pass()
      expect(stop).toMatchObject({ kind: 'wait', message: expect.stringContaining('other inputs') as string })
      expect(cancelled).toEqual(abandon === 'cancel' ? ['steps/migrate'] : [])
      stage.end('steps/migrate')
      stage.pass()
      expect(stage.acts.map(({ inputs }) => inputs['body'])).toEqual(['1.4', 'B'])
    }
  })

  it('of a loop is one for each item; items that go and come back act again', () => {
    const stage = new Stage(
      `
steps:
  - id: greet
    loop: it.spec.users
    http: { post: https://db/<%= it.item %> }
    onUnknown: retry
`,
      { users: ['ann', 'bob'] },
    )
    stage.settle()
    stage.change({ users: ['bob'] })
    stage.settle()
    stage.change({ users: ['ann', 'bob'] })
    stage.settle()
    expect(stage.asked).toEqual(['steps/greet/ann', 'steps/greet/bob', 'steps/greet/ann'])
  })

  it('of 1,000 items costs at most 40 writes of the records, each at most 200 bytes', () => {
    const stage = new Stage(`
steps:
  - id: greet
    loop: range(1000)
    http: { post: https://db/<%= it.item %> }
    onUnknown: retry
`)
    stage.answer = () => ({ kind: 'answered', value: { status: 200, text: 'x'.repeat(1_000) } })
    expect(stage.settle().stop).toBeUndefined()
    expect(stage.asked).toHaveLength(1_000)
    expect(stage.writes).toBeLessThanOrEqual(40)
    const sizes = Object.values(stage.records.acts).map((record) => Buffer.byteLength(JSON.stringify(record)))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200)
  })
})

describe('what is not known', () => {
  const members = `
steps:
  - id: members
    read: { every: 10s }
    http: { get: https://db/members }
  - set:
      count: it.steps.members.json.length
  - name: data
    apply: ${configMap('data')}
  - id: add
    when: it.set.count < it.spec.size
    http: { post: https://db/add, body: <%= it.set.count %> }
    onUnknown: retry
  - name: extra
    when: it.set.count > 1
    apply: ${configMap('extra')}
`
  const of = (json: string[]): Response => ({ kind: 'answered', value: { status: 200, json } })

  it('neither acts, nor closes a record, nor prunes, for as long as it lasts; and the stop says which step and line', () => {
    const stage = new Stage(members, { size: 3 })
    stage.read('steps/members', of(['a', 'b']))
    stage.settle()
    expect(stage.asked).toEqual(['steps/add'])
    stage.read('steps/members', of(['a', 'b', 'c']))
    stage.settle()
    expect(stage.names).toEqual(['ConfigMap/data', 'ConfigMap/extra'])
    expect(stage.records.acts).toEqual({})
    stage.read('steps/members', of(['a', 'b']))
    stage.settle()
    const before = stage.records

    stage.readings['steps/members'] = {
      ...(stage.readings['steps/members'] as { hash: string }),
      at: stage.now,
      response: { kind: 'failed', message: 'answered 503' },
    }
    for (let minute = 0; minute < 60; minute++) {
      stage.now += 60_000
      const { stop, acts } = stage.pass()
      expect(stop).toMatchObject({ kind: 'unknown', message: 'app/p.yaml:3:5: step "members" answered 503' })
      expect(acts).toEqual([])
    }
    expect(stage.records).toEqual(before)
    expect(stage.names).toEqual(['ConfigMap/data', 'ConfigMap/extra'])
  })

  it('stops everything where the records are not known or lost, and says how to go on', () => {
    const stage = new Stage(members, { size: 3 })
    stage.more = { records: { kind: 'lost', reason: 'Secret/shop-records is gone', remedy: 'restore it' } }
    const { stop, acts } = stage.pass()
    expect(stop).toMatchObject({ kind: 'unknown', message: 'Secret/shop-records is gone; restore it' })
    expect(acts).toEqual([])
  })
})

describe('a wait', () => {
  const waiting = `
steps:
  - id: ready
    wait: it.spec.open
    timeout: 10m
  - name: behind
    apply: ${configMap('behind')}
`
  it('with a timeout is recorded once when it begins, fails when the time is over, also after a restart, and is forgotten when it ends', () => {
    const stage = new Stage(waiting, { open: false })
    for (let pass = 0; pass < 10; pass++) stage.pass()
    expect(stage.writes).toBe(1)
    stage.crash()
    stage.now += 9 * 60_000
    expect(stage.pass().stop).toMatchObject({ kind: 'wait', within: 60_000 })
    stage.now += 60_000
    expect(stage.pass().stop).toMatchObject({
      kind: 'failed',
      problem: { message: expect.stringContaining('longer than its timeout') as string },
    })
    stage.change({ open: true })
    expect(stage.settle().stop).toBeUndefined()
    expect(stage.records.waits).toEqual({})
  })
})

describe('a block', () => {
  const update = `
steps:
  - set:
      version: it.failed('update') && it.memory.version || it.spec.version
  - name: app
    apply: { apiVersion: v1, kind: ConfigMap, metadata: { name: "app-<%= it.set.version %>" } }
  - id: update
    when: it.spec.version !== it.memory.version
    block:
      - id: check
        http: { get: "https://app/<%= it.spec.version %>" }
      - remember: { version: it.spec.version }
    rescue:
      - event: { type: Warning, reason: RolledBack, message: "<%= it.spec.version %> is not healthy" }
  - wait: it.failed('update') || it.memory.version === it.spec.version
`
  it('that has failed stays failed for its generation, so that the way back is walked without a write', () => {
    const stage = new Stage(update, { version: 'A' })
    stage.settle()
    expect(stage.names).toEqual(['ConfigMap/app-A'])
    stage.answer = () => failing
    stage.change({ version: 'B' })
    const { stop } = stage.settle()
    expect(stop).toBeUndefined()
    expect(stage.names).toEqual(['ConfigMap/app-A'])
    const { writes } = stage
    const events = Array.from({ length: 50 }, () => stage.pass().events).flat()
    expect(stage.writes).toBe(writes)
    expect(events).toEqual([])

    stage.answer = () => ({ kind: 'answered', value: {} })
    stage.change({ version: 'C' })
    stage.settle()
    expect(stage.names).toEqual(['ConfigMap/app-C'])
    expect(stage.records.blocks).toEqual({})
  })
})

describe('a step that runs a schedule', () => {
  const playbook = `
steps:
  - run: backup
    when: it.spec.wanted
  - wait: it.spec.open
schedules:
  backup:
    cron: 0 3 * * *
    steps:
      - id: save
        http: { post: https://db/save, body: { name: <%= it.run.name %> } }
        onUnknown: retry
`
  const names = (stage: Stage): unknown[] => stage.acts.map(({ inputs }) => (inputs['body'] as { name: string }).name)

  it('makes it a run of the time at which it was first come by, also after a restart', () => {
    const stage = new Stage(playbook, { wanted: true, open: false })
    stage.answer = () => undefined
    stage.settle()
    stage.crash()
    stage.now += 60_000
    stage.settle()
    expect(names(stage)).toEqual(['shop-backup-20261123t100000z', 'shop-backup-20261123t100000z'])
  })

  it('makes another run of it each time that it turns true, also while the lane waits behind it', () => {
    const stage = new Stage(playbook, { wanted: true, open: false })
    stage.settle()
    stage.change({ wanted: false })
    stage.settle()
    expect(stage.records.acts).toEqual({})
    stage.now += 60_000
    stage.change({ wanted: true })
    stage.settle()
    expect(names(stage)).toEqual(['shop-backup-20261123t100000z', 'shop-backup-20261123t100100z'])
  })
})

describe('an act that may be done once more', () => {
  it('is repeated where nobody knows whether it was done, though its step says nothing of that', () => {
    const stage = new Stage(`
steps:
  - id: pause
    patch: { ref: { kind: ConfigMap, name: one }, patch: { data: { paused: "yes" } } }
`)
    stage.answer = () => undefined
    stage.settle()
    stage.crash()
    expect(stage.pass().acts).toMatchObject([{ kind: 'patch', isRepeated: true }])
  })
})
