#!/usr/bin/env node
/**
 * Starts Fairlead: the sources in the repository, the bundle in the published package.
 *
 * Plain JavaScript that any Node since 14 can read, so that one that is too old gets an answer instead of a syntax error.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const inRepository = existsSync(new URL('src/main.ts', root))
const [major, minor] = process.versions.node.split('.').map(Number)

if (inRepository && !existsSync(new URL('node_modules', root))) {
  console.error(`fairlead's dependencies are not installed. This installs them, and the Node that it runs on: npm ci --prefix ${fileURLToPath(root)}`)
  process.exit(1)
}
if (major < 22 || (major === 22 && minor < 19)) {
  const command = ['npx -p node@24 node', ...process.argv.slice(1)].join(' ')
  console.error(`fairlead needs Node 22.19 or later, and this is ${process.version}. This brings one along: ${command}`)
  process.exit(1)
}

await import(new URL(inRepository ? 'src/main.ts' : 'dist/fairlead.js', root).href)
