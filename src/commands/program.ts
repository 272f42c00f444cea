/**
 * The command line: every command with its flags and its help.
 *
 * A command's code is loaded when it runs, so that `--help` and `render` never wait for what only `run` needs.
 */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { completionScript, type Shell, shells } from './completion.ts'
import {
  clusterOptions,
  kubeconfigOption,
  operatorNamespaceOption,
  type RunFlags,
  runOptions,
  runOptionsOf,
  watchesOption,
} from './run-flags.ts'
import type { OrphansOptions } from './orphans.ts'
import type { ApproveOptions } from './approve.ts'
import type { StatusOptions, StatusTarget } from './status.ts'
import type { RenderOptions } from './render.ts'
import type { Terminal } from './terminal.ts'

/** Exit code for a command line that cannot be understood. */
const usageError = 2

/** Runs one command line (without `node` and the script) and resolves to the exit code. */
export async function main(commandLine: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0
  const program = createProgram(terminal, (result) => void (code = result))
  try {
    if (commandLine.length === 0) program.help()
    await program.parseAsync(commandLine, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : usageError
  }
}

/** All commands. `done` is told the exit code of the one that ran. */
export function createProgram(terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('fairlead')
    .description(
      'Kubernetes operators from YAML: watches.yaml binds kinds of custom resources to charts of templates and playbooks of steps.',
    )
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
      // The width that every terminal has, so that the documentation has the same text.
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError()
    .showHelpAfterError('See fairlead --help.')
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        ['fairlead render samples/app.yaml', 'what comes of it, without a cluster'],
        ['fairlead run', 'with the current kubeconfig'],
      ),
    )

  program
    .command('render')
    .description('print what custom resources become, without a cluster')
    .argument('<file>', 'custom resources as YAML or JSON; - reads standard input')
    .addOption(watchesOption())
    .addOption(new Option('--output <format>', 'form of the documents').choices(['yaml', 'json']).default('yaml'))
    .addOption(new Option('--objects <file>', 'objects that lookups find, as YAML'))
    .addHelpText(
      'after',
      examples(
        ['fairlead render samples/app.yaml', ''],
        ['kubectl get app shop -o yaml | fairlead render -', 'one in the cluster'],
        ['fairlead render samples/app.yaml | kubectl diff -f -', 'what would change'],
      ),
    )
    .action(async (file: string, options: RenderOptions) => {
      const { render } = await import('./render.ts')
      done(await render(file, options, terminal))
    })

  const run = program.command('run').description('watch custom resources, and keep what they render in the cluster')
  for (const option of runOptions()) run.addOption(option)
  run
    .addHelpText(
      'after',
      examples(
        ['fairlead run --install-crds', 'creates the kinds first'],
        ['fairlead run --namespace shop --namespace blog', 'only these two namespaces'],
        ['FAIRLEAD_LOG_LEVEL=debug fairlead run', 'a flag as a variable'],
      ),
    )
    .action(async (flags: RunFlags, command: Command) => {
      const installCrds = flagOf(command, 'installCrds', 'FAIRLEAD_INSTALL_CRDS', terminal)
      const releaseOrphans = flagOf(command, 'releaseOrphans', 'FAIRLEAD_RELEASE_ORPHANS', terminal)
      const metricsRequireRbac = flagOf(command, 'metricsRequireRbac', 'FAIRLEAD_METRICS_REQUIRE_RBAC', terminal)
      const { run: operate } = await import('./run.ts')
      done(await operate(runOptionsOf({ ...flags, installCrds, releaseOrphans, metricsRequireRbac }, terminal, packageJson.version)))
    })

  const orphans = program.command('orphans').description('list objects with Fairlead’s label that no custom resource answers for')
  for (const option of clusterOptions()) orphans.addOption(option)
  orphans
    .addOption(new Option('--output <format>', 'form of the list').choices(['table', 'json']).default('table'))
    .addHelpText('after', examples(['fairlead orphans', ''], ['fairlead orphans --output json | jq -r .[].name', 'for a script']))
    .action(async (options: OrphansOptions) => {
      const { orphans: search } = await import('./orphans.ts')
      done(await search(options, terminal, packageJson.version))
    })

  program
    .command('approve')
    .description('release the deletes that a custom resource holds back')
    .argument('<kind>', 'e.g. App, App.app.company.com, or App/shop')
    .argument('[name]', 'where it does not stand behind the kind')
    .addOption(new Option('-n, --namespace <name>', 'where it is; default: that of the credentials'))
    .addOption(new Option('--all', 'also what it holds later, until the annotation is removed'))
    .addOption(new Option('--set <digits>', 'exactly this set, as a condition or the log names it').argParser(parseSet).conflicts('all'))
    .addOption(kubeconfigOption())
    .addOption(new Option('--output <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      examples(
        ['fairlead approve App shop -n eu', 'what its condition PruneHeld lists'],
        ['fairlead approve App/shop -n eu --output json', 'for a script'],
      ),
    )
    .action(async (given: string, rest: string | undefined, options: ApproveOptions, command: Command) => {
      const { kind, name } = targetOf(given, rest) ?? {}
      if (kind === undefined || name === undefined) return command.error(misnamed)
      const { approve } = await import('./approve.ts')
      done(await approve({ kind, name }, options, terminal))
    })

  program
    .command('status')
    .description('show what custom resources have become: their dependents, the last action, what they wait for')
    .argument('[kind]', 'e.g. App, App.app.company.com, or App/shop; default: every kind that an operator watches')
    .argument('[name]', 'its tree; default: a line for each of the kind')
    .addOption(new Option('-n, --namespace <name>', 'where it is; default: that of the credentials').conflicts('allNamespaces'))
    .addOption(new Option('-A, --all-namespaces', 'those of all namespaces'))
    .addOption(kubeconfigOption())
    .addOption(operatorNamespaceOption('where the operator keeps what is its own; default: it is looked for'))
    .addOption(new Option('--output <format>', 'form of the answer').choices(['text', 'json', 'yaml']).default('text'))
    .addHelpText(
      'after',
      `${examples(
        ['fairlead status App shop -n eu', 'the tree of one'],
        ['fairlead status -A', 'a line for each that there is'],
        ['fairlead status App/shop --output json | jq .[].state', 'for a script'],
      )}\n\nExit codes: 0 all are ready, 1 it could not be told, 3 one is not ready.`,
    )
    .action(async (kind: string | undefined, name: string | undefined, options: StatusOptions, command: Command) => {
      const target = targetOf(kind, name)
      if (!target) return command.error(misnamed)
      const { status } = await import('./status.ts')
      done(await status(target, options, terminal))
    })

  program
    .command('completion')
    .description('print a script that completes this command line in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      examples(['source <(fairlead completion bash)', 'in ~/.bashrc'], ['fairlead completion fish | source', 'in config.fish']),
    )
    .action((shell: Shell) => {
      terminal.out(completionScript(shell, program))
    })

  for (const command of program.commands)
    command
      .helpOption('--help', 'print this help')
      .showHelpAfterError(`See fairlead ${command.name()} --help.`)
      .configureHelp({ sortOptions: false })
  return program
}

