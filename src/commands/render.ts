/**
 * `fairlead render`: what a custom resource would become, without a cluster.
 *
 * The custom resource is defaulted, pruned and checked as the API server would, and goes through the operator's own pipeline. What is printed
 * is what the operator would apply, but for the marks that need the UID which only a cluster gives, and for the values of Secrets: they are
 * masked. Lookups find what a file holds.
 */
import { hash } from 'node:crypto'
import { encodeBase64 } from '../api/base64.ts'
import { isClusterKind } from '../api/cluster-kinds.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Definition } from '../definition/definition.ts'
import { readText } from '../definition/files.ts'
import { loadDefinition } from '../definition/load.ts'
import { type AdmittedPrimary, readPrimaries } from '../definition/primary.ts'
import { desiredObjects, isSecret, type ScopeOf } from '../reconcile/desired.ts'
import { type Generated, generatedParts, type GenerateNeed, optionsText } from '../reconcile/generated.ts'
import { lookupAmong, lookupId, lookupName, type LookupResults } from '../reconcile/lookup.ts'
import type { Answer, Capabilities, Inputs } from '../reconcile/program.ts'
import { parseYaml } from '../yaml/read.ts'
import { writeYamlDocuments } from '../yaml/write.ts'
import { printProblems } from './problems.ts'
import type { Terminal } from './terminal.ts'

export interface RenderOptions {
  watches: string
  output: 'yaml' | 'json'
  /** A file with the objects that lookups find. */
  objects?: string | undefined
}

/** What a template sees of the cluster while there is none: the newest version that Fairlead is tested with, and no kinds. */
const offline: Capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }

const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** Prints the documents; the exit code is 1 if there is an error, and then nothing is printed. */
export async function render(file: string, options: RenderOptions, terminal: Terminal): Promise<number> {
  const { definition, problems } = loadDefinition({ watchesFile: options.watches, environment: terminal.environment, sha256 })
  const read = file === '-' ? { text: await terminal.input() } : readText(file)
  if ('problem' in read && read.problem) problems.push(read.problem)
  const name = file === '-' ? 'standard input' : file
  const objects: unknown[] = []
  if (definition && read.text !== undefined) {
    const { primaries, problems: invalid } = readPrimaries(definition, name, read.text)
    problems.push(...invalid)
    const found = readObjects(options.objects, problems)
    for (const primary of primaries) {
      const wrong: Problem[] = []
      objects.push(...bodies(definition, primary, { now: terminal.now(), found }, wrong))
      // What is said of the spec is said of this file.
      problems.push(...wrong.map((problem) => ({ at: { file: name }, ...problem })))
    }
  }
  if (printProblems(terminal, problems)) return 1
  terminal.out(options.output === 'json' ? `${JSON.stringify(asList(objects), null, 2)}\n` : writeYamlDocuments(objects))
  return 0
}

interface World {
  now: number
  /** What lookups find; undefined if no file says it. */
  found: readonly KubernetesObject[] | undefined
}

function bodies(definition: Definition, { watch, primary }: AdmittedPrimary, { now, found }: World, problems: Problem[]): unknown[] {
  const answer = withLookups(
    (inputs) => watch.program.next(inputs),
    { primary, resources: [], unknown: {}, capabilities: offline, now },
    found,
  )
  switch (answer.kind) {
    case 'problems':
      problems.push(...answer.problems)
      return []
    case 'unknown':
      throw new Error('a render without a cluster has no unknown kinds')
    case 'needs':
      problems.push({
        code: 'OPTION_INVALID',
        message: `the render looks up ${answer.needs.map(lookupName).join(', ')}, and there is no cluster`,
        remedy: 'give a file of objects with --objects; what is not in it is taken for missing',
      })
      return []
    case 'rendered': {
      const desired = desiredObjects(primary, answer.documents, { scopeOf: scopesOf(definition), sha256 })
      problems.push(...desired.problems)
      return desired.objects.map(({ body }) => masked(body))
    }
  }
}

/** Renders until nothing more is looked up. Without objects the first need is the answer. */
function withLookups(next: (inputs: Inputs) => Answer, inputs: Inputs, found: readonly KubernetesObject[] | undefined): Answer {
  let lookups: LookupResults = {}
  let generated: Record<string, Generated> = {}
  for (;;) {
    const answer = next({ ...inputs, lookups, generated })
    if (answer.kind !== 'needs' || (answer.needs.length > 0 && !found)) return answer
    lookups = { ...lookups, ...Object.fromEntries(answer.needs.map((lookup) => [lookupId(lookup), lookupAmong(found ?? [], lookup)])) }
    generated = { ...generated, ...standIns(answer.generate ?? [], generated) }
  }
}

/** What stands for generated values, which only a cluster keeps. */
function standIns(needs: readonly GenerateNeed[], standing: Readonly<Record<string, Generated>>): Record<string, Generated> {
  return Object.fromEntries(
    needs.map(({ sort, name, options }) => {
      const text = sort === 'uuid' ? '00000000-0000-0000-0000-000000000000' : `(generated ${sort} ${name})`
      const parts = Object.fromEntries(Object.keys(generatedParts[sort]).map((part) => [part, encodeBase64(text)]))
      const issuer = typeof options['ca'] === 'string' ? standing[options['ca']]?.parts['certificate'] : undefined
      return [name, { sort, options: optionsText(options), parts: issuer === undefined ? parts : { ...parts, ca: issuer } }]
    }),
  )
}

function readObjects(file: string | undefined, problems: Problem[]): KubernetesObject[] | undefined {
  if (file === undefined) return undefined
  const { text, problem } = readText(file)
  if (problem) problems.push(problem)
  const { values, problems: invalid } = parseYaml(file, text ?? '')
  problems.push(...invalid)
  return values.flatMap((value) => (isObject(value) ? [value] : []))
}

const isObject = (value: unknown): value is KubernetesObject =>
  typeof value === 'object' && value !== null && 'kind' in value && 'apiVersion' in value && 'metadata' in value

/** A Secret without its values: what is printed is seen, kept and sent on. */
function masked(body: KubernetesObject): KubernetesObject {
  if (!isSecret(body) || typeof body['data'] !== 'object' || body['data'] === null) return body
  return { ...body, data: Object.fromEntries(Object.keys(body['data']).map((key) => [key, '***'])) }
}

/** Where kinds live, as far as Kubernetes itself and the project's own definitions tell; any other kind is taken for namespaced. */
function scopesOf(definition: Definition): ScopeOf {
  const own = new Map(definition.watches.map(({ kind, crd }) => [`${kind.group}/${kind.kind}`, crd?.namespaced === false]))
  return (kind) => (isClusterKind(kind) || own.get(`${kind.group}/${kind.kind}`) ? 'Cluster' : 'Namespaced')
}

/** One document as itself, several as the list that kubectl reads. */
const asList = (objects: readonly unknown[]): unknown =>
  objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects }
