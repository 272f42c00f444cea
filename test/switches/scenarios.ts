/** The scenarios that switches name: which there are, and how one is run. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Server } from './switch.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const folderOf = (scenario: string): string => join(root, 'test/scenarios', scenario)

export const scenarioExists = (scenario: string): boolean => existsSync(folderOf(scenario))

/** Whether the sources of the scenario's tests name this one, with anything in the place of what they insert into a title. */
export function testExists(scenario: string, test: string): boolean {
  const files = readdirSync(folderOf(scenario)).filter((file) => file.endsWith('.test.ts'))
  return files.some((file) => {
    const text = readFileSync(join(folderOf(scenario), file), 'utf8')
    const titles = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => titlePattern(match[2] as string))
    const groups = ['', ...titles(/\bdescribe(?:\.\w+\([^]*?\))?\((['`])(.*?)\1/g).map((title) => `${title} `)]
    const names = titles(/\b(?:test|it)(?:\.\w+(?:\([^)]*\))?)*\((['`])(.*?)\1/g)
    // Where the title is a value, it is written somewhere else in the file.
    const isWritten = (title: string) => [`'${title}'`, `\`${title}\``].some((quoted) => text.includes(quoted))
    return groups.some(
      (group) =>
        names.some((name) => new RegExp(`^${group}${name}$`).test(test)) ||
        (group !== '' && isWritten(test.replace(new RegExp(`^${group}`), ''))),
    )
  })
}

const titlePattern = (title: string): string =>
  title
    .split(/\$\{.*?\}|\$\w+|%\w/)
    .map(escaped)
    .join('.*')

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

export interface Ran {
  test: string
  passed: boolean
  /** Where a test failed, in the scenario's own folder: `pruning.cluster.test.ts:39`, and what stands there. */
  at: string | undefined
  code: string | undefined
  /** The first line of the failure. */
  message: string | undefined
}

export interface Run {
  scenarios: readonly string[]
  /** Full names. */
  tests: readonly string[]
  switchName?: string
  /** Default: the sandbox. */
  server?: Server
}

/** Runs these tests; answers those that ran. Rejects if vitest could not. */
export async function runTests({ scenarios, tests, switchName, server = 'sandbox' }: Run): Promise<Ran[]> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-switches-'))
  const report = join(directory, 'report.json')
  const { FAIRLEAD_SWITCH: _switch, ...environment } = process.env
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...['--project', server, '--retry=0', '--reporter=json', `--outputFile=${report}`, '--no-color'],
      // Vitest puts " > " between a group and its test there, and a blank into its report.
      ...['-t', `^(${tests.map((test) => escaped(test).replaceAll(' ', ' (> )?')).join('|')})$`],
      ...scenarios.map((scenario) => `test/scenarios/${scenario}/`),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...(switchName && { FAIRLEAD_SWITCH: switchName }) } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  try {
    if (!existsSync(report)) throw new Error(`vitest wrote no report:\n${output}`)
    return (JSON.parse(readFileSync(report, 'utf8')) as Report).testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.filter(({ status }) => status !== 'skipped').map((result) => ranOf(result, name)),
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

function ranOf({ fullName, status, failureMessages }: Report['testResults'][number]['assertionResults'][number], file: string): Ran {
  const failure = failureMessages[0] ?? ''
  // The outermost line of the test itself: what it calls tells less.
  const line = [...failure.matchAll(new RegExp(`${escaped(file)}:(\\d+)`, 'g'))].at(-1)?.[1]
  return {
    test: fullName,
    passed: status === 'passed',
    at: line && `${basename(file)}:${line}`,
    code: line && readFileSync(file, 'utf8').split('\n')[Number(line) - 1]?.trim(),
    message: failure.split('\n')[0],
  }
}
