#!/usr/bin/env node
/** Entry of the bundle: says what to do on a Node that is too old, before anything is loaded that such a Node cannot read. */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  const again = ['npx -p node@24 node', ...process.argv.slice(1)].join(' ')
  console.error(`fairlead needs Node 22.19 or later, and this is ${process.version}. With npm at hand, this works: ${again}`)
  process.exitCode = 1
} else {
  await import('../src/main.ts')
}
