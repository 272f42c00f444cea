/** The section of docs/performance.md that is written by the command. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const begin = '<!-- written by npm run bench:targets -->'
const end = '<!-- end of what is written -->'

/** Puts the text in the place of what the last run wrote. */
export function writeSection(text: string): void {
  const page = readFileSync(file, 'utf8')
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no place for the results: ${begin} … ${end}`)
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`)
}
