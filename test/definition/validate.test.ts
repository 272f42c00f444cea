import { describe, expect, it } from 'vitest'
import type { StructuralSchema } from '../../src/api/schema/structural.ts'
import { createValidator } from '../../src/definition/validate.ts'

const schema: StructuralSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['image'],
      properties: {
        image: { type: 'string', minLength: 1, maxLength: 20 },
        replicas: { type: 'integer', format: 'int32', minimum: 0 },
        share: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: false },
        target: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        colour: { type: 'string', enum: ['red', 'blue'] },
        maybe: { type: 'string', nullable: true },
        name: { type: 'string', pattern: '^[a-z]+$' },
        strange: { type: 'string', pattern: '(?P<name>a)' },
        when: { type: 'string', format: 'date-time' },
        period: { type: 'string', format: 'duration' },
        ports: { type: 'array', maxItems: 2, items: { type: 'object', required: ['port'], properties: { port: { type: 'integer' } } } },
        object: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        mode: {
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
        },
        rule: { type: 'integer', default: 1, 'x-kubernetes-validations': [{ rule: 'self > 0' }] },
      },
    },
  },
}
const validate = createValidator(schema)
const messages = (spec: object): string[] => validate({ spec: { image: 'web', ...spec } }, () => undefined).map(({ message }) => message)

describe('a custom resource', () => {
  it('passes when it fits', () => {
    expect(
      messages({
        replicas: 0,
        share: 1,
        target: '25%',
        maybe: null,
        name: 'a',
        strange: 'x',
        when: '2026-11-22T10:00:00Z',
        period: '1m',
        ports: [{ port: 1 }],
        object: { apiVersion: 'v1', kind: 'Pod' },
        mode: { a: '1' },
      }),
    ).toEqual([])
    expect(messages({ target: 5 })).toEqual([])
  })
  it.each<[object, string]>([
    [{ image: 5 }, 'spec.image must be a string, not 5'],
    [{ image: undefined }, 'spec.image is missing'],
    [{ image: '' }, 'spec.image must NOT have fewer than 1 characters, not ""'],
    [{ replicas: -1 }, 'spec.replicas must be >= 0, not -1'],
    [{ replicas: 1.5 }, 'spec.replicas must be an integer, not 1.5'],
    [{ replicas: 2 ** 40 }, 'spec.replicas must be a valid int32, not 1099511627776'],
    [{ share: 0 }, 'spec.share must be > 0, not 0'],
    [{ target: {} }, 'spec.target must be an integer or string, not a map'],
    [{ target: null }, 'spec.target must be an integer or string, not null'],
    [{ colour: 'green' }, 'spec.colour must be one of "red", "blue", not "green"'],
    [{ name: 'A' }, 'spec.name must match ^[a-z]+$, not "A"'],
    [{ when: 'today' }, 'spec.when must be a valid date-time, not "today"'],
    [{ ports: [{ port: 1 }, {}] }, 'spec.ports[1].port is missing'],
    [{ ports: [1, 2, 3].map((port) => ({ port })) }, 'spec.ports must NOT have more than 2 items, not a list of 3'],
    [{ object: { kind: 'Pod' } }, 'spec.object.apiVersion is missing'],
    [{ labels: { 'a.b/c': 1 } }, 'spec.labels["a.b/c"] must be a string, not 1'],
  ])('is refused: %j', (spec, message) => {
    expect(messages(spec)).toEqual([message])
  })
  it('is told everything that is wrong', () => {
    expect(messages({ replicas: -1, name: 'A', mode: {} }).length).toBeGreaterThanOrEqual(3)
  })
  it('is told where the value stands', () => {
    const problems = validate({ spec: { image: 'x', ports: [{ port: 'a' }] } }, (path) => ({ file: 'cr.yaml', line: path.length }))
    expect(problems).toEqual([
      { code: 'CR_INVALID', message: 'spec.ports[0].port must be an integer, not "a"', at: { file: 'cr.yaml', line: 4 } },
    ])
  })
  it('shows only the beginning of a long value', () => {
    expect(messages({ image: 'x'.repeat(10_000) })[0]?.length).toBeLessThan(150)
  })
})