const misnamed = 'error: a custom resource is named like App/shop or App shop'

function parseSet(text: string): string {
  if (!/^[0-9a-f]{12}$/.test(text)) throw new InvalidArgumentError('It has twelve hexadecimal digits.')
  return text
}

/** `App shop`, `App/shop`, `App`, or nothing; undefined for what is neither. */
function targetOf(kind: string | undefined, name: string | undefined): StatusTarget | undefined {
  const parts = [...(kind?.split('/') ?? []), ...(name === undefined ? [] : [name])]
  return parts.length > 2 || parts.includes('') ? undefined : { kind: parts[0], name: parts[1] }
}

/** A flag without a value. From the environment commander would take any text for true, also `false`. */
function flagOf(command: Command, name: string, variable: string, { environment }: Terminal): boolean {
  if (command.getOptionValueSource(name) !== 'env') return command.getOptionValue(name) === true
  const text = environment[variable] ?? ''
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return true
  if (['false', '0', 'no', 'off', ''].includes(text.toLowerCase())) return false
  return command.error(`error: "${text}" in ${variable} is invalid. It is true or false.`)
}

function examples(...lines: [command: string, meaning: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, meaning]) => `  ${meaning ? `${command.padEnd(width)}  # ${meaning}` : command}`).join('\n')}`
}
