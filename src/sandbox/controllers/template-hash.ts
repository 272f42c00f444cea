/**
 * The hash that names what was made of a template: `pod-template-hash`, revisions, names of replica sets.
 *
 * It has the form of the real one, a 32 bit FNV-1a in letters that spell no words, but not its value: upstream hashes the memory layout of a
 * Go structure. (pkg/controller, ComputeHash; apimachinery, util/rand SafeEncodeString)
 */
import { canonicalJson } from '../../api/canonical.ts'

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** @param collisions How often the name that came of it was taken; undefined and 0 differ, as upstream. */
export function templateHash(template: unknown, collisions?: number): string {
  const text = canonicalJson(template) + (collisions === undefined ? '' : `#${collisions}`)
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return Array.from(String(hash >>> 0), (digit) => letters[digit.charCodeAt(0) % letters.length]).join('')
}
