/**
 * Programs that people use, run against the server of a case: kubectl, helm. Exit code and output are compared, with those parts
 * masked that a program makes of what the server chose: ages, times, names with hashes, the widths of columns.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { eventually } from '../controlplane/eventually.ts'
import { kubeconfig } from '../controlplane/kubeconfig.ts'
import { tools, type Tools } from '../controlplane/tools.ts'
import type { Api } from './api.ts'
import type { Run } from './case.ts'

/** `kubectl get pods`; words in single quotes are one word. `{ns}` and `{id}` as in a request's line. */
export type CommandLine = string

export interface CommandOptions {
  /** Goes to standard input. */
  input?: string
  environment?: Readonly<Record<string, string>>
  /** Run again until the command ends with this code and prints a text that matches. */
  until?: RegExp
  /** Compared instead of the whole output. */
  pick?: (output: string) => unknown
}

/** A command, with what is typed into it. */
export type Command = CommandLine | readonly [CommandLine, CommandOptions]

export interface CommandResult {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** A folder with a kubeconfig for the case's namespace, in which programs run. */
export class Workplace implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'fairlead-conformance-'))
  readonly #api: Api
  readonly #namespace: string
  readonly #tools: Tools

  private constructor(api: Api, namespace: string, unpacked: Tools) {
    this.#api = api
    this.#namespace = namespace
    this.#tools = unpacked
    writeFileSync(this.file('kubeconfig'), kubeconfig({ ca: '', ...api.endpoint, namespace }))
    api.mask(this.directory, 'FOLDER')
  }

  static async open(api: Api): Promise<Workplace> {
    return new Workplace(api, await api.namespace(), await tools(() => {}))
  }

  file(name: string): string {
    return join(this.directory, name)
  }

  write(name: string, content: string): void {
    writeFileSync(this.file(name), content)
  }

  start(line: CommandLine, { input = '', environment = {} }: CommandOptions = {}): ChildProcessByStdio<Writable, Readable, Readable> {
    const [program = '', ...args] = words(line.replaceAll('{ns}', this.#namespace).replaceAll('{id}', this.#api.id))
    const path = { kubectl: this.#tools.kubectl, helm: this.#tools.helm }[program]
    if (path === undefined) throw new Error(`${program} is not a program of the suite`)
    const env = { PATH: process.env['PATH'], HOME: this.directory, KUBECONFIG: this.file('kubeconfig'), ...environment }
    const child = spawn(path, args, { cwd: this.directory, env, stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin.on('error', () => {})
    child.stdin.end(input.replaceAll('{ns}', this.#namespace).replaceAll('{id}', this.#api.id))
    return child
  }

  async run(line: CommandLine, options: CommandOptions = {}): Promise<CommandResult> {
    const once = async (): Promise<CommandResult> => {
      const child = this.start(line, options)
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
      const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      return { exitCode, stdout, stderr }
    }
    const { until } = options
    if (until === undefined) return await once()
    return await eventually(
      async () => {
        const result = await once()
        return until.test(result.stdout + result.stderr) ? result : Promise.reject(new Error(JSON.stringify(result)))
      },
      { timeout: 40_000, describe: `${line} prints ${until}` },
    )
  }

  /** The same, and it is compared. */
  async tell(line: CommandLine, options: CommandOptions = {}): Promise<CommandResult> {
    const { exitCode, stdout, stderr } = await this.run(line, options)
    this.#api.keep({ asked: line, exitCode, stdout: (options.pick ?? lines)(stdout), stderr: lines(stderr) })
    return { exitCode, stdout, stderr }
  }

  /** Runs a command that does not end; resolves with its output once that has `count` lines, and ends it. */
  async tellLines(line: CommandLine, count: number, meanwhile: () => Promise<unknown>): Promise<void> {
    const child = this.start(line)
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    try {
      await eventually(() => output !== '', { describe: `${line} prints something` })
      await meanwhile()
      await eventually(() => output.split('\n').length > count || Promise.reject(new Error(output)), {
        describe: `${line} prints ${count} lines`,
      })
      this.#api.keep({ asked: line, stdout: lines(output).slice(0, count) })
    } finally {
      child.kill('SIGKILL')
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** These commands in the case's namespace, one after the other. */
export const commands =
  (...list: readonly Command[]): Run =>
  async (api) => {
    using place = await Workplace.open(api)
    for (const each of list) await (typeof each === 'string' ? place.tell(each) : place.tell(...each))
  }

/** The body at a URL, as curl would get it. */
export async function curl(url: string): Promise<{ status: number | undefined; body: string }> {
  return await new Promise((resolve, reject) => {
    get(url, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject)
    }).on('error', reject)
  })
}

const words = (line: string): string[] => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

const replacements: readonly (readonly [RegExp, string])[] = [
  [/"\/tmp\/[^"]*"|\/tmp\/(?:LIVE|MERGED)-\d+\/?/g, 'temporary '],
  // A pod of a Deployment, a ReplicaSet of one. Their letters hold no vowels.
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-hash-suffix'],
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '-hash'],
  [/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-suffix'],
  [/pod-template-hash([=:]\s*"?)[a-z0-9]+/g, 'pod-template-hash$1hash'],
  [/(resourceVersion"?: ")\d+/g, '$1version'],
  [/(?<![-\w."])(?:\d+(?:\.\d+)?(?:ms|µs|s|m|h|d))+(?![-\w"])/g, 'age'],
  [/(Resource Version:\s+)\d+/g, '$1version'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000/g, 'now'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d\d )?[A-Z][a-z]{2} [ \d\d:+]{5,}\d{4}\b/g, 'now'],
  [/\b[IWEF]\d{4} [\d:.]+ +\d+ /g, 'log: '],
  [/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'now'],
  [/\b3\d{4}\/(TCP|UDP)/g, 'port/$1'],
  [/ {2,}|\t+/g, '  '],
  [/ +$/g, ''],
]

/** The lines of an output in the order of their letters, for what has names that the server made. */
export const sortedLines = (output: string): string[] => lines(output).sort((a, b) => (a < b ? -1 : 1))

/** The lines of an output, without what differs from run to run. */
export const lines = (output: string): string[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? ''
      return indent + replacements.reduce((masking, [pattern, word]) => masking.replace(pattern, word), line.slice(indent.length))
    })
