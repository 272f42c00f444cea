/** `fairlead completion`: a script that completes commands, flags and their choices in a shell, made from the command line itself. */
import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The script for a shell. Where nothing is known, file names are completed. */
export function completionScript(shell: Shell, program: Command): string {
  switch (shell) {
    case 'bash':
      return bash(program)
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(program)}`
    case 'fish':
      return fish(program)
  }
}

function bash(program: Command): string {
  const commands = program.commands.map((command) => `    ${command.name()}) words="${flagsOf(command).join(' ')}" ;;`)
  const choices = withChoices(program).map((option) => `    ${option.long}) words="${option.argChoices?.join(' ')}" ;;`)
  return `_fairlead() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "\${COMP_WORDS[1]}" in
${commands.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${[...program.commands.map((command) => command.name()), ...flagsOf(program)].join(' ')}"; fi
  case "$previous" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fairlead fairlead
`
}

function fish(program: Command): string {
  const names = program.commands.map((command) => command.name()).join(' ')
  const lines = program.commands.flatMap((command) => [
    `complete -c fairlead -n "not __fish_seen_subcommand_from ${names}" -f -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.options.map((option) => {
      const value = option.argChoices ? ` -x -a "${option.argChoices.join(' ')}"` : option.required ? ' -r' : ''
      return `complete -c fairlead -n "__fish_seen_subcommand_from ${command.name()}" -l ${option.long?.slice(2)}${value} -d ${quoted(option.description)}`
    }),
  ])
  return `${lines.join('\n')}\n`
}

const flagsOf = (command: Command): string[] => [...command.options.flatMap(({ long }) => long ?? []), '--help']

const withChoices = (program: Command): Option[] =>
  [...new Map(program.commands.flatMap(({ options }) => options).map((option) => [option.long, option])).values()].filter(
    ({ argChoices }) => argChoices,
  )

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`
