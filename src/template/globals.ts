/**
 * What a template sees of JavaScript: the parts whose results depend on nothing but their arguments.
 *
 * Every other name of the running environment is shadowed, so that a clock, randomness, the network or the process cannot be reached by
 * their usual names. It keeps renders deterministic; it is no security boundary: templates are trusted code.
 */
const allowed = new Set([
  ...['undefined', 'NaN', 'Infinity', 'JSON', 'Number', 'String', 'Boolean', 'Array', 'Object', 'RegExp', 'Map', 'Set', 'BigInt', 'Symbol'],
  ...['Error', 'TypeError', 'RangeError', 'parseInt', 'parseFloat', 'isNaN', 'isFinite'],
  ...['encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'Uint8Array'],
])

/** Whether a template sees this name of JavaScript; `Math` is its own. */
export const isAllowedName = (name: string): boolean => allowed.has(name) || name === 'Math'

/** What to use in place of some names that are not there. */
const replacements: Record<string, string> = {
  Date: 'use it.now and the date functions',
  process: 'values from the environment come through overrideValues',
  require: 'use include() for templates and it.files for files',
  crypto: 'use digest() for hashes',
  console: 'use fail() to stop with a message',
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** Names that the environment has and a template does not, `Math` among them: a template has its own, without `random`. */
export function shadowedNames(): string[] {
  const names = new Set(['process', 'require', 'module', 'exports', 'global', 'globalThis', 'window', 'self', 'Date', 'Math', 'Function'])
  for (const name of Object.getOwnPropertyNames(globalThis)) if (identifier.test(name) && !allowed.has(name)) names.add(name)
  names.delete('eval')
  return [...names].sort()
}

export const replacementFor = (name: string): string | undefined => (Object.hasOwn(replacements, name) ? replacements[name] : undefined)

/** `Math` without `random`. */
export function deterministicMath(): Readonly<Record<string, unknown>> {
  const math = Object.create(null) as Record<string, unknown>
  for (const name of Object.getOwnPropertyNames(Math)) if (name !== 'random') math[name] = Math[name as keyof Math]
  return Object.freeze(math)
}
