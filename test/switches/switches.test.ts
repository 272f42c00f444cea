import { stripTypeScriptTypes } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parts } from './parts.ts'
import { root, scenarioExists, testExists } from './scenarios.ts'
import { changed, editsOf } from './switch.ts'

const switches = parts.flatMap((part) => part.switches)

describe('the switches', () => {
  it('have names of their own', () => {
    expect(switches.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index)).toEqual([])
    for (const { name } of switches) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it('are there for every part', () => {
    expect(parts.filter((part) => part.switches.length === 0).map(({ title }) => title)).toEqual([])
  })

  it.each(switches.map((each) => [each.name, each] as const))('%s changes what stands in the sources, into code again', (_name, each) => {
    for (const file of new Set(editsOf(each).map((edit) => edit.file))) {
      const edits = editsOf(each).filter((edit) => edit.file === file)
      expect(() => stripTypeScriptTypes(changed(readFileSync(join(root, file), 'utf8'), edits))).not.toThrow()
    }
  })

  it.each(switches.map(({ name, scenario, test }) => [name, scenario, test] as const))('%s names a test of %s', (_name, scenario, test) => {
    expect(testExists(scenario, test), test).toBe(true)
  })

  it('belong to scenarios that are there', () => {
    expect(parts.flatMap(({ scenarios = [] }) => scenarios).filter((folder) => !scenarioExists(folder))).toEqual([])
  })
})
