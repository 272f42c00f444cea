/** The groups of the suite, and their cases from the files `<group>/*.cases.ts`. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Case } from './case.ts'

export const groups = [
  'discovery',
  'openapi',
  'crud',
  'lists',
  'watches',
  'deletion',
  'patches',
  'apply',
  'validation-workloads',
  'validation-platform',
  'defaults',
  'custom-resources',
  'cel',
  'subresources',
  'tables',
  'authorization',
  'protobuf',
  'bad-input',
  'controllers',
  'events-and-leases',
  'workshop',
  'clients',
] as const

export type Group = (typeof groups)[number]

/** The cases of a group, file by file in the order of their names. Throws if a title is there twice. */
export async function casesOf(group: Group): Promise<Case[]> {
  const folder = new URL(`${group}/`, import.meta.url)
  if (!existsSync(fileURLToPath(folder))) return []
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.cases.ts'))
    .sort()
  const found: Case[] = []
  for (const name of files) {
    const file: { default: Case[] } = await import(new URL(name, folder).href)
    for (const each of file.default) {
      if (found.some(({ title }) => title === each.title)) throw new Error(`${group}/${name}: "${each.title}" is there already`)
      found.push(each)
    }
  }
  return found
}
