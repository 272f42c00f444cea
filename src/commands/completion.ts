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
  const flags = program.commands.map((command) => `    ${command.name()}) words="${flagsOf(command).join(' ')}" ;;`)
  const values = [
    ...takingArguments(program).map((command) => ({ after: command.name(), choices: choicesOf(command) })),
    ...optionsWithValue(program).map(({ long, argChoices = [] }) => ({ after: long, choices: argChoices })),
  ].map(({ after, choices }) => `    ${after}) words="${choices.join(' ')}" ;;`)
  return `_fairlead() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "\${COMP_WORDS[1]}" in
${flags.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${[...program.commands.map((command) => command.name()), ...flagsOf(program)].join(' ')}"; fi
  if [[ "$current" != -* ]]; then case "$previous" in
${values.join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fairlead fairlead
`
}

function fish(program: Command): string {
  const names = program.commands.map((command) => command.name()).join(' ')
  const lines = program.commands.flatMap((command) => [
    `complete -c fairlead -n "not __fish_seen_subcommand_from ${names}" -f -a ${command.name()} -d ${quoted(command.description())}`,
    ...choicesOf(command).map((choice) => `complete -c fairlead -n "__fish_seen_subcommand_from ${command.name()}" -f -a ${choice}`),
    ...command.options.map((option) => {
      const value = option.argChoices ? ` -x -a "${option.argChoices.join(' ')}"` : option.required ? ' -r' : ''
      return `complete -c fairlead -n "__fish_seen_subcommand_from ${command.name()}" -l ${option.long?.slice(2)}${value} -d ${quoted(option.description)}`
    }),
  ])
  return `${lines.join('\n')}\n`
}

const flagsOf = (command: Command): string[] => [...command.options.flatMap(({ long }) => long ?? []), '--help']

const optionsWithValue = (program: Command): Option[] => [
  ...new Map(
    program.commands.flatMap(({ options }) => options.filter(({ required }) => required).map((option) => [option.long, option])),
  ).values(),
]

const takingArguments = (program: Command): Command[] =>
  program.commands.filter(({ registeredArguments }) => registeredArguments.length > 0)

const choicesOf = (command: Command): string[] => command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`
