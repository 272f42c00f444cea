import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { headOf } from './usage.ts'

describe('--help of a program below test/', () => {
  it.each(['switches', 'certificate', 'histories', 'generated', 'conformance', 'controlplane'])(
    'tells what %s takes, and runs nothing',
    (folder) => {
      const program = new URL(`${folder}/main.ts`, import.meta.url)
      const source = readFileSync(program, 'utf8')
      const usage = execFileSync(process.execPath, [program.pathname, '--help'], { encoding: 'utf8' }).trim()
      expect(usage).toBe(headOf(source))
      // Whatever the program takes is told.
      const options = [...source.matchAll(/^ {2,4}'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/gm)].map((match) => match[1] as string)
      expect(options.filter((option) => option !== 'help' && !usage.includes(`--${option}`) && !usage.includes(`--no-${option}`))).toEqual(
        [],
      )
    },
  )
})
