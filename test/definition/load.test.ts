import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { loadDefinition } from '../../src/definition/load.ts'
import { crdYaml, project, sampleProject, sha256, watchesYaml } from './project.ts'

const load = (folder: string, environment: Record<string, string> = {}) =>
  loadDefinition({ watchesFile: join(folder, 'watches.yaml'), environment, sha256 })
const lines = (folder: string): string[] => load(folder).problems.map((problem) => formatProblem(problem).replaceAll(folder, '.'))

describe('a definition', () => {
  it('has a program, a schema and options for each watch', () => {
    const { definition, problems } = load(project(sampleProject))
    expect(problems).toEqual([])
    expect(definition?.watches).toMatchObject([
      {
        kind: { group: 'demo.io', version: 'v1', kind: 'Thing' },
        watchDependentResources: true,
        crd: { plural: 'things', namespaced: true, hasStatus: true, schema: { type: 'object' }, position: { line: 1 } },
        program: { kinds: [{ group: '', version: 'v1', kind: 'ConfigMap' }] },
      },
    ])
  })
  it('is named by its content, wherever it lies', () => {
    const first = load(project(sampleProject)).definition?.hash
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(load(project(sampleProject)).definition?.hash).toBe(first)
    expect(load(project({ ...sampleProject, 'chart/values.yaml': 'shape: square\n' })).definition?.hash).not.toBe(first)
  })
  it('can have playbooks in the place of charts, whose files all count', () => {
    const files = {
      'watches.yaml': watchesYaml.replace('chart: chart', 'playbook: playbooks/thing.yaml\n  vars: { shape: "${SHAPE}" }'),
      'crds/thing.yaml': crdYaml,
      'playbooks/thing.yaml': 'name: thing\nvars: { shape: round }\nsteps:\n  - apply: { templates: [config.yaml.eta], chart: ../chart }\n',
      'playbooks/templates/config.yaml.eta': 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: <%= it.name %>-<%= it.vars.shape %>\n',
      ...Object.fromEntries(Object.entries(sampleProject).filter(([path]) => path.startsWith('chart/'))),
    }
    const { definition, problems } = load(project(files), { SHAPE: 'flat' })
    expect(problems).toEqual([])
    expect(definition?.watches).toMatchObject([
      {
        crd: { plural: 'things' },
        program: { kinds: [{ kind: 'Secret' }, { kind: 'ConfigMap' }] },
        chartPath: expect.stringMatching(/playbooks$/),
      },
    ])
    const names = [
      load(project(files), { SHAPE: 'flat' }),
      load(project(files), { SHAPE: 'long' }),
      load(project({ ...files, 'playbooks/templates/config.yaml.eta': `${files['playbooks/templates/config.yaml.eta']}data: {}\n` }), {
        SHAPE: 'flat',
      }),
      load(project({ ...files, 'chart/values.yaml': 'shape: square\n' }), { SHAPE: 'flat' }),
    ].map((each) => each.definition?.hash)
    expect(names[0]).toBe(definition?.hash)
    expect(new Set(names).size).toBe(4)
  })
  it('names the line of a playbook that is not there, and of a var that it lacks', () => {
    const watches = watchesYaml.replace('chart: chart', 'playbook: playbooks/thing.yaml')
    expect(lines(project({ 'watches.yaml': watches }))).toEqual([
      './watches.yaml:4:13: ./playbooks: there is no such folder; playbook is a file in a folder of its own, relative to watches.yaml (FILE_MISSING)',
    ])
    const files = {
      'crds/thing.yaml': crdYaml,
      'playbooks/thing.yaml': 'name: thing\nvars: { shape: round }\nsteps: [{ set: { a: 1 } }]\n',
    }
    expect(lines(project({ ...files, 'watches.yaml': `${watches}  vars: { shpae: 1 }\n` }))).toEqual([
      './watches.yaml:5:11: the playbook has no var shpae; did you mean "shape"? (WATCH_INVALID)',
    ])
    expect(lines(project({ ...files, 'watches.yaml': watches.replace('thing.yaml', 'thnig.yaml') }))).toEqual([
      './watches.yaml:4:13: there is no file thnig.yaml in the folder of the playbook; did you mean thing.yaml? (FILE_MISSING)',
    ])
  })
  it('has another name for other values of the environment', () => {
    const folder = project({ ...sampleProject, 'watches.yaml': `${watchesYaml}  overrideValues: { shape: "\${SHAPE}" }\n` })
    expect(load(folder, { SHAPE: 'flat' }).definition?.hash).not.toBe(load(folder, { SHAPE: 'long' }).definition?.hash)
  })
  it('reads a chart through links, as a mounted ConfigMap has them', () => {
    const folder = project(sampleProject)
    mkdirSync(join(folder, '..data'))
    symlinkSync('watches.yaml', join(folder, '..data/watches.yaml'))
    symlinkSync(join(folder, 'chart'), join(folder, 'linked'))
    symlinkSync(join(folder, 'chart'), join(folder, 'chart/templates/loop'))
    writeFileSync(join(folder, 'watches.yaml'), watchesYaml.replace('chart: chart', 'chart: linked'))
    expect(lines(folder)).toEqual([])
  })
  it('reads files with a byte order mark and Windows line ends', () => {
    const windows = Object.fromEntries(
      Object.entries(sampleProject).map(([path, text]) => [path, `\uFEFF${text.replaceAll('\n', '\r\n')}`]),
    )
    const { definition, problems } = load(project(windows))
    expect(problems).toEqual([])
    expect(definition?.watches).toHaveLength(1)
  })
  it('does not select namespaces for a kind that lives outside of them', () => {
    const selecting = `${watchesYaml}  namespaceSelector: { matchLabels: { tier: gold } }\n`
    expect(lines(project({ ...sampleProject, 'watches.yaml': selecting }))).toEqual([])
    const outside = crdYaml.replace('scope: Namespaced', 'scope: Cluster')
    expect(lines(project({ ...sampleProject, 'chart/crds/thing.yaml': outside, 'watches.yaml': selecting }))).toEqual([
      './watches.yaml:5:22: namespaceSelector selects no Thing.demo.io: the kind lives outside namespaces; remove it; selector goes by the labels of the objects themselves (WATCH_INVALID)',
    ])
    const namespaces = selecting.replace('group: demo.io\n  version', 'version').replace('Thing', 'Namespace')
    expect(lines(project({ ...sampleProject, 'watches.yaml': namespaces }))).toEqual([
      expect.stringContaining('namespaceSelector selects no Namespace: the kind lives outside namespaces'),
    ])
  })
  it('lets two watches share a chart, whose problems are told once', () => {
    const folder = project({ ...sampleProject, 'watches.yaml': watchesYaml + watchesYaml.replace('Thing', 'Other') })
    const { definition, problems } = load(folder)
    expect(problems).toMatchObject([
      { code: 'CRD_NOT_IN_CHART', severity: 'warning', message: 'there is no CustomResourceDefinition of Other.demo.io in the chart' },
    ])
    expect(definition?.watches.map(({ crd }) => crd?.plural)).toEqual(['things', undefined])
  })
})

