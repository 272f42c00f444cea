import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, scenarioExists, testExists } from '../switches/scenarios.ts'

const page = readFileSync(join(root, 'docs/reference/operator-scenarios.md'), 'utf8')
const rows = [...page.matchAll(/^\| ([HA]\d+) \| [^|]+ \| \[([\w-]+)\][^|]* \| ([^|]+) \|/gm)].map(
  ([, letter = '', scenario = '', test = '']) => ({ letter, scenario, test }),
)

describe('docs/reference/operator-scenarios.md', () => {
  it.each(rows.map((row) => [row.letter, row] as const))('names for %s a test that is there, in a folder that says so', (letter, row) => {
    const { scenario, test } = row
    expect(scenarioExists(scenario) && testExists(scenario, test), `${scenario}: ${test}`).toBe(true)
    const readme = readFileSync(join(root, 'test/scenarios', scenario, 'README.md'), 'utf8')
    expect(readme).toMatch(new RegExp(`\\b${letter}\\b`))
  })

  it('tells of each scenario once', () => {
    const letters = rows.map(({ letter }) => letter)
    expect(letters).toEqual([...new Set(letters)])
    expect(letters.length).toBeGreaterThan(30)
  })
})
