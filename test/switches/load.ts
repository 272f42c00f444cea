/** Preloaded (`node --import`) into a process that is to run with the switch of FAIRLEAD_SWITCH: changes the sources as they are loaded. */
import { registerHooks } from 'node:module'
import { parts } from './parts.ts'
import { changed, editsOf } from './switch.ts'

const name = process.env['FAIRLEAD_SWITCH']
const found = parts.flatMap(({ switches }) => switches).find((each) => each.name === name)
if (!found) throw new Error(`there is no switch "${name}"`)
const root = new URL('../../', import.meta.url).href

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const edits = editsOf(found).filter(({ file }) => url === root + file)
    if (edits.length === 0) return loaded
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array)
    return { ...loaded, source: changed(source, edits) }
  },
})