describe('what cannot be read', () => {
  const inPlaceOfWatches = (content: string | Uint8Array): string => project({ ...sampleProject, 'watches.yaml': content })
  it('is told: no watches.yaml', () => {
    expect(lines(project({}))).toEqual([
      './watches.yaml: there is no such file; run the command in the folder of watches.yaml, or name the file with --watches (FILE_MISSING)',
    ])
  })
  it('is told: a folder in its place', () => {
    const folder = project({ 'watches.yaml/x': '' })
    expect(lines(folder)).toEqual([expect.stringContaining('./watches.yaml: this is a folder, not a file')])
  })
  it('is told: a link to itself', () => {
    const folder = project({})
    symlinkSync('watches.yaml', join(folder, 'watches.yaml'))
    expect(lines(folder)).toEqual([expect.stringContaining('./watches.yaml: the link points to itself')])
  })
  it('is told: a binary file', () => {
    expect(lines(inPlaceOfWatches(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2)))).toEqual([
      expect.stringContaining('./watches.yaml: the file is not UTF-8 text; save it as UTF-8'),
    ])
  })
  it('is told: another encoding', () => {
    expect(lines(inPlaceOfWatches(Uint8Array.of(0x6b, 0xfc, 0x6b)))).toEqual([expect.stringContaining('the file is not UTF-8 text')])
  })
  it('is told: a file that is far too large', () => {
    expect(lines(inPlaceOfWatches('#'.repeat(6 * 1024 * 1024)))).toEqual([
      expect.stringContaining('the file has 6291456 bytes; a file of a project has at most 5242880'),
    ])
  })
  it('takes a file of 1 MB', () => {
    expect(lines(inPlaceOfWatches(`${watchesYaml}${'# a comment of forty characters, about\n'.repeat(26_000)}`))).toEqual([])
  })
  it('is told: a chart that is not there, at the line that names it', () => {
    const folder = project(sampleProject)
    rmSync(join(folder, 'chart'), { recursive: true })
    expect(lines(folder)).toEqual([
      './watches.yaml:4:10: ./chart: there is no such folder; chart is a folder, relative to watches.yaml (FILE_MISSING)',
    ])
  })
  it('is told: a chart that is a file', () => {
    const folder = project({ 'watches.yaml': watchesYaml, chart: 'x' })
    expect(lines(folder)).toEqual([
      './watches.yaml:4:10: ./chart: this is a file, not a folder; chart is a folder, relative to watches.yaml (FILE_MISSING)',
    ])
  })
  it('is told: a template that is no text', () => {
    expect(lines(project({ ...sampleProject, 'chart/templates/x.yaml.eta': Uint8Array.of(0xff, 0xfe) }))).toEqual([
      './chart/templates/x.yaml.eta: the file is not UTF-8 text; save it as UTF-8 (CHART_INVALID)',
    ])
  })
  it('may be a picture elsewhere in the chart', () => {
    expect(lines(project({ ...sampleProject, 'chart/files/logo.png': Uint8Array.of(0x89, 0x50, 0) }))).toEqual([])
  })
})

