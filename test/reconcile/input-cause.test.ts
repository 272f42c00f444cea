import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { causedByInputs, type SeenInputs, seenInputs } from '../../src/reconcile/input-cause.ts'
import type { Answer, Inputs } from '../../src/reconcile/program.ts'
import { type ReadVersions, readVersions } from '../../src/reconcile/read-versions.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const config = (name: string, data: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'eu', uid: name, resourceVersion: JSON.stringify(data) },
  data,
})
const found = (...objects: KubernetesObject[]) => ({ state: 'found', objects }) as const
const lookup = { kind: { group: '', version: 'v1', kind: 'ConfigMap' }, namespace: 'eu', name: 'wanted' }
const wanted = 'v1/ConfigMap eu/wanted'
const metadata = { name: 'shop', namespace: 'eu', labels: { database: 'yes' }, annotations: { database: 'yes' } }

/** What a program reads, as it was and without any of it. */
const before: Inputs = {
  primary: { apiVersion: 'e.com/v1', kind: 'Shop', metadata, spec: {}, status: { database: true } },
  resources: [config('own', { database: true })],
  unknown: {},
  lookups: { [wanted]: found(config('wanted', { database: true })) },
  generated: {},
  capabilities: { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: ['databases.example.com/v1'] },
  now: 60_000,
}
const after: Inputs = {
  ...before,
  primary: { ...before.primary, metadata: { name: 'shop', namespace: 'eu' }, spec: { other: true }, status: {} },
  resources: [],
  lookups: { [wanted]: found() },
  capabilities: { ...before.capabilities, apiVersions: [] },
  now: 120_000,
}

const objectsOf = ({ lookups }: Inputs, id: string) => {
  const result = lookups?.[id]
  return result?.state === 'found' ? result.objects : []
}

interface Way {
  name: string
  /** Whether the program renders a database, unless the spec says that there is none. */
  holds: (inputs: Inputs) => boolean
  /** How it reads that. */
  reads: { lookups: [typeof lookup] } | { readNow: true } | 'value'
}

const ways: readonly Way[] = [
  { name: 'a lookup', holds: (inputs) => objectsOf(inputs, wanted).length > 0, reads: { lookups: [lookup] } },
  { name: 'its own dependents', holds: ({ resources }) => resources.length > 0, reads: 'value' },
  { name: 'its status', holds: ({ primary }) => (primary['status'] as { database?: boolean }).database === true, reads: 'value' },
  { name: 'its labels', holds: ({ primary }) => primary.metadata.labels?.['database'] === 'yes', reads: 'value' },
  { name: 'its annotations', holds: ({ primary }) => primary.metadata.annotations?.['database'] === 'yes', reads: 'value' },
  { name: 'what the cluster offers', holds: ({ capabilities }) => capabilities.apiVersions.length > 0, reads: 'value' },
  { name: 'the time', holds: ({ now }) => now < 120_000, reads: { readNow: true } },
]

const answerOf = ({ name, holds, reads }: Way, inputs: Inputs): Extract<Answer, { kind: 'rendered' }> => ({
  kind: 'rendered',
  documents: (inputs.primary['spec'] as { database?: boolean }).database !== false && holds(inputs) ? [{} as never] : [],
  readNow: false,
  readInputs: true,
  ...(reads === 'value' ? { values: new Map([[name, holds(inputs)]]) } : reads),
})
interface Known {
  seen?: SeenInputs | undefined
  recorded?: ReadVersions | undefined
}

/** Whether the inputs drop the database. */
const judged = (way: Way, inputs: Inputs, { seen, recorded }: Known) =>
  causedByInputs({
    inputs,
    seen,
    recorded,
    render: (earlier) => answerOf(way, earlier),
    hasAny: ({ documents }) => documents.length > 0,
    sha256,
  })

const withSpec = (inputs: Inputs, spec: object): Inputs => ({ ...inputs, primary: { ...inputs.primary, spec } })

describe.each(ways)('where $name asked for an object', (way) => {
  const seen = seenInputs(before, answerOf(way, before))
  const recorded = readVersions(answerOf(way, before), before, sha256)

  it('and no longer does, an input drops it, though the spec changed too', () => {
    expect([judged(way, after, { seen }), judged(way, after, { recorded })]).toEqual([true, true])
  })

  it('and the spec wants it no longer, the spec drops it, whatever became of the input', () => {
    expect(judged(way, withSpec(after, { database: false }), { seen })).toBe(false)
  })

  it('and the spec wants it no longer, the spec drops it after a restart too, where the input is the same, or can be had as it was', () => {
    const later = { ...before, now: 180_000 }
    expect(judged(way, withSpec(later, { database: false }), { recorded })).toBe(false)
    expect(judged(way, withSpec(after, { database: false }), { recorded })).toBe(way.name !== 'the time')
  })
})

describe('what only the new spec reads', () => {
  const none = seenInputs(before, { readInputs: false })

  it.each(ways.filter(({ name }) => !['its labels', 'its annotations'].includes(name)))('is the doing of the spec: $name', (way) => {
    expect(judged(way, after, { seen: none })).toBe(false)
  })

  it.each(ways.filter(({ name }) => ['its labels', 'its annotations'].includes(name)))(
    'is an input all the same where one request changes both: $name',
    (way) => {
      expect(judged(way, after, { seen: none })).toBe(true)
    },
  )

  it('is not known after a restart, but for lookups', () => {
    const recorded = { lookups: {}, values: {} }
    expect(ways.map((way) => [way.name, judged(way, after, { recorded })])).toEqual(ways.map(({ name }) => [name, name !== 'a lookup']))
  })
})

describe('what cannot be rendered with the inputs as they were', () => {
  it('counts as dropped by an input', () => {
    const seen = seenInputs(before, { readInputs: true })
    const stopped = (kind: Answer): boolean =>
      causedByInputs({ inputs: after, seen, recorded: undefined, render: () => kind, hasAny: () => false, sha256 })
    expect([
      stopped({ kind: 'needs', needs: [] }),
      stopped({ kind: 'unknown', reads: [] }),
      stopped({ kind: 'problems', problems: [] }),
    ]).toEqual([true, true, true])
  })

  it('nor can what neither the process nor the status tells', () => {
    const render = (): Answer => ({ kind: 'rendered', documents: [], readNow: false })
    expect(causedByInputs({ inputs: after, seen: undefined, recorded: undefined, render, hasAny: () => false, sha256 })).toBe(true)
  })

  it('nor what is more than a status has room for', () => {
    const many = new Map(Array.from({ length: 101 }, (_, index) => [`${index}`, index]))
    expect(readVersions({ kind: 'rendered', documents: [], readNow: false, values: many }, before, sha256)).toBeUndefined()
  })
})
