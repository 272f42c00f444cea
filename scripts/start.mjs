/** `npm start`: installs what is missing, then shows the default operator at work (scripts/demo.ts). */
import { join } from 'node:path'
import { continueOn, ensureInstalled, root } from './install.mjs'

ensureInstalled()
continueOn(join(root, 'scripts', 'demo.ts'), process.argv.slice(2))