describe('a CustomResourceDefinition', () => {
  const withCrd = (text: string): string[] => lines(project({ ...sampleProject, 'chart/crds/thing.yaml': text }))
  it.each([
    [
      'without the version',
      crdYaml.replace('name: v1\n', 'name: v2\n'),
      './chart/crds/thing.yaml:9:5: the CustomResourceDefinition has no version v1; it has: v2 (CRD_INVALID)',
    ],
    [
      'whose version is not served',
      crdYaml.replace('served: true', 'served: false'),
      './chart/crds/thing.yaml:10:15: version v1 is not served; set served: true (CRD_INVALID)',
    ],
    [
      'whose version is not served, but another one',
      crdYaml
        .replace('served: true', 'served: false')
        .replace('    - name: v1', '    - {name: v2, served: true, storage: false}\n    - name: v1'),
      './chart/crds/thing.yaml:11:15: version v1 is not served; set served: true, or watch one that is: v2 (CRD_INVALID)',
    ],
    [
      'of an old API',
      crdYaml.replace('k8s.io/v1', 'k8s.io/v1beta1'),
      './chart/crds/thing.yaml:1:13: a CustomResourceDefinition has apiVersion apiextensions.k8s.io/v1; the API server has served no other since 1.22 (CRD_INVALID)',
    ],
    [
      'without a plural',
      crdYaml.replace(', plural: things', ''),
      './chart/crds/thing.yaml:7:10: names.plural is missing; give the plural that stands in URLs, e.g. apps (CRD_INVALID)',
    ],
    [
      'without versions',
      crdYaml.slice(0, crdYaml.indexOf('  versions:')),
      './chart/crds/thing.yaml:5:3: the CustomResourceDefinition has no version v1; it has: none (CRD_INVALID)',
    ],
    [
      'with a type that is none',
      crdYaml.replace('type: integer', 'type: int'),
      './chart/crds/thing.yaml:21:31: properties.spec.properties.size.type must be one of "array", "boolean", "integer", "null", "number", "object", "string", not "int" (CRD_INVALID)',
    ],
    [
      'with a property that has no schema',
      crdYaml.replace('{ type: integer, minimum: 1 }', ''),
      './chart/crds/thing.yaml:21:17: properties.spec.properties.size must be an object or boolean, not null (CRD_INVALID)',
    ],
    [
      'with an item that is a keyword',
      crdYaml.replace('required: [size]', 'required: true'),
      './chart/crds/thing.yaml:19:25: properties.spec.required must be an array, not true (CRD_INVALID)',
    ],
  ])('%s is refused', (_title, text, message) => {
    expect(withCrd(text)).toEqual([message])
  })
  it('tells every fault of its schema', () => {
    expect(withCrd(crdYaml.replace('type: integer, minimum: 1', 'type: int, minimum: one'))).toHaveLength(2)
  })
  it('of another kind is not used', () => {
    expect(withCrd(crdYaml.replaceAll('Thing', 'Thong'))).toEqual([
      expect.stringContaining('there is no CustomResourceDefinition of Thing.demo.io in the chart'),
    ])
  })
  it('is not expected of a built-in kind', () => {
    const files = { ...sampleProject, 'watches.yaml': '- {version: v1, kind: ConfigMap, chart: chart}\n' }
    expect(
      lines(project({ ...files, 'chart/templates/config.yaml.eta': '' })).filter((line) => line.includes('CustomResourceDefinition')),
    ).toEqual([])
  })
})

describe('problems', () => {
  it('of watches.yaml and of charts are told together', () => {
    const folder = project({
      ...sampleProject,
      'watches.yaml': `${watchesYaml}  reconcilePriod: 1m\n`,
      'chart/templates/config.yaml.eta': 'a: <%= it.x\n',
      'chart/values.yaml': 'a: [\n',
    })
    expect(new Set(load(folder).problems.map(({ at }) => at?.file.split('/').at(-1)))).toEqual(
      new Set(['watches.yaml', 'config.yaml.eta', 'values.yaml']),
    )
    expect(load(folder).definition).toBeUndefined()
  })
  it('of an overridden value name its line', () => {
    const folder = project({ ...sampleProject, 'watches.yaml': `${watchesYaml}  overrideValues:\n    "a..b": 1\n` })
    expect(load(folder).problems).toMatchObject([{ at: { file: join(folder, 'watches.yaml'), line: 6 } }])
  })
})
