import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test as base } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'
import { type HeldWatches, heldWatches } from './held-watches.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))

interface Live {
  metadata: { uid: string; finalizers?: string[]; annotations?: Record<string, string> }
  status?: object
}

const boards = (cluster: Cluster) => collection(cluster, 'boards.example.com/v1', 'boards')
const elsewhere = (cluster: Cluster) => `${cluster.namespace}-elsewhere`
const configMaps = (cluster: Cluster) => collection(cluster, 'v1', 'configmaps')

/** A ready Board with its ConfigMap, and an operator that reads its watches through the proxy. */
class Stand {
  readonly cluster: Cluster
  readonly watches: HeldWatches
  readonly operator: OperatorProcess
  readonly board: string
  readonly main: string
  readonly extra: string

  constructor(cluster: Cluster, watches: HeldWatches, operator: OperatorProcess) {
    this.cluster = cluster
    this.watches = watches
    this.operator = operator
    this.board = `${boards(cluster)}/news`
    this.main = `${configMaps(cluster)}/news`
    this.extra = `${configMaps(cluster)}/news-extra`
  }

  async create(spec: object): Promise<void> {
    const body = { apiVersion: 'boards.example.com/v1', kind: 'Board', metadata: { name: 'news' }, spec: { text: 'one', ...spec } }
    await create(this.cluster, boards(this.cluster), body)
  }

  async annotate(what: string, value: string | null): Promise<void> {
    await change(this.cluster, this.main, { metadata: { annotations: { [`boards.example.com/${what}`]: value } } })
  }

  /** Resolves when the operator has ended so many passes after this call, in vain or not: one may have begun before. */
  async untilTried(begin: () => Promise<unknown>, passes = 2): Promise<void> {
    const before = (await scrape(this.operator)).passes()
    await begin()
    await this.cluster.eventually(async () => (await scrape(this.operator)).passes() >= before + passes, {
      describe: 'it has tried',
      interval: 20,
    })
  }
}

const test = base.extend('stand', async ({ cluster, operator }, { onCleanup }) => {
  await installDefinition(cluster, `${project}/charts/board/crds/board.yaml`)
  await create(cluster, '/api/v1/namespaces', { metadata: { name: elsewhere(cluster) } })
  const watches = await heldWatches(cluster)
  onCleanup(async () => {
    await watches[Symbol.asyncDispose]()
    await remove(cluster, `/api/v1/namespaces/${elsewhere(cluster)}`)
  })
  const namespaces = [cluster.namespace, elsewhere(cluster)]
  const process = await operator({ watches: `${project}/watches.yaml`, kubeconfig: watches.kubeconfig, namespaces, losesEvents: true })
  return new Stand(cluster, watches, process)
})

describe('a dependent that somebody deleted and made again, of which the operator was not told', () => {
  test('is not deleted', async ({ cluster, stand }) => {
    await stand.create({ extra: true })
    await untilCondition(cluster, stand.board, { status: 'True' })
    stand.watches.hold('configmaps')
    await remove(cluster, stand.extra)
    const theirs = await create(cluster, configMaps(cluster), { metadata: { name: 'news-extra' }, data: { of: 'somebody' } })

    await stand.untilTried(async () => await change(cluster, stand.board, { spec: { extra: false } }))
    stand.watches.release('configmaps')

    await untilCondition(cluster, stand.board, { status: 'True' })
    await untilQuiet(cluster, stand.operator, stand.board)
    expect((await read<Live>(cluster, stand.extra)).metadata.uid).toBe(theirs.metadata?.uid)
  })

  test('is not written to', async ({ cluster, stand }) => {
    await stand.create({})
    await untilCondition(cluster, stand.board, { status: 'True' })
    stand.watches.hold('configmaps')
    await remove(cluster, stand.main)
    const theirs = await create(cluster, configMaps(cluster), { metadata: { name: 'news' }, data: { of: 'somebody' } })

    await stand.untilTried(async () => await change(cluster, stand.board, { spec: { text: 'two' } }))
    stand.watches.release('configmaps')

    expect((await untilCondition(cluster, stand.board, { status: 'False', message: /not touched/ })).reason).toBe('Conflict')
    expect(await read(cluster, stand.main)).toEqual(theirs)
  })
})

describe('a primary that changed, of which the operator was not told,', () => {
  test('keeps what its new spec asks for', async ({ cluster, stand }) => {
    await stand.create({})
    await untilCondition(cluster, stand.board, { status: 'True' })
    await stand.annotate('extra', 'please')
    await cluster.eventually(async () => await exists(cluster, stand.extra), { describe: 'the second ConfigMap' })
    await untilQuiet(cluster, stand.operator, stand.board)
    const before = await read<Live>(cluster, stand.extra)
    stand.watches.hold('boards')
    await change(cluster, stand.board, { spec: { extra: true } })

    await stand.untilTried(async () => await stand.annotate('extra', null))
    stand.watches.release('boards')

    await untilCondition(cluster, stand.board, { status: 'True' })
    expect((await read<Live>(cluster, stand.extra)).metadata.uid).toBe(before.metadata.uid)
  })

  test('keeps a finalizer that somebody put on it', async ({ cluster, stand }) => {
    await stand.create({ elsewhere: elsewhere(cluster) })
    await untilCondition(cluster, stand.board, { status: 'True' })
    await untilQuiet(cluster, stand.operator, stand.board)
    stand.watches.hold('boards')
    await change(cluster, stand.board, { metadata: { finalizers: ['example.com/theirs'] } })

    await stand.untilTried(async () => await stand.annotate('roam', 'please'))
    expect((await read<Live>(cluster, stand.board)).metadata.finalizers).toEqual(['example.com/theirs'])
    stand.watches.release('boards')

    await cluster.eventually(async () => (await read<Live>(cluster, stand.board)).metadata.finalizers?.length === 2, {
      describe: 'the operator’s finalizer beside theirs',
    })
    expect((await read<Live>(cluster, stand.board)).metadata.finalizers).toEqual(['example.com/theirs', 'fairlead.dev/dependents'])
    await change(cluster, stand.board, { metadata: { finalizers: ['fairlead.dev/dependents'] } })
  })

  test('has no status of a pass that did not know of the change', async ({ cluster, stand }) => {
    await stand.create({})
    await untilCondition(cluster, stand.board, { status: 'True' })
    await untilQuiet(cluster, stand.operator, stand.board)
    const before = await read<Live>(cluster, stand.board)
    stand.watches.hold('boards')
    await change(cluster, stand.board, { spec: { text: 'two' } })

    await stand.untilTried(async () => await stand.annotate('note', 'read me'), 1)
    expect((await read<Live>(cluster, stand.board)).status).toEqual(before.status)
    stand.watches.release('boards')

    await untilCondition(cluster, stand.board, { status: 'True' })
    expect((await read<Live>(cluster, stand.board)).status).toMatchObject({ observedGeneration: 2, note: 'read me' })
  })

  test('has no status of the one before it, where it was made anew', async ({ cluster, stand }) => {
    await stand.create({})
    await untilCondition(cluster, stand.board, { status: 'True' })
    stand.watches.hold('boards')
    await cluster.request('DELETE', stand.board, { body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' } })
    await cluster.eventually(async () => !(await exists(cluster, stand.board)), { describe: 'the Board is gone' })
    await stand.create({ text: 'another' })

    await stand.untilTried(async () => await stand.annotate('note', 'read me'))

    expect((await read<Live>(cluster, stand.board)).status).toBeUndefined()
    stand.watches.release('boards')
    expect((await untilCondition(cluster, stand.board, { status: 'False', message: /not touched/ })).reason).toBe('Conflict')
  })
})

describe('a primary that was deleted, of which the operator was not told,', () => {
  test('gets nothing made again that the garbage collector took', async ({ cluster, stand }) => {
    await stand.create({ extra: true })
    await untilCondition(cluster, stand.board, { status: 'True' })
    await untilQuiet(cluster, stand.operator, stand.board)
    stand.watches.hold('boards')
    const mark = cluster.audit.mark()

    await stand.untilTried(async () => await remove(cluster, stand.board))

    for (const path of [stand.main, stand.extra])
      await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone` })
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(Object.keys(requests).filter((request) => request.startsWith('patch'))).toEqual([])
  })
})

describe('an event that never came', () => {
  test('is found by an audit, which counts it and puts right what follows', async ({ cluster, stand }) => {
    await stand.create({ extra: true })
    await untilCondition(cluster, stand.board, { status: 'True' })
    await untilQuiet(cluster, stand.operator, stand.board)
    stand.watches.hold('configmaps')
    await remove(cluster, stand.extra)
    await stand.untilTried(async () => await change(cluster, stand.board, { metadata: { annotations: { seen: 'yes' } } }), 1)
    stand.watches.lose('configmaps')
    await untilQuiet(cluster, stand.operator, stand.board)
    expect(await exists(cluster, stand.extra)).toBe(false)

    const { repairs } = await stand.operator.audit()

    expect(repairs).toBe(1)
    await cluster.eventually(async () => await exists(cluster, stand.extra), { describe: 'it is made again' })
    expect((await scrape(stand.operator)).sum('fairlead_audit_repairs_total', { kind: 'ConfigMap' })).toBe(1)
  })
})
