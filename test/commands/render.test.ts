import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/commands/program.ts'
import { project, sampleProject, thing, watchesYaml } from '../definition/project.ts'

interface Given {
  files?: Readonly<Record<string, string>>
  input?: string
  arguments?: string[]
  environment?: Record<string, string>
  colours?: boolean
}

async function render({ files = {}, input = thing, arguments: more = [], environment = {}, colours = false }: Given = {}) {
  const folder = project({ ...sampleProject, ...files })
  let [out, error] = ['', '']
  const code = await main(['render', '-', '--watches', join(folder, 'watches.yaml'), ...more], {
    out: (text) => void (out += text),
    error: (text) => void (error += text.replaceAll(folder, '.')),
    input: async () => input,
    environment,
    colours,
    interactive: false,
    now: () => 0,
  })
  return { code, out, error }
}

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: one
  namespace: default
data:
  size: '3'
  colour: blue
  shape: round
`

describe('fairlead render', () => {
  it('prints what the custom resource becomes, with the defaults of its schema', async () => {
    expect(await render()).toEqual({ code: 0, out: configMap, error: '' })
  })
  it('gives the same bytes every time', async () => {
    expect((await render()).out).toBe((await render()).out)
  })
  it('prints one document for each custom resource', async () => {
    const { out } = await render({ input: `${thing}---\n${thing.replace('one', 'two')}` })
    expect(out).toBe(`${configMap}---\n${configMap.replace('one', 'two')}`)
  })
  it('prints JSON, and several documents as a list', async () => {
    const single = await render({ arguments: ['--output', 'json'] })
    expect(JSON.parse(single.out)).toMatchObject({ kind: 'ConfigMap' })
    const several = await render({ arguments: ['--output', 'json'], input: `${thing}---\n${thing}` })
    expect(JSON.parse(several.out)).toMatchObject({ kind: 'List', items: [{ kind: 'ConfigMap' }, { kind: 'ConfigMap' }] })
  })
  it('reads a file', async () => {
    const folder = project({ ...sampleProject, 'one.yaml': thing })
    let out = ''
    const terminal = {
      out: (text: string) => void (out += text),
      error: () => {},
      input: async () => '',
      environment: {},
      colours: false,
      interactive: false,
      now: () => 0,
    }
    expect(await main(['render', join(folder, 'one.yaml'), '--watches', join(folder, 'watches.yaml')], terminal)).toBe(0)
    expect(out).toBe(configMap)
  })
  it('takes values of the environment with their type', async () => {
    const files = { 'watches.yaml': `${watchesYaml}  overrideValues:\n    shape: \${SHAPE}\n` }
    expect((await render({ files, environment: { SHAPE: 'square' } })).out).toContain('shape: square\n')
    expect(await render({ files })).toEqual({
      code: 1,
      out: '',
      error:
        './watches.yaml:6:12: the environment variable SHAPE is not set; set it, or give a default: ${SHAPE:-…} (WATCH_UNSET_VARIABLE)\n',
    })
  })
  it('names the file where values.schema.json refuses the spec', async () => {
    const schema = JSON.stringify({ properties: { size: { maximum: 2 } } })
    expect((await render({ files: { 'chart/values.schema.json': schema } })).error).toBe(
      'standard input: spec.size must be <= 2 (VALUES_INVALID)\n',
    )
  })
  it('prints a warning and goes on', async () => {
    expect(await render({ input: `${thing}  color: red\n` })).toEqual({
      code: 0,
      out: configMap,
      error:
        'warning: standard input:7:3: spec.color is not in the schema, and the API server would drop it; did you mean "colour"? (CR_INVALID)\n',
    })
  })
  it('prints nothing but problems where there is one, with exit code 1', async () => {
    expect(await render({ input: thing.replace('3', '0') })).toEqual({
      code: 1,
      out: '',
      error: 'standard input:6:9: spec.size must be >= 1, not 0 (CR_INVALID)\n',
    })
  })
  it('names the line of a template', async () => {
    const template = `${sampleProject['chart/templates/config.yaml.eta']}  wrong: <%= it.spec.colur %>\n`
    const { code, error } = await render({ files: { 'chart/templates/config.yaml.eta': template } })
    expect(code).toBe(1)
    expect(error).toMatch(/^\.\/chart\/templates\/config\.yaml\.eta:9:\d+: .*colur.* did you mean "colour"\?/)
  })
  it('prints what the primary cannot own beside what it can', async () => {
    const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: <%= it.name %>\n'
    const { code, out } = await render({ files: { 'chart/templates/role.yaml.eta': role } })
    expect(code).toBe(0)
    expect(out).toMatch(/kind: ClusterRole\nmetadata:\n  name: \S+\n/)
  })
  it('tells of a file that is not there', async () => {
    const folder = project(sampleProject)
    let error = ''
    const terminal = {
      out: () => {},
      error: (text: string) => void (error += text),
      input: async () => '',
      environment: {},
      colours: false,
      interactive: false,
      now: () => 0,
    }
    expect(await main(['render', join(folder, 'none.yaml'), '--watches', join(folder, 'watches.yaml')], terminal)).toBe(1)
    expect(error).toBe(`${join(folder, 'none.yaml')}: there is no such file (FILE_MISSING)\n`)
  })
  it('tells all problems of a definition', async () => {
    const { error } = await render({ files: { 'watches.yaml': `${watchesYaml}  x: 1\n  y: 2\n` } })
    expect(error.trim().split('\n')).toHaveLength(2)
  })
  it('shows colours only where they are asked for', async () => {
    const input = thing.replace('3', '0')
    expect((await render({ input })).error).not.toContain('\u001b')
    expect((await render({ input, colours: true })).error).toContain('\u001b[31m')
  })
})
