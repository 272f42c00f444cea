/** Schemas with rules, and values that keep and break them. A value with what it was before is a pair. */
import type { SchemaProps, ValidationRule } from '../../../src/sandbox/definitions/json-schema.ts'

export interface RuleCase {
  readonly name: string
  readonly schema: SchemaProps
  readonly values: readonly unknown[]
}

/** An update from `old`. */
const update = (value: unknown, old: unknown): unknown => [value, { __old: old }]
const rule = (text: string, more: Partial<ValidationRule> = {}): ValidationRule => ({ rule: text, ...more })
const object = (properties: Record<string, SchemaProps>, rules: readonly ValidationRule[], more: SchemaProps = {}): SchemaProps => ({
  type: 'object',
  properties,
  'x-kubernetes-validations': rules,
  ...more,
})
const integer: SchemaProps = { type: 'integer' }
const text: SchemaProps = { type: 'string', maxLength: 64 }
const texts: SchemaProps = { type: 'array', maxItems: 8, items: text }
const numbers: SchemaProps = { type: 'array', maxItems: 8, items: integer }

export const ruleCases: readonly RuleCase[] = [
  {
    name: 'comparison',
    schema: object({ min: integer, max: integer, ratio: { type: 'number' } }, [
      rule('self.min <= self.max'),
      rule('!has(self.ratio) || self.ratio >= 0.5', { message: 'too small ' }),
      rule('self.min + 1 < 100 && self.max % 2 == 0', { messageExpression: "self.max > 2 ? 'odd' : 'low'", fieldPath: '.max' }),
    ]),
    values: [
      { min: 1, max: 2 },
      { min: 3, max: 2 },
      { min: 1, max: 3, ratio: 0.25 },
      { min: 1, max: 2, ratio: 1 },
      {},
      { min: 1 },
      { min: 'x', max: 2 },
    ],
  },
  {
    name: 'reasons',
    schema: object(
      {
        a: text,
        b: integer,
        c: {
          ...text,
          'x-kubernetes-validations': [
            rule("self == 'good'", { reason: 'FieldValueDuplicate' }),
            rule("self.startsWith('g')", { reason: 'FieldValueForbidden', message: 'no' }),
          ],
        },
      },
      [
        rule("self.a == 'x'", { reason: 'FieldValueRequired', fieldPath: '.a', message: 'x is needed' }),
        rule('self.b > 2', { reason: 'FieldValueDuplicate', fieldPath: '.b' }),
        rule('self.b > 1', { reason: 'FieldValueInvalid' }),
      ],
      { required: ['a', 'b'] },
    ),
    values: [{ a: 'x', b: 3 }, { a: 'y', b: 0 }, { a: 'x', b: 2, c: 'bad' }, { a: 'x', b: 5, c: 'great' }, { a: 'x' }],
  },
  {
    name: 'texts',
    schema: object({ t: text, u: text }, [
      rule("self.t.matches('^[a-z]+$')"),
      rule("self.t.find('[0-9]+') == ''"),
      rule("self.t.findAll('b').size() < 2"),
      rule("self.t.contains('q') == false && self.t.size() < 6"),
      rule('self.t.lowerAscii() == self.t', { messageExpression: "'not lower: %s'.format([self.t])" }),
      rule("self.t.replace('a', 'b') != 'bb'"),
      rule("self.t.split(',').size() == 1 && self.t.charAt(0) != 'z'"),
      rule('!has(self.u) || self.u.trim().substring(1) == self.t'),
    ]),
    values: [
      { t: 'abc' },
      { t: 'ABC' },
      { t: 'a1' },
      { t: 'bbq' },
      { t: 'aa' },
      { t: 'a,b' },
      { t: 'zoo' },
      { t: '' },
      { t: 'b', u: ' ab ' },
      { t: 'b', u: 'x' },
    ],
  },
  {
    name: 'lists',
    schema: object({ l: texts, n: numbers }, [
      rule("self.l.all(x, x.startsWith('a'))"),
      rule("self.l.exists(x, x == 'ab')"),
      rule("self.l.exists_one(x, x == 'a')"),
      rule("!('z' in self.l)"),
      rule('self.n.isSorted() && self.n.sum() < 10'),
      rule('self.n.min() > 0 && self.n.max() < 5 && self.n.indexOf(3) != 0'),
      rule("self.l.map(x, x + '!')[0] != 'a!!'"),
      rule('self.l.filter(x, x.size() > 2).size() == 0'),
      rule("sets.contains(self.l, ['a']) && sets.intersects(self.l, ['ab'])"),
      rule('self.l[0] == "a"'),
    ]),
    values: [
      { l: ['a', 'ab', 'ac'], n: [1, 2] },
      { l: ['b', 'z'], n: [3, 1] },
      { l: [], n: [] },
      { l: ['a', 'a', 'ab', 'abcd'], n: [5, 6] },
      { n: [1] },
      { l: ['a', 'ab'], n: [2, 2] },
    ],
  },
  {
    name: 'maps',
    schema: object(
      {
        m: { type: 'object', maxProperties: 4, additionalProperties: integer },
        o: { type: 'object', properties: { x: integer, 'a-b': text, namespace: text } },
      },
      [
        rule('self.m.all(k, self.m[k] > 0)'),
        rule("'a' in self.m && self.m['a'] < 5"),
        rule('self.m.size() < 3'),
        rule("!has(self.o) || !has(self.o.a__dash__b) || self.o.a__dash__b == 'x'"),
        rule("!has(self.o) || !has(self.o.__namespace__) || self.o.__namespace__ == 'n'"),
        rule('self.?o.?x.orValue(1) == 1'),
      ],
    ),
    values: [
      { m: { a: 1 } },
      { m: { a: 7, b: -1, c: 2 } },
      { m: { b: 1 } },
      { m: { a: 1 }, o: { x: 2, 'a-b': 'y', namespace: 'm' } },
      { m: { a: 1 }, o: { x: 1, 'a-b': 'x', namespace: 'n' } },
    ],
  },
  {
    name: 'transition',
    schema: object(
      {
        fixed: { ...text, 'x-kubernetes-validations': [rule('self == oldSelf', { message: 'is immutable' })] },
        growing: { ...integer, 'x-kubernetes-validations': [rule('self >= oldSelf', { messageExpression: "'was %d'.format([oldSelf])" })] },
        named: {
          type: 'array',
          maxItems: 5,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: text, size: { ...integer, 'x-kubernetes-validations': [rule('self >= oldSelf')] } },
          },
        },
        once: {
          ...text,
          'x-kubernetes-validations': [
            rule('!oldSelf.hasValue() || oldSelf.value() == self', { optionalOldSelf: true, message: 'set once' }),
          ],
        },
        even: { ...integer, 'x-kubernetes-validations': [rule('self % 2 == 0', { message: 'must be even' })] },
      },
      [rule('!has(oldSelf.fixed) || has(self.fixed)', { message: 'stays' })],
    ),
    values: [
      { fixed: 'a', growing: 1, named: [{ name: 'x', size: 1 }], once: 'q', even: 2 },
      { even: 3 },
      update({ fixed: 'b' }, { fixed: 'a' }),
      update({}, { fixed: 'a' }),
      update({ fixed: 'a', growing: 1 }, { fixed: 'a', growing: 2 }),
      update(
        {
          named: [
            { name: 'y', size: 0 },
            { name: 'x', size: 1 },
          ],
        },
        { named: [{ name: 'x', size: 2 }] },
      ),
      update({ once: 'b' }, { once: 'a' }),
      update({ once: 'b' }, {}),
    ],
  },
  {
    name: 'library',
    schema: object(
      {
        q: text,
        ip: text,
        cidr: text,
        url: text,
        version: text,
        when: { type: 'string', format: 'date-time' },
        wait: { type: 'string', format: 'duration' },
      },
      [
        rule(
          "!has(self.q) || (isQuantity(self.q) && quantity(self.q).isLessThan(quantity('2Gi')) && quantity(self.q).asApproximateFloat() > 0.5)",
        ),
        rule("!has(self.q) || quantity(self.q).add(quantity('1')).compareTo(quantity('11')) != 0"),
        rule('!has(self.ip) || (isIP(self.ip) && ip(self.ip).family() == 4 && !ip(self.ip).isLoopback())'),
        rule('!has(self.ip) || ip.isCanonical(self.ip)'),
        rule("!has(self.cidr) || (isCIDR(self.cidr) && cidr(self.cidr).containsIP('10.0.0.1') && cidr(self.cidr).prefixLength() > 7)"),
        rule("!has(self.url) || (isURL(self.url) && url(self.url).getScheme() == 'https' && url(self.url).getHostname() == 'a.b')"),
        rule("!has(self.version) || (isSemver(self.version) && semver(self.version).isGreaterThan(semver('1.2.3')))"),
        rule("!has(self.when) || self.when < timestamp('2030-01-01T00:00:00Z') && self.when.getFullYear() > 2000"),
        rule("!has(self.wait) || self.wait <= duration('1h')"),
      ],
    ),
    values: [
      { q: '1Gi' },
      { q: '3Gi' },
      { q: 'x' },
      { q: '10' },
      { q: '-1' },
      { ip: '1.2.3.4' },
      { ip: '127.0.0.1' },
      { ip: '::1' },
      { ip: 'x' },
      { ip: '0:0::1' },
      { cidr: '10.0.0.0/8' },
      { cidr: '11.0.0.0/8' },
      { cidr: 'x' },
      { url: 'https://a.b/c' },
      { url: 'http://a.b' },
      { url: 'x' },
      { version: '1.3.0' },
      { version: '1.2.3-rc.1' },
      { version: 'v1' },
      { when: '2024-01-01T00:00:00Z' },
      { when: '2040-01-01T00:00:00Z' },
      { wait: '30m' },
      { wait: '2h' },
    ],
  },
  {
    name: 'failures',
    schema: object(
      {
        l: numbers,
        m: { type: 'object', maxProperties: 3, additionalProperties: text },
        a: integer,
        d: { 'x-kubernetes-int-or-string': true },
      },
      [
        rule('self.l[5] == 1'),
        rule("self.m['x'] == 'y'"),
        rule('10 / self.a > 1'),
        rule('self.a % 0 == 1'),
        rule('self.d > 1'),
        rule("type(self.d) == string ? self.d == 'ok' : self.d < 5"),
      ],
    ),
    values: [{ l: [], m: {}, a: 0, d: 2 }, { l: [1], m: { x: 'y' }, a: 1, d: 'ok' }, { l: [1], m: { x: 'y' }, a: 1, d: 'no' }, { a: 1 }],
  },
  {
    name: 'scalars',
    schema: object(
      {
        s: { ...text, 'x-kubernetes-validations': [rule("self != 'bad'")] },
        i: { ...integer, 'x-kubernetes-validations': [rule('self != 3')] },
        f: { type: 'number', 'x-kubernetes-validations': [rule('self < 1.5')] },
        b: { type: 'boolean', 'x-kubernetes-validations': [rule('self')] },
        l: { ...texts, 'x-kubernetes-validations': [rule('self.size() > 1')] },
        e: { ...text, enum: ['a', 'b'], 'x-kubernetes-validations': [rule("self == 'a'")] },
        n: { ...text, nullable: true, 'x-kubernetes-validations': [rule("self == 'a'")] },
        m: { type: 'object', maxProperties: 3, additionalProperties: { ...integer, 'x-kubernetes-validations': [rule('self > 0')] } },
        items: {
          type: 'array',
          maxItems: 3,
          items: { ...integer, 'x-kubernetes-validations': [rule('self > 0', { message: 'positive' })] },
        },
      },
      [rule('true')],
    ),
    values: [
      { s: 'bad' },
      { i: 3 },
      { f: 2 },
      { f: 2.5 },
      { b: false },
      { l: ['a'] },
      { e: 'b' },
      { e: 'c' },
      { n: null },
      { n: 'b' },
      { m: { k: 0, 'l.m': -1 } },
      { items: [1, 0, -1] },
      {},
    ],
  },
]
