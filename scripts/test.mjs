/** `npm test`: installs what is missing, then runs every test that needs nothing but Node. Arguments go to vitest. */
import { join } from 'node:path'
import { continueOn, ensureInstalled, root } from './install.mjs'

ensureInstalled()
continueOn(join(root, 'node_modules', 'vitest', 'vitest.mjs'), [
  'run',
  '--project',
  'node',
  '--project',
  'sandbox',
  ...process.argv.slice(2),
])
