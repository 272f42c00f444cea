import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { casesOf, groups } from './groups.ts'
import { report, reportPath } from './report.ts'

it('the page about conformance fits the cases', async () => {
  expect(readFileSync(reportPath, 'utf8')).toBe(await report())
})

it('every group has ten cases that were written by hand', async () => {
  const small: string[] = []
  for (const group of groups) {
    const written = (await casesOf(group)).filter(({ script }) => typeof script !== 'object' || Array.isArray(script))
    if (written.length < 10 && group !== 'workshop') small.push(`${group}: ${written.length}`)
  }
  expect(small).toEqual([])
})
