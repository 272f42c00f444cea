import { describe, expect } from 'vitest'
import { appPath, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilQuiet } from '../quiet.ts'
import { changeEachField } from './each-field.ts'
import { Report } from './report.ts'
import { autoscaled, openShop, plain } from './shop.ts'

const minutes = 60_000

describe.for([
  ['with a host', plain],
  ['with a host and autoscaling', autoscaled],
] as const)('the dependents of an App %s', ([variant, spec]) => {
  test('come back when they are deleted', { timeout: 2 * minutes }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const report = new Report()
    for (const dependent of (await openShop(cluster, 'shop', spec)).all) {
      const before = await dependent.read()
      await dependent.delete()
      report.healed.push({
        kind: dependent.kind,
        field: '',
        how: 'deleted',
        milliseconds: await dependent.untilHealed(before, performance.now(), 'deleted'),
      })
      expect((await dependent.read()).metadata.uid).not.toBe(before.metadata.uid)
    }
    report.print(`Dependents of an App ${variant}:`)
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('are put right in each field that somebody changes or removes', { timeout: 5 * minutes }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const report = new Report()
    for (const dependent of (await openShop(cluster, 'shop', spec)).all) {
      await changeEachField(dependent, report)
    }
    report.print(`Fields of the dependents of an App ${variant}:`)
    expect(report.healed.length).toBeGreaterThan(100)
    expect(report.refused.filter((each) => !each.endsWith('422 Invalid'))).toEqual([])
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })
})
