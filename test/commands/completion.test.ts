import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { completionScript } from '../../src/commands/completion.ts'
import { createProgram } from '../../src/commands/program.ts'

const terminal = { environment: {}, out() {}, error() {}, input: () => Promise.resolve(''), now: () => 0, colours: false }
const program = createProgram(terminal as never, () => {})

/** What bash offers behind these words; the last one is being typed. */
function complete(...words: string[]): string[] {
  const script = `${completionScript('bash', program)}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fairlead; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
}

describe('bash completes', () => {
  it('commands', () => expect(complete('fairlead', 'r')).toEqual(['render', 'run']))
  it('flags of the command', () => expect(complete('fairlead', 'run', '--log')).toEqual(['--log-level', '--log-format']))
  it('only flags that the command has', () => expect(complete('fairlead', 'render', '--log')).toEqual([]))
  it('the choices of a flag', () => expect(complete('fairlead', 'run', '--log-format', '')).toEqual(['json', 'pretty']))
  it('the choices of an argument', () => expect(complete('fairlead', 'completion', '')).toEqual(['bash', 'zsh', 'fish']))
  it.each([
    ['an argument', ['render', '']],
    ['an argument that has begun', ['render', 'samp']],
    ['a flag’s value', ['run', '--watches', '']],
  ])('nothing where a file stands as %s, so that bash offers files', (_, words) => expect(complete('fairlead', ...words)).toEqual([]))
})

describe('the script', () => {
  it('is bash’s for zsh, behind what makes zsh understand it', () => {
    expect(completionScript('zsh', program)).toBe(`autoload -U +X bashcompinit && bashcompinit\n${completionScript('bash', program)}`)
  })

  it('has a line for each command and flag for fish', () => {
    const lines = completionScript('fish', program).split('\n')
    expect(lines).toContain(
      `complete -c fairlead -n "__fish_seen_subcommand_from run" -l log-format -x -a "json pretty" -d 'default: pretty on a terminal, else json'`,
    )
    expect(lines).toContain('complete -c fairlead -n "__fish_seen_subcommand_from completion" -f -a zsh')
    expect(lines.filter((line) => line.includes('not __fish_seen_subcommand_from')).map((line) => / -a (\S+)/.exec(line)?.[1])).toEqual(
      program.commands.map((command) => command.name()),
    )
  })
})
