/**
 * `fairlead render`: what a custom resource would become, without a cluster.
 *
 * The custom resource is defaulted, pruned and checked as the API server would, and goes through the operator's own pipeline. What is printed
 * is what the operator would apply, but for the marks that need the UID which only a cluster gives.
 */
import { createHash } from 'node:crypto'
import { isClusterKind } from '../api/cluster-kinds.ts'
import type { Problem } from '../api/problem.ts'
import type { Definition } from '../definition/definition.ts'
import { readText } from '../definition/files.ts'
import { loadDefinition } from '../definition/load.ts'
import { type AdmittedPrimary, readPrimaries } from '../definition/primary.ts'
import { desiredObjects, type ScopeOf } from '../reconcile/desired.ts'
import type { Capabilities } from '../reconcile/program.ts'
import { writeYamlDocuments } from '../yaml/write.ts'
import { printProblems } from './problems.ts'
import type { Terminal } from './terminal.ts'

export interface RenderOptions {
  watches: string
  output: 'yaml' | 'json'
}

/** What a template sees of the cluster while there is none: the newest version that Fairlead is tested with, and no kinds. */
const offline: Capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Prints the documents; the exit code is 1 if there is an error, and then nothing is printed. */
export async function render(file: string, options: RenderOptions, terminal: Terminal): Promise<number> {
  const { definition, problems } = loadDefinition({ watchesFile: options.watches, environment: terminal.environment, sha256 })
  const read = file === '-' ? { text: await terminal.input() } : readText(file)
  if ('problem' in read && read.problem) problems.push(read.problem)
  const objects: unknown[] = []
  if (definition && read.text !== undefined) {
    const { primaries, problems: found } = readPrimaries(definition, file === '-' ? 'standard input' : file, read.text)
    problems.push(...found)
    for (const primary of primaries) objects.push(...bodies(definition, primary, terminal.now(), problems))
  }
  if (printProblems(terminal, problems)) return 1
  terminal.out(options.output === 'json' ? `${JSON.stringify(asList(objects), null, 2)}\n` : writeYamlDocuments(objects))
  return 0
}

function bodies(definition: Definition, { watch, primary }: AdmittedPrimary, now: number, problems: Problem[]): unknown[] {
  const answer = watch.program.next({ primary, resources: [], unknown: {}, capabilities: offline, now })
  switch (answer.kind) {
    case 'problems':
      problems.push(...answer.problems)
      return []
    case 'unknown':
      throw new Error('a render without a cluster has no unknown kinds')
    case 'rendered': {
      const desired = desiredObjects(primary, answer.documents, { scopeOf: scopesOf(definition), sha256 })
      problems.push(...desired.problems)
      return desired.objects.map(({ body }) => body)
    }
  }
}

/** Where kinds live, as far as Kubernetes itself and the project's own definitions tell; any other kind is taken for namespaced. */
function scopesOf(definition: Definition): ScopeOf {
  const own = new Map(definition.watches.map(({ kind, crd }) => [`${kind.group}/${kind.kind}`, crd?.namespaced === false]))
  return (kind) => (isClusterKind(kind) || own.get(`${kind.group}/${kind.kind}`) ? 'Cluster' : 'Namespaced')
}

/** One document as itself, several as the list that kubectl reads. */
const asList = (objects: readonly unknown[]): unknown =>
  objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects }
