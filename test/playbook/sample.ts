/** Small playbooks for tests: compiled from text, with scopes over a sample custom resource. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../src/api/object.ts'
import { formatProblem, type Problem } from '../../src/api/problem.ts'
import { compilePlaybook, type PlaybookOptions } from '../../src/playbook/compile.ts'
import type { Found, Known, WalkScope } from '../../src/playbook/scope.ts'
import type { CompiledPlaybook, Step } from '../../src/playbook/step.ts'
import type { Inputs } from '../../src/reconcile/program.ts'
import { createLibrary } from '../../src/template/functions/library.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Every file below a folder, by its path within it. */
export const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )

export function compileFiles(
  files: ReadonlyMap<string, string>,
  options: Partial<PlaybookOptions> = {},
): ReturnType<typeof compilePlaybook> & { errors: string[] } {
  const compiled = compilePlaybook({
    files,
    file: 'p.yaml',
    path: 'app',
    library: createLibrary({ sha256 }),
    clock: performance,
    sha256,
    ...options,
  })
  return { ...compiled, errors: compiled.problems.filter(isError).map(formatProblem) }
}

/** The problems of a playbook that consists of these steps, from line 3 on. */
export const compileSteps = (
  steps: string,
  files: Readonly<Record<string, string>> = {},
  options: Partial<PlaybookOptions> = {},
): ReturnType<typeof compileFiles> =>
  compileFiles(new Map([['p.yaml', `name: sample\nsteps:\n${steps.replaceAll(/^(?=.)/gm, '  ')}`], ...Object.entries(files)]), options)

export const isError = ({ severity }: Problem): boolean => severity !== 'warning'

export const sampleInputs = (over: Partial<Inputs> = {}): Inputs => ({
  primary: {
    apiVersion: 'app.company.com/v1',
    kind: 'App',
    metadata: { name: 'shop', namespace: 'eu', uid: 'u-1', generation: 1 },
    spec: { size: 3, version: '1.4', image: { tag: 'x' } },
  },
  resources: [],
  unknown: {},
  capabilities: { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: ['v1/Pod', 'cert-manager.io/v1/Certificate'] },
  now: Date.parse('2026-11-23T10:00:00.500Z'),
  ...over,
})

/** What a walk has found, as a test gives it. */
export const found = (
  over: {
    set?: Record<string, Known>
    steps?: Record<string, Known>
    memory?: JsonObject
    failed?: string[]
    schedules?: JsonObject
    run?: Found['run']
  } = {},
): Found => ({
  set: new Map(Object.entries(over.set ?? {})),
  steps: new Map(Object.entries(over.steps ?? {})),
  memory: over.memory ?? {},
  failed: (id) => over.failed?.includes(id) ?? false,
  schedules: over.schedules ?? {},
  run: over.run,
})

export const value = (of: unknown): Known => ({ kind: 'value', value: of })
export const unknown = (reason: string): Known => ({ kind: 'unknown', reason })

export interface Sample {
  playbook: CompiledPlaybook
  steps: readonly Step[]
  scope: WalkScope
}

/** A compiled playbook of these steps, with the scope of one walk. */
export function sample(
  steps: string,
  { inputs, files, ...has }: { inputs?: Partial<Inputs>; files?: Readonly<Record<string, string>> } & Parameters<typeof found>[0] = {},
): Sample {
  const { playbook, scopeOf, errors } = compileSteps(steps, files)
  if (!playbook || !scopeOf) throw new Error(errors.join('\n'))
  return { playbook, steps: playbook.steps, scope: scopeOf(playbook, sampleInputs(inputs), found(has)) }
}
