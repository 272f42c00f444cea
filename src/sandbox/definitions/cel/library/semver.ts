/** Semantic versions. (apiserver, cel/library/semverlib.go) */
import type { Environment } from '../module.ts'

const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/

class Semver {
  readonly numbers: readonly bigint[]
  readonly prerelease: readonly string[]

  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    this.numbers = numbers
    this.prerelease = prerelease
  }
}

function parse(text: string): Semver | undefined {
  const parts = pattern.exec(text)
  return parts
    ? new Semver(
        parts.slice(1, 4).map((part) => BigInt(part)),
        parts[4]?.split('.') ?? [],
      )
    : undefined
}

/** `v1.2` → `1.2.0`, without leading zeros. */
function normalized(text: string): string {
  const plain = text.startsWith('v') ? text.slice(1) : text
  const [, core = '', rest = ''] = /^([\d.]*)(.*)$/s.exec(plain) ?? []
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  while (numbers.length < 3) numbers.push('0')
  return numbers.join('.') + rest
}

function read(text: string): Semver {
  const version = parse(text)
  if (version === undefined) throw new TypeError('No Major.Minor.Patch elements found')
  return version
}

function compare(a: Semver, b: Semver): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n
    if (number !== other) return number < other ? -1 : 1
  }
  // A version before a release is less than the release.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return Math.sign(b.prerelease.length - a.prerelease.length)
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    if (other === undefined) return 1
    if (part !== other) return comparePart(part, other)
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

function comparePart(a: string, b: string): number {
  const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (first !== second) return first ? -1 : 1
  return first ? (BigInt(a) < BigInt(b) ? -1 : 1) : a < b ? -1 : 1
}

export function registerSemver(environment: Environment): void {
  const type = 'kubernetes.Semver'
  environment
    .registerType(type, Semver)
    .registerFunction(`semver(string): ${type}`, read)
    .registerFunction(`semver(string, bool): ${type}`, (text: string, normalize: boolean) => read(normalize ? normalized(text) : text))
    .registerFunction('isSemver(string): bool', (text: string) => parse(text) !== undefined)
    .registerFunction(
      'isSemver(string, bool): bool',
      (text: string, normalize: boolean) => parse(normalize ? normalized(text) : text) !== undefined,
    )
    .registerFunction(`${type}.major(): int`, ({ numbers }: Semver) => numbers[0])
    .registerFunction(`${type}.minor(): int`, ({ numbers }: Semver) => numbers[1])
    .registerFunction(`${type}.patch(): int`, ({ numbers }: Semver) => numbers[2])
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: Semver, b: Semver) => compare(a, b) > 0)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: Semver, b: Semver) => compare(a, b) < 0)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: Semver, b: Semver) => BigInt(compare(a, b)))
    .registerOperator(`${type} == ${type}`, (a: Semver, b: Semver) => compare(a, b) === 0)
}
