#!/usr/bin/env node
/** The `fairlead` command. */
import { text } from 'node:stream/consumers'
import { main } from './commands/program.ts'

const { env, stdin, stdout, stderr } = process

// A reader that goes away (`fairlead render … | head`) is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2), {
  out: (content) => void stdout.write(content),
  error: (content) => void stderr.write(content),
  input: () => text(stdin),
  environment: env,
  colours: stderr.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  interactive: stdout.isTTY,
  now: () => Date.now(),
})
