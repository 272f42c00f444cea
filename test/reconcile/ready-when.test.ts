import { describe, expect, it } from 'vitest'
import type { JsonValue, KubernetesObject } from '../../src/api/object.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import { holds, ruleProblem } from '../../src/reconcile/json-logic.ts'
import { gatedReadiness, readyWhenProblems } from '../../src/reconcile/ready-when.ts'

const primary = { apiVersion: 'v1', kind: 'Shop', metadata: { name: 'shop', namespace: 'eu', uid: 'u1' } }

function gated(rule: string, literal = true) {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', annotations: { 'fairlead.dev/ready-when': rule } } }
  const at = { file: 'c.yaml', line: 6, column: 31 }
  const document = { object, position: at, positionOf: () => at, isLiteral: () => literal }
  const { objects } = desiredObjects(primary, [document], { scopeOf: () => 'Namespaced', sha256: String })
  return {
    problems: readyWhenProblems(objects).map(({ message, at: place }) => `${place?.line}:${place?.column}: ${message}`),
    readiness: (observed: object | undefined) => gatedReadiness(objects[0]!, observed as KubernetesObject | undefined, 0),
  }
}

describe('fairlead.dev/ready-when', () => {
  const filled = gated('{"==": [{"var": "data.phase"}, "full"]}')

  it('is asked in addition to what the kind itself asks', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
    expect(filled.problems).toEqual([])
    expect(filled.readiness({ ...object, data: { phase: 'empty' } })).toMatchObject({ state: 'inProgress', reason: 'ReadyWhen' })
    expect(filled.readiness({ ...object, data: { phase: 'full' } }).state).toBe('current')
    const going = { ...object, metadata: { name: 'c', deletionTimestamp: 'x' }, data: { phase: 'full' } }
    expect(filled.readiness(going).state).toBe('terminating')
    expect(filled.readiness(undefined)).toMatchObject({ state: 'inProgress', reason: 'NotFound' })
  })

  it('is told where it does not hold, with the error that its expression ends in, but for a Secret', () => {
    const told = (kind: string) => {
      const object = { apiVersion: 'v1', kind, metadata: { name: 'c', annotations: { 'fairlead.dev/ready-when': 'it.a.b\n  > 1' } } }
      const gate = { judge: () => ({ holds: false, error: 'hunter2 is no number' }) }
      const { message } = gatedReadiness({ body: object, document: { gate } as never }, object)
      return message
    }
    const yet = 'its fairlead.dev/ready-when does not hold yet: it.a.b > 1'
    expect(told('ConfigMap')).toBe(`${yet}, and ends in an error: hunter2 is no number`)
    expect(told('Secret')).toBe(yet)
  })

  it('is refused with its place where it is no rule', () => {
    expect(gated('status.ready').problems).toEqual(['6:31: ConfigMap/c: fairlead.dev/ready-when is not JSON'])
    expect(gated('true').problems).toEqual(['6:31: ConfigMap/c: fairlead.dev/ready-when is not JSON'])
    expect(gated('{"and": ').problems).toEqual(['6:31: ConfigMap/c: fairlead.dev/ready-when is not JSON'])
    expect(gated('{"=": [1, 1]}').problems[0]).toContain('"=" is not an operator')
  })

  it('is refused where a value was inserted: what a custom resource contains is no rule', () => {
    expect(gated('{"==": [1, 1]}', false).problems).toEqual(['6:31: ConfigMap/c: fairlead.dev/ready-when holds an inserted value'])
  })
})

describe('a rule', () => {
  it('has operators that are known, at every depth', () => {
    expect(ruleProblem({ and: [{ '>=': [{ var: 'a' }, 1] }, { missing: ['b'] }] })).toBeUndefined()
    expect(ruleProblem({ and: [{ vra: 'a' }] })).toContain('"vra" is not an operator; did you mean "var"?')
    for (const rule of [{ log: 'x' }, { constructor: [] }, { '__proto__.x': 1 }, { 'var.constructor': 'x' }])
      expect(ruleProblem(rule as unknown as JsonValue)).toContain('is not an operator')
    expect(ruleProblem({ and: [], or: [] })).toContain('one operator')
    let deep: JsonValue = true
    for (let depth = 0; depth < 5_000; depth++) deep = { '!': [deep] }
    expect(ruleProblem(deep)).toContain('levels deep')
  })

  it('reads own properties only', () => {
    const data = JSON.parse('{"a": {"b.c/d": 1}, "list": [{"x": 1}], "__proto__": {"own": 2}}') as object
    const value = (rule: JsonValue, equals: JsonValue) => holds({ '===': [rule, equals] }, data)
    expect(value({ get: ['a', 'b.c/d'] }, 1)).toBe(true)
    expect(value({ var: 'list.0.x' }, 1)).toBe(true)
    expect(value({ var: 'a.constructor' }, null)).toBe(true)
    expect(value({ get: ['a', 'toString'] }, null)).toBe(true)
    expect(value({ var: ['a.absent', 'otherwise'] }, 'otherwise')).toBe(true)
    expect(value({ var: '__proto__.own' }, 2)).toBe(true)
    expect(holds({ missing: ['a'] }, data)).toBe(false)
  })

  it('does not hold where it cannot be evaluated', () => {
    expect(holds({ merge: [{ var: 'a' }] }, { a: { concat: 'x' } })).toBe(true)
    expect(holds({ cat: [{ var: 'a' }] }, { a: { toString: 'x' } })).toBe(false)
  })
})
