#!/usr/bin/env node
/**
 * Starts Fairlead: the sources in the repository, the bundle in the published package.
 *
 * Plain JavaScript that any Node since 14 can read, so that one that is too old gets an answer instead of a syntax error.
 */
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  const command = ['npx -p node@24 node', ...process.argv.slice(1)].join(' ')
  console.error(`fairlead needs Node 22.19 or later, and this is ${process.version}. This brings one along: ${command}`)
  process.exit(1)
}

const sources = new URL('../src/main.ts', import.meta.url)
await import(existsSync(sources) ? sources.href : new URL('../dist/fairlead.js', import.meta.url).href)
