import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { OperatorProcess, repository } from '../operator-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-mistakes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A copy of this folder's project with some files replaced. */
function projectWith(files: Record<string, string>): string {
  const project = mkdtempSync(join(folder, 'project-'))
  cpSync(fileURLToPath(new URL('operator', import.meta.url)), project, { recursive: true })
  for (const [path, content] of Object.entries(files)) writeFileSync(join(project, path), content)
  return project
}

/** Runs the project of this folder with some files replaced, and tells what is printed and the exit code. */
async function run(
  files: Record<string, string>,
  options: { kubeconfig?: string; args?: string[] } = {},
): Promise<{ printed: string[]; code: number | null }> {
  const project = projectWith(files)
  const operator = new OperatorProcess({
    kubeconfig: options.kubeconfig ?? '/nowhere/kubeconfig',
    watches: join(project, 'watches.yaml'),
    args: options.args ?? [],
  })
  const code = await operator.exited
  return { printed: [...operator.lines.map(({ level, msg }) => `${level} ${msg.replaceAll(`${project}/`, '')}`), ...operator.other], code }
}

const binary = join(repository, 'bin/fairlead.js')
const watch = 'group: notes.example.com, version: v1, kind: Note, chart: charts/note'
const template = 'charts/note/templates/configmap.yaml.eta'
const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: <%= it.name %>\ndata:\n  text: ${data}\n`

describe('run ends at once, with 1 and one line a mistake, for', { timeout: 60_000 }, () => {
  const mistakes: { title: string; files: Record<string, string>; prints: string[] }[] = [
    {
      title: 'a watches.yaml that is not YAML',
      files: { 'watches.yaml': '- group: [\n' },
      prints: ['error watches.yaml:2:1: deficient indentation (YAML_INVALID)'],
    },
    {
      title: 'an unknown key, with what was probably meant',
      files: { 'watches.yaml': `- { ${watch}, watchDepedentResources: true }\n` },
      prints: [
        'error watches.yaml:1:76: "watchDepedentResources" is not a field of a watch; did you mean "watchDependentResources"? (WATCH_UNKNOWN_KEY)',
      ],
    },
    {
      title: 'a chart that is not there',
      files: { 'watches.yaml': '- { group: notes.example.com, version: v1, kind: Note, chart: charts/nota }\n' },
      prints: ['error watches.yaml:1:63: charts/nota: there is no such folder; chart is a folder, relative to watches.yaml (FILE_MISSING)'],
    },
    {
      title: 'a template with a syntax error',
      files: { [template]: configMap('<%= it.spec.text + %>') },
      prints: ["error charts/note/templates/configmap.yaml.eta:6:13: Unexpected token ')' (TEMPLATE_SYNTAX)"],
    },
    {
      title: 'a variable that is not set',
      files: { 'watches.yaml': `- { ${watch}, overrideValues: { lines: "\${LINES_OF_NOTES}" } }\n` },
      prints: [
        'error watches.yaml:1:101: the environment variable LINES_OF_NOTES is not set; set it, or give a default: ${LINES_OF_NOTES:-…} (WATCH_UNSET_VARIABLE)',
      ],
    },
    {
      title: 'a key of overrideValues that is no path',
      files: { 'watches.yaml': `- { ${watch}, overrideValues: { "lines[": 3 } }\n` },
      prints: ['error watches.yaml:1:94: "lines[" is no path of a value; write a path like a.b[0].c (WATCH_INVALID)'],
    },
    {
      title: 'two watches of one kind that take the same objects',
      files: { 'watches.yaml': `- { ${watch} }\n- { ${watch} }\n` },
      prints: [
        'error watches.yaml:2:3: Note.notes.example.com is watched already at watches.yaml:1:3, which takes every object of it; remove one, or give the first a selector (WATCH_DUPLICATE)',
      ],
    },
    {
      title: 'a watch without a kind',
      files: { 'watches.yaml': '- { group: notes.example.com, version: v1, chart: charts/note }\n' },
      prints: ['error watches.yaml:1:3: the watch has no kind; give it a name that begins with a capital letter, e.g. App (WATCH_INVALID)'],
    },
    {
      title: 'a duration that is none',
      files: { 'watches.yaml': `- { ${watch}, reconcilePeriod: soon }\n` },
      prints: [
        'error watches.yaml:1:93: reconcilePeriod is a duration of 1s or more, not "soon"; e.g. 30s, 1m30s, 2h; "0" turns it off (WATCH_INVALID)',
      ],
    },
    {
      title: 'several mistakes: all of them at once',
      files: { 'watches.yaml': `- { ${watch}, selectr: {} }\n`, [template]: configMap('<%= it.spec.text + %>') },
      prints: [
        'error watches.yaml:1:76: "selectr" is not a field of a watch; did you mean "selector"? (WATCH_UNKNOWN_KEY)',
        "error charts/note/templates/configmap.yaml.eta:6:13: Unexpected token ')' (TEMPLATE_SYNTAX)",
      ],
    },
  ]
  for (const { title, files, prints } of mistakes) {
    it.concurrent(title, async () => {
      expect(await run(files)).toEqual({ printed: prints, code: 1 })
    })
  }

  it.concurrent('a kubeconfig that is not there', async () => {
    expect(await run({})).toEqual({
      printed: [
        'error the kubeconfig /nowhere/kubeconfig cannot be read (ENOENT); name a kubeconfig with --kubeconfig FILE (CREDENTIALS_INVALID)',
      ],
      code: 1,
    })
  })

  it.concurrent('a kubeconfig that is none', async () => {
    const kubeconfig = join(folder, 'wrong.kubeconfig')
    writeFileSync(kubeconfig, 'current-context: nowhere\n')
    const { printed, code } = await run({}, { kubeconfig })
    expect({ printed: printed.map((line) => line.replaceAll(folder, '')), code }).toEqual({
      printed: ['error /wrong.kubeconfig: there is no context "nowhere"; it has: none (CREDENTIALS_INVALID)'],
      code: 1,
    })
  })

  it.concurrent('an address that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const kubeconfig = join(folder, 'unreachable.kubeconfig')
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
        users: [{ name: 'a', user: {} }],
      }),
    )
    try {
      const { printed, code } = await run({}, { kubeconfig, args: ['--metrics-address', `127.0.0.1:${port}`] })
      expect({ printed: printed.slice(1), code }).toEqual({
        printed: [
          `error --metrics-address 127.0.0.1:${port}: another process listens there; choose another port, port 0 for a free one, or "off" (OPTION_INVALID)`,
        ],
        code: 1,
      })
    } finally {
      server.close()
    }
  })
})

describe('render ends with 1 and one line a mistake for', () => {
  const mistakes: { title: string; files?: Record<string, string>; spec?: string; prints: string[] }[] = [
    {
      title: 'a template that reads a field that the schema does not have',
      files: { [template]: configMap('<%= it.spec.txet %>') },
      prints: ['charts/note/templates/configmap.yaml.eta:6:13: it.spec.txet is undefined; did you mean "text"? (TEMPLATE_UNDEFINED)'],
    },
    {
      title: 'values that do not fit values.schema.json',
      files: { 'charts/note/values.yaml': 'lines: many\n' },
      prints: ['charts/note/values.yaml:1:8: lines must be integer (VALUES_INVALID)'],
    },
    {
      title: 'an override that does not fit values.schema.json',
      files: { 'watches.yaml': `- { ${watch}, overrideValues: { lines: many } }\n` },
      prints: ['watches.yaml:1:94: overrideValues.lines (it.values.lines) must be integer (VALUES_INVALID)'],
    },
    {
      title: 'a custom resource with a field that its schema does not have',
      spec: '{ txet: hello }',
      prints: [
        'warning: note.yaml:4:9: spec.txet is not in the schema, and the API server would drop it; did you mean "text"? (CR_INVALID)',
        'charts/note/templates/configmap.yaml.eta:6:13: it.spec.text is undefined (TEMPLATE_UNDEFINED)',
      ],
    },
    {
      title: 'a custom resource with a value of another type',
      spec: '{ text: 5 }',
      prints: ['note.yaml:4:15: spec.text must be a string, not 5 (CR_INVALID)'],
    },
  ]
  for (const { title, files = {}, spec = '{ text: hello }', prints } of mistakes) {
    it.concurrent(title, async () => {
      const project = projectWith({
        ...files,
        'note.yaml': `apiVersion: notes.example.com/v1\nkind: Note\nmetadata: { name: first }\nspec: ${spec}\n`,
      })
      const { stderr, status } = spawnSync(
        process.execPath,
        [binary, 'render', join(project, 'note.yaml'), '--watches', join(project, 'watches.yaml')],
        { encoding: 'utf8' },
      )
      expect({ printed: stderr.replaceAll(`${project}/`, '').trim().split('\n'), code: status }).toEqual({ printed: prints, code: 1 })
    })
  }
})
