import { describe, expect, it } from 'vitest'
import { guardCall, guardLoops } from '../../src/template/guard.ts'

describe('the guard in an arrow function', () => {
  it.each([
    ['(n) => `${n}`', `(n) => (${guardCall}, \`\${n}\`)`],
    ['(n) => `a-${n}-b`', `(n) => (${guardCall}, \`a-\${n}-b\`)`],
    ['(n) => `text`', `(n) => (${guardCall}, \`text\`)`],
    ['[1].map((n) => n + `-${n}`, 1)', `[1].map((n) => (${guardCall}, n + \`-\${n}\`), 1)`],
    ['(n) => String.raw`${n}`', `(n) => (${guardCall}, String.raw\`\${n}\`)`],
    ['(n) => `${[n].map((m) => `${m}`)}`', `(n) => (${guardCall}, \`\${[n].map((m) => (${guardCall}, \`\${m}\`))}\`)`],
  ])('stands beside a literal, and not in its text: %s', (code, guarded) => {
    expect(guardLoops(code)).toEqual({ code: guarded })
  })
})
