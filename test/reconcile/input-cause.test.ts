import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { causedByInputs, seenInputs } from '../../src/reconcile/input-cause.ts'
import type { Answer, Inputs } from '../../src/reconcile/program.ts'

const config = (name: string, data: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'eu' },
  data,
})
const found = (...objects: KubernetesObject[]) => ({ state: 'found', objects }) as const
const wanted = 'v1/ConfigMap eu/wanted'
const labelled = 'v1/ConfigMap eu?app=db'

/** What a program reads, as it was and without any of it. */
const before: Inputs = {
  primary: { apiVersion: 'e.com/v1', kind: 'Shop', metadata: { name: 'shop', namespace: 'eu' }, spec: {}, status: { database: true } },
  resources: [config('own', { database: true })],
  unknown: {},
  lookups: { [wanted]: found(config('wanted', { database: true })), [labelled]: found(config('other', {})) },
  generated: {},
  capabilities: { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: ['databases.example.com/v1'] },
  now: 1,
}
const primary = { ...before.primary, spec: { other: true }, status: {} }
const after: Inputs = {
  ...before,
  primary,
  resources: [],
  lookups: { [wanted]: found(), [labelled]: found() },
  capabilities: { ...before.capabilities, apiVersions: [] },
  now: 2,
}

const objectsOf = ({ lookups }: Inputs, id: string) => {
  const result = lookups?.[id]
  return result?.state === 'found' ? result.objects : []
}
const reads: Record<string, (inputs: Inputs) => boolean> = {
  'a lookup by name': (inputs) => objectsOf(inputs, wanted).length > 0,
  'a lookup by label': (inputs) => objectsOf(inputs, labelled).length > 0,
  'its own dependents': ({ resources }) => resources.length > 0,
  'its status': (inputs) => (inputs.primary['status'] as { database?: boolean }).database === true,
  'what the cluster offers': ({ capabilities }) => capabilities.apiVersions.includes('databases.example.com/v1'),
  'the time': ({ now }) => now < 2,
}

/** Whether the inputs drop the database of a program that renders it while this holds. */
const judged = (holds: (inputs: Inputs) => boolean, inputs: Inputs, seen = seenInputs(before, { readInputs: true })) =>
  causedByInputs({
    inputs,
    seen,
    render: (earlier): Answer => ({ kind: 'rendered', documents: holds(earlier) ? [{} as never] : [], readNow: false }),
    hasAny: ({ documents }) => documents.length > 0,
  })

describe.each(Object.entries(reads))('where %s asked for an object', (_way, holds) => {
  it('and no longer does, an input drops it, though the spec changed too', () => {
    expect(judged(holds, after)).toBe(true)
  })

  it('and the spec no longer cares, the spec drops it, whatever became of the input', () => {
    const inputs = { ...after, primary: { ...primary, spec: { database: false } } }
    const both = (given: Inputs) => (given.primary['spec'] as { database?: boolean }).database !== false && holds(given)
    expect([judged(both, inputs), judged(both, { ...before, primary: { ...inputs.primary, status: { database: true } } })]).toEqual([
      false,
      false,
    ])
  })

  it('the spec drops it where only the new spec reads that at all', () => {
    expect(judged(holds, after, seenInputs(before, { readInputs: false }))).toBe(false)
  })
})

describe('what cannot be rendered with the inputs as they were', () => {
  it('counts as dropped by an input', () => {
    const stopped = (kind: Answer): boolean =>
      causedByInputs({ inputs: after, seen: seenInputs(before, { readInputs: true }), render: () => kind, hasAny: () => false })
    expect([
      stopped({ kind: 'needs', needs: [] }),
      stopped({ kind: 'unknown', reads: [] }),
      stopped({ kind: 'problems', problems: [] }),
    ]).toEqual([true, true, true])
  })

  it('nor can what nobody remembers, as after a restart', () => {
    const render = (): Answer => ({ kind: 'rendered', documents: [], readNow: false })
    expect(causedByInputs({ inputs: after, seen: undefined, render, hasAny: () => false })).toBe(true)
  })
})
