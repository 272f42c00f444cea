/** The examples of the sandbox's README run as they are written. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const sandbox = new URL('../../src/sandbox/', import.meta.url)
const text = readFileSync(new URL('README.md', sandbox), 'utf8')
const sections = text.split(/^## /m).slice(1)
const examples = sections.flatMap((section) => {
  const title = section.slice(0, section.indexOf('\n'))
  return [...section.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ''], index) => ({ title: `${title}, example ${index + 1}`, code }))
})

describe("the README's examples", () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'fairlead-readme-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are there', () => expect(examples.length).toBeGreaterThan(5))

  it.each(examples)('$title', async ({ code }) => {
    const path = join(folder, 'example.ts')
    const here = code
      .replace("'fairlead/sandbox'", JSON.stringify(new URL('index.ts', sandbox).href))
      .replace("'@kubernetes/client-node'", JSON.stringify(import.meta.resolve('@kubernetes/client-node')))
    writeFileSync(path, here)
    expect(await run(process.execPath, [path], { cwd: folder })).toEqual({ stdout: '', stderr: '' })
  })
})
