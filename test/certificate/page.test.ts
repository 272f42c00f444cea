import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { histories } from './histories.ts'
import { page, pageFile } from './report.ts'

const text = readFileSync(pageFile, 'utf8')

/** The tables by their titles: the rows of the histories, and the sum. */
const tables = new Map(
  text
    .split('\n### On ')
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), rowsOf(section)]),
)

function rowsOf(section: string) {
  const rows = [...section.matchAll(/^\| (\S+) \| (.*?) \| (\d+) \| (\d+) \| \**(\d+)\/(\d+)\** \| (\d+) \|$/gm)]
  return rows.map(([, name, title, calls, points, equal, played, unmet]) => ({
    name: name as string,
    title: title as string,
    calls: Number(calls),
    points: Number(points),
    equal: Number(equal),
    played: Number(played),
    unmet: Number(unmet),
  }))
}

describe('docs/reference/crash-certificate.md', () => {
  it('has the text of the command, with the tables of its last run', () => {
    expect(text.replace(/^### On [\s\S]*/m, '')).toBe(page([]).trimEnd().concat('\n\n'))
    expect([...tables.keys()]).toEqual([
      'the sandbox, in simulations',
      'the sandbox, the real binary and SIGKILL',
      'a real control plane',
      'a real control plane, the real binary and SIGKILL',
    ])
  })

  it('tells of every history that there is, and of no other', () => {
    const all = histories()
    for (const [title, rows] of tables) {
      const played = title.startsWith('a real') ? all.filter(({ scope }) => scope === 'namespaces') : all
      const expected = played.map((history) => ({ name: history.name, title: history.title }))
      expect(
        rows.slice(0, -1).map((row) => ({ name: row.name, title: row.title })),
        title,
      ).toEqual(expected)
    }
  })

  it('counts every point on the sandbox, at least 200 on a real control plane, and no run that came to another end', () => {
    for (const rows of tables.values()) {
      const total = rows.at(-1)
      expect(total?.name).toBe('**all**')
      for (const key of ['calls', 'points', 'equal', 'played', 'unmet'] as const)
        expect(rows.slice(0, -1).reduce((sum, row) => sum + row[key], 0)).toBe(total?.[key])
      for (const { name, equal, played } of rows) expect(equal, name).toBe(played)
    }
    for (const { name, points, calls, played } of tables.get('the sandbox, in simulations') ?? [])
      expect([played, points], name).toEqual([points, 3 * calls])
    expect(tables.get('a real control plane')?.at(-1)?.played).toBeGreaterThanOrEqual(200)
  })
})
