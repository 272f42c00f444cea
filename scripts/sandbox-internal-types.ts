/**
 * `node scripts/sandbox-internal-types.ts`: records how the API server prints values of its own types in its messages.
 *
 * Its internal types have no JSON names, so it prints the names of Go's fields, all of them and in their order. Both are read from the sources in
 * the module cache, together with the JSON names that the same fields have in the public types.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = (module: string): string => {
  const { stdout } = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd: `${root}test/controlplane`, encoding: 'utf8' })
  return stdout.trim()
}

interface Field {
  readonly name: string
  readonly type: string
  readonly tag: string
  readonly embedded: boolean
}
type Structs = Map<string, Field[]>

/** The structs and the named types of a Go file. Comments tell nothing here. */
function parse(text: string): { structs: Structs; names: Map<string, string> } {
  const source = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const structs: Structs = new Map()
  for (const [, name, body] of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields = (body as string).split('\n').flatMap((line): Field[] => {
      const bare = line.replace(/\s+\/\/.*$/, '').trim()
      const match = /^(\w+)\s+([^\s`]+)\s*(?:`(.*)`)?$/.exec(bare)
      if (match) return [{ name: match[1] as string, type: match[2] as string, tag: match[3] ?? '', embedded: false }]
      const embedded = /^([\w.]+)\s*(?:`(.*)`)?$/.exec(bare)
      return embedded ? [{ name: embedded[1] as string, type: embedded[1] as string, tag: embedded[2] ?? '', embedded: true }] : []
    })
    structs.set(name as string, fields)
  }
  const names = new Map(
    [...source.matchAll(/^type (\w+) (string|int32|int64|map\[\w+\]\S+)$/gm)].map(([, name, type]) => [name as string, type as string]),
  )
  return { structs, names }
}

const kubernetes = directory('k8s.io/kubernetes')
const api = directory('k8s.io/api')
const read = (path: string) => parse(readFileSync(path, 'utf8'))
const groups = ['core', 'apps', 'batch', 'policy', 'autoscaling'] as const
const internal = Object.fromEntries(groups.map((group) => [group, read(`${kubernetes}/pkg/apis/${group}/types.go`)]))
const external = Object.fromEntries(
  groups.map((group) => [group, read(`${api}/${group}/${group === 'autoscaling' ? 'v2' : 'v1'}/types.go`)]),
)
const core = internal['core'] as ReturnType<typeof parse>

/** Fields that the internal type has elsewhere: `..` leads to the object around it. */
const elsewhere: Readonly<Record<string, string>> = {
  'PodSecurityContext.HostNetwork': '../hostNetwork',
  'PodSecurityContext.HostPID': '../hostPID',
  'PodSecurityContext.HostIPC': '../hostIPC',
  'PodSecurityContext.ShareProcessNamespace': '../shareProcessNamespace',
  'PodSecurityContext.HostUsers': '../hostUsers',
}

const jsonName = (tag: string): string => /json:"([^",]*)/.exec(tag)?.[1] ?? ''

/** The JSON names of a public type's fields, those of embedded types too. */
function namesOf(group: string, struct: string): Map<string, string> {
  const own = (external[group] as ReturnType<typeof parse>).structs.get(struct) ?? external['core']?.structs.get(struct) ?? []
  return new Map(
    own.flatMap(({ name, type, tag, embedded }): [string, string][] =>
      embedded ? [...namesOf(group, type.replace(/^v1\./, ''))] : [[name, jsonName(tag)]],
    ),
  )
}

type Row = readonly [goName: string, jsonName: string, type: string]
const table = new Map<string, Row[]>()

/** The type as the printer knows it: a scalar's zero value, or the name of a struct; `*` may be absent, `[]` a list, `{}` a map. */
function typeText(group: string, type: string): string {
  if (type.startsWith('*')) return `*${typeText(group, type.slice(1))}`
  if (type.startsWith('[]')) return type === '[]byte' ? 'bytes' : `[]${typeText(group, type.slice(2))}`
  const map = /^map\[[^\]]+\](.*)$/.exec(type)
  if (map) return `{}${typeText(group, map[1] as string)}`
  const bare = type.replace(/^(core|api)\./, '')
  const scalar: Readonly<Record<string, string>> = {
    string: 'string',
    bool: 'boolean',
    int: 'integer',
    int32: 'integer',
    int64: 'integer',
    float64: 'integer',
    'resource.Quantity': 'quantity',
    'intstr.IntOrString': 'intOrString',
    'metav1.Time': 'time',
    'metav1.LabelSelector': 'selector',
    'metav1.ObjectMeta': 'metadata',
    'types.UID': 'string',
  }
  if (Object.hasOwn(scalar, bare)) return scalar[bare] as string
  const known = internal[group] as ReturnType<typeof parse>
  const named = known.names.get(bare) ?? core.names.get(bare)
  if (named) return typeText(group, named)
  const home = known.structs.has(bare) ? group : 'core'
  if (!internal[home]?.structs.has(bare)) throw new Error(`there is no type ${type} in ${group}`)
  add(home, bare)
  return bare
}

function rowsOf(group: string, struct: string, names: ReadonlyMap<string, string>): Row[] {
  const fields = (internal[group] as ReturnType<typeof parse>).structs.get(struct) ?? []
  return fields.flatMap(({ name, type, embedded }): Row[] => {
    if (embedded) return type === 'metav1.ObjectMeta' ? [['', 'metadata', 'metadata']] : rowsOf(group, type, names)
    const json = elsewhere[`${struct}.${name}`] ?? names.get(name)
    if (json === undefined) throw new Error(`${struct}.${name} has no JSON name`)
    return [[name, json, typeText(group, type)]]
  })
}

function add(group: string, struct: string): void {
  if (table.has(struct)) return
  table.set(struct, [])
  table.set(struct, rowsOf(group, struct, namesOf(group, struct)))
}

const wanted: readonly (readonly [group: string, type: string])[] = [
  ['core', 'PodTemplateSpec'],
  ['core', 'EphemeralContainer'],
  ['apps', 'DeploymentStrategy'],
  ['apps', 'DaemonSetUpdateStrategy'],
  ['apps', 'StatefulSetUpdateStrategy'],
  ['batch', 'PodFailurePolicy'],
  ['batch', 'SuccessPolicy'],
  ['batch', 'UncountedTerminatedPods'],
  ['policy', 'PodDisruptionBudgetSpec'],
  ['autoscaling', 'HorizontalPodAutoscalerBehavior'],
]
for (const [group, type] of wanted) add(group, type)

const file = `${root}src/sandbox/tables/internal-types.json`
const version = /@v(.*)$/.exec(kubernetes)?.[1] ?? ''
writeFileSync(file, JSON.stringify({ kubernetes: version, types: Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1))) }))
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', file], { stdio: 'inherit' })
if (status !== 0) throw new Error('biome could not format the table')
