/** docs/reference/mechanisms.md: each part of the promises, what shows it, and what failed when it was turned off. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parts } from './parts.ts'
import { type Ran, root } from './scenarios.ts'
import type { Part } from './switch.ts'

const file = join(root, 'docs/reference/mechanisms.md')

const introduction = `<!-- Made by npm run switches. -->
# Mechanisms, and what shows that they work

Each promise of the operator is kept by a few small mechanisms, and a scenario under \`test/scenarios/\` shows it. A scenario that passes could
still be blind. So each mechanism has a switch, a change of a line or two of the sources that turns it off, and with the switch on the scenario
has to fail. The last column is where it did, and how.

\`npm run switches\` runs them all, on the sandbox where it has what they need, and writes this page; \`npm run switches -- NAME…\` runs some. The switches themselves are in
\`test/switches/parts/\`.
`

/** The page with these failures; a switch that was not run now keeps what was written of it before. */
export function writePage(failures: ReadonlyMap<string, Ran>): void {
  const before = existsSync(file) ? failuresIn(readFileSync(file, 'utf8')) : new Map<string, string>()
  writeFileSync(file, [introduction, ...parts.map((part) => section(part, failures, before))].join('\n'))
}

function section(part: Part, failures: ReadonlyMap<string, Ran>, before: ReadonlyMap<string, string>): string {
  const folders = [...new Set([...(part.scenarios ?? []), ...part.switches.map(({ scenario }) => scenario)])].sort()
  const rows = part.switches.map(({ name, off, scenario, test }) => {
    const ran = failures.get(name)
    return row([`\`${name}\``, off, `${scenario}: ${test}`, ran ? failureOf(ran) : (before.get(name) ?? 'not run yet')])
  })
  return [
    `## ${part.title}`,
    '',
    `Scenarios: ${folders.map((folder) => `[${folder}](../../test/scenarios/${folder})`).join(', ')}`,
    '',
    row(['switch', 'while it is on', 'the scenario and its test', 'fails with']),
    row(['---', '---', '---', '---']),
    ...rows,
    '',
  ].join('\n')
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const longest = 160

function failureOf({ at, message = '' }: Ran): string {
  // Names and times that differ in each run would make each run another page.
  const text = message
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replaceAll(/\btest-[0-9a-f]{8}\b/g, 'NAMESPACE')
    .replaceAll(/; the last look gave .*/g, '')
    .replaceAll('|', '\\|')
  return `${at ? `${at}: ` : ''}${text.length > longest ? `${text.slice(0, longest)}…` : text}`
}

/** By switch, what the page says of it. */
function failuresIn(page: string): Map<string, string> {
  return new Map(
    [...page.matchAll(/^\| `([a-z0-9-]+)` \|.* \| (.*) \|$/gm)].map(([, name, failure]) => [name as string, failure as string]),
  )
}
