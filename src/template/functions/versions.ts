/** Semantic versions. (semver.org 2.0.0; ranges as npm and Helm write them) */
import { type LibraryFunction, Refusal } from './signature.ts'

export interface SemanticVersion {
  major: number
  minor: number
  patch: number
  prerelease: readonly (string | number)[]
}

const versionPattern = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/** Missing parts count as 0: `1.36` is `1.36.0`. */
function parse(text: string): SemanticVersion {
  const match = versionPattern.exec(text.trim())
  if (!match) throw new Refusal('a version is like 1.2.3, v1.2 or 1.2.3-beta.1')
  const [, major, minor = '0', patch = '0', prerelease] = match
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: prerelease === undefined ? [] : prerelease.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  }
}

function compare(first: SemanticVersion, second: SemanticVersion): -1 | 0 | 1 {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (first[part] !== second[part]) return first[part] < second[part] ? -1 : 1
  }
  return comparePrereleases(first.prerelease, second.prerelease)
}

function comparePrereleases(first: SemanticVersion['prerelease'], second: SemanticVersion['prerelease']): -1 | 0 | 1 {
  // A version without a pre-release comes after all of its pre-releases.
  if (first.length === 0 || second.length === 0) return first.length === second.length ? 0 : first.length === 0 ? 1 : -1
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const [one, other] = [first[index], second[index]]
    if (one === other) continue
    if (one === undefined) return -1
    if (other === undefined) return 1
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
    return one < other ? -1 : 1
  }
  return 0
}

type Bound = { operator: '<' | '<=' | '>' | '>=' | '='; version: SemanticVersion }

const release = (major: number, minor = 0, patch = 0): SemanticVersion => ({ major, minor, patch, prerelease: [] })

/** `^1.2`, `~1.2.3`, `1.x`, `>=1 <2`: the bounds that one term stands for. */
function boundsOf(term: string): Bound[] {
  const match = /^(\^|~|>=|<=|>|<|=)?\s*(v?[0-9xX*][0-9A-Za-z.*+-]*)$/.exec(term)
  if (!match) throw new Refusal(`a range is made of terms like ^1.2, ~1.2.3, 1.x, >=1.2 or <2`)
  const [, operator = '', text] = match as unknown as [string, string | undefined, string]
  const numbers = text.replace(/^v/, '').split(/[-+]/, 1)[0]?.split('.') ?? []
  const wildcard = numbers.findIndex((part) => /^[xX*]$/.test(part))
  const parts = wildcard < 0 ? numbers : numbers.slice(0, wildcard)
  if (parts.length === 0) return []
  const version = wildcard < 0 ? parse(text) : parse(parts.join('.'))
  const { major, minor, patch } = version
  switch (operator) {
    case '^': {
      const next =
        major > 0 || parts.length === 1
          ? release(major + 1)
          : minor > 0 || parts.length === 2
            ? release(0, minor + 1)
            : release(0, 0, patch + 1)
      return [
        { operator: '>=', version },
        { operator: '<', version: next },
      ]
    }
    case '~':
      return [
        { operator: '>=', version },
        { operator: '<', version: parts.length === 1 ? release(major + 1) : release(major, minor + 1) },
      ]
    case '':
    case '=':
      if (parts.length === 3) return [{ operator: '=', version }]
      return [
        { operator: '>=', version },
        { operator: '<', version: parts.length === 1 ? release(major + 1) : release(major, minor + 1) },
      ]
    default:
      return [{ operator: operator as Bound['operator'], version }]
  }
}

function meets(version: SemanticVersion, { operator, version: bound }: Bound): boolean {
  const order = compare(version, bound)
  switch (operator) {
    case '<':
      // 2.0.0-beta is not below 2: a range without pre-releases speaks of releases.
      return (
        order < 0 &&
        !(bound.prerelease.length === 0 && version.prerelease.length > 0 && compare({ ...version, prerelease: [] }, bound) === 0)
      )
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '=':
      return order === 0
  }
}

function satisfies(text: string, range: string): boolean {
  const version = parse(text)
  return range.split('||').some((alternative) =>
    alternative
      .trim()
      .replaceAll(/(\^|~|>=|<=|>|<|=)\s+/g, '$1')
      .split(/[\s,]+/)
      .filter((term) => term !== '')
      .flatMap(boundsOf)
      .every((bound) => meets(version, bound)),
  )
}

const version = { name: 'version', type: 'string' } as const

export const versionFunctions: readonly LibraryFunction[] = [
  {
    name: 'semver',
    summary: 'The parts of a semantic version. Parts that are not written are 0.',
    parameters: [version],
    result: 'map with major, minor, patch and prerelease',
    examples: [
      { call: "semver('v1.36.3').minor", gives: 36 },
      { call: "semver('2.0.0-rc.1').prerelease", gives: ['rc', 1] },
      { call: "semver('latest')", refused: 'semver: a version is like 1.2.3, v1.2 or 1.2.3-beta.1' },
    ],
    create: () => parse,
  },
  {
    name: 'semverCompare',
    summary: '-1, 0 or 1: whether the first version comes before the second, is the same, or comes after it.',
    parameters: [
      { name: 'first', type: 'string' },
      { name: 'second', type: 'string' },
    ],
    result: 'number',
    examples: [
      { call: "semverCompare('1.10.0', '1.9.0')", gives: 1 },
      { call: "semverCompare('1.0.0-rc.1', '1.0.0')", gives: -1 },
    ],
    create: () => (first: string, second: string) => compare(parse(first), parse(second)),
  },
  {
    name: 'semverSatisfies',
    summary: 'Whether a version is in a range. Terms beside each other must all hold; `||` separates alternatives.',
    parameters: [version, { name: 'range', type: 'string' }],
    result: 'boolean',
    examples: [
      { call: "semverSatisfies('1.36.3', '>=1.29 <2')", gives: true },
      { call: "semverSatisfies('3.6.8', '^3.5.0 || 4.x')", gives: true },
      { call: "semverSatisfies('2.0.0-beta', '^1.2')", gives: false },
    ],
    create: () => satisfies,
  },
]
