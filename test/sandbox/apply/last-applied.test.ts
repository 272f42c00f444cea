import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { lastAppliedAnnotation } from '../../../src/sandbox/apply/last-applied.ts'
import { History } from './history.ts'

/** An object as `kubectl apply` leaves it. */
function clientSide(rest: JsonObject): History {
  const made = new History()
  const text = `${JSON.stringify(made.body(rest))}\n`
  return made.update('kubectl-client-side-apply', rest, { metadata: { annotations: { [lastAppliedAnnotation]: text } } })
}

const annotation = (made: History) => made.live?.metadata.annotations?.[lastAppliedAnnotation]

describe('the first server-side apply of kubectl', () => {
  it('needs no force for what is still as it was applied', () => {
    const made = clientSide({ spec: { text: 'x', replicas: 1 } }).apply('kubectl', { spec: { text: 'y', replicas: 1 } })
    expect(made.spec).toEqual({ text: 'y', replicas: 1 })
  })

  it('is in conflict about what somebody changed since, and names only that', () => {
    const made = clientSide({ spec: { text: 'x', replicas: 1 } })
    made.update('u', { spec: { text: 'x', replicas: 2 } }, { metadata: { annotations: made.live?.metadata.annotations as never } })
    expect(made.refused('kubectl', { spec: { text: 'y', replicas: 3 } }).message).toBe(
      'Apply failed with 1 conflict: conflict with "u" using demo.io/v1: .spec.replicas',
    )
  })

  it('keeps the annotation up', () => {
    const made = clientSide({ spec: { text: 'x' } }).apply('kubectl', { spec: { text: '<y>' } })
    expect(annotation(made)).toBe('{"apiVersion":"demo.io/v1","kind":"Thing","metadata":{"name":"it"},"spec":{"text":"\\u003cy\\u003e"}}\n')
  })

  it('leaves the annotation itself out of it', () => {
    const made = clientSide({ spec: { text: 'x' } })
    made.apply(
      'kubectl',
      { spec: { text: 'y' } },
      { metadata: { annotations: { [lastAppliedAnnotation]: 'old', other: '1' } }, force: true },
    )
    expect(annotation(made)).toContain('"annotations":{"other":"1"}')
  })

  it('drops the annotation when the annotations become too large', () => {
    const made = clientSide({ spec: { text: 'x' } }).apply('kubectl', { spec: { text: 'y'.repeat(256 * 1024) } })
    expect(annotation(made)).toBeUndefined()
  })
})

describe('others', () => {
  it('are in conflict, and do not touch the annotation', () => {
    const made = clientSide({ spec: { text: 'x' } })
    expect(made.refused('a', { spec: { text: 'y' } }).code).toBe(409)
    const before = annotation(made)
    expect(annotation(made.apply('a', { spec: { text: 'y' } }, { force: true }))).toBe(before)
  })
})

describe('an annotation that cannot be used', () => {
  it.each(['', 'no JSON', '[]', '{"apiVersion":"other/v1","kind":"Thing"}', '{"apiVersion":"demo.io/v1","kind":"Thing","spec":{"foo":1}}'])(
    'allows no conflict: %s',
    (text) => {
      const made = new History().update('u', { spec: { text: 'x' } }, { metadata: { annotations: { [lastAppliedAnnotation]: text } } })
      expect(made.refused('kubectl', { spec: { text: 'y' } }).code).toBe(409)
    },
  )
})
