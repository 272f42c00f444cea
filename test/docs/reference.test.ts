import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { referencePages, schemaFiles } from '../../scripts/reference.ts'

describe('docs/reference', () => {
  it.each(Object.entries(referencePages()))('%s is what the sources say (node scripts/reference.ts writes it)', (name, text) => {
    expect(readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8')).toBe(text)
  })
})

describe('schema', () => {
  it.each(Object.entries(schemaFiles()))('%s is what the sources say (node scripts/reference.ts writes it)', (name, text) => {
    expect(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8')).toBe(text)
  })
})
