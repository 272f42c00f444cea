/** What a process that a scenario starts needs in its environment to run with the switch of this run; nothing where there is none. */
export function switchEnvironment(): Record<string, string> {
  const name = process.env['FAIRLEAD_SWITCH']
  return name === undefined ? {} : { FAIRLEAD_SWITCH: name, NODE_OPTIONS: `--import=${new URL('load.ts', import.meta.url).href}` }
}
