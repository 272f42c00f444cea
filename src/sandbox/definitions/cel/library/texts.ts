/** Functions of texts: RE2's matches, find and findAll, and those of cel-go's strings. (apiserver, cel/library/regex.go; cel-go, ext/strings.go) */
import { quoted } from '../../../status/go-text.ts'
import { compileRe2, type RegularExpression } from '../../validation/re2.ts'
import type { Environment } from '../module.ts'
import { formatText } from './format.ts'

class Strings {}

export function registerTexts(environment: Environment): void {
  const compiled = new Map<string, RegularExpression>()
  const expression = (pattern: string): RegularExpression => {
    let found = compiled.get(pattern)
    if (found === undefined) {
      found = compileRe2(pattern)
      compiled.set(pattern, found)
    }
    return found
  }
  const findAll = (text: string, pattern: string, limit: number): string[] => {
    const matcher = expression(pattern).matcher(text)
    const found: string[] = []
    while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? '')
    return found
  }
  environment
    .registerFunction('string.matchesRe2(string): bool', (text: string, pattern: string) => expression(pattern).test(text))
    .registerFunction('matchesRe2(string, string): bool', (text: string, pattern: string) => expression(pattern).test(text))
    .registerFunction('string.find(string): string', (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '')
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern, -1))
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
      findAll(text, pattern, Number(limit)),
    )
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to))
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.format(list<dyn>): string', (text: string, values: readonly unknown[]) => formatText(text, values))
    .registerType('kubernetes.Strings', Strings)
    .registerFunction('kubernetes.Strings.quote(string): string', (_: Strings, text: string) => quoted(text))
    .registerConstant('strings', 'kubernetes.Strings', new Strings())
}

function charAt(text: string, index: bigint): string {
  const characters = [...text]
  if (index < 0n || index > BigInt(characters.length)) throw new RangeError(`index out of range: ${index}`)
  return characters[Number(index)] ?? ''
}

function replaceSome(text: string, from: string, to: string, limit: bigint): string {
  if (limit < 0n) return text.replaceAll(from, () => to)
  let result = text
  let at = 0
  for (let count = 0n; count < limit; count += 1n) {
    const found = result.indexOf(from, at)
    if (found < 0) break
    result = result.slice(0, found) + to + result.slice(found + from.length)
    at = found + to.length + (from === '' ? 1 : 0)
  }
  return result
}
