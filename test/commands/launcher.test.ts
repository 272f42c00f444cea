import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { project, sampleProject, thing } from '../definition/project.ts'

const start = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const launcher = join(root, 'bin/fairlead.js')

describe('bin/fairlead.js', () => {
  it('runs the sources', async () => {
    expect((await start(process.execPath, [launcher, '--version'])).stdout).toBe(`${packageJson.version}\n`)
  })

  it('runs by `npm exec` on the pinned Node, whatever Node comes first', async () => {
    // Without the project's own folder, a plain `node` is that of the machine.
    const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
    const { stdout } = await start('npm', ['exec', '--offline', 'fairlead', '--', '--version'], {
      cwd: root,
      env: { ...process.env, PATH: path.join(delimiter) },
    })
    expect(stdout).toBe(`${packageJson.version}\n`)
  }, 30_000)

  it('tells what to do on a Node that is too old', async () => {
    // The version is what the launcher asks for, so an old Node can be played by the one that is there.
    const old = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.19.5' })"
    const failure = await start(process.execPath, ['--import', old, launcher, 'render', 'app.yaml']).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`needs Node 22.19 or later, and this is ${process.version}`),
    })
    expect(failure).toHaveProperty('stderr', expect.stringContaining(`: npx -p node@24 node ${launcher} render app.yaml\n`))
  })

  it('tells what to do in a clone without dependencies, on any Node', async () => {
    const clone = project({ 'package.json': '{ "type": "module" }', 'src/main.ts': 'throw new Error()' })
    mkdirSync(join(clone, 'bin'))
    copyFileSync(launcher, join(clone, 'bin/fairlead.js'))
    await expect(start(process.execPath, [join(clone, 'bin/fairlead.js'), '--help'])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`: npm ci --prefix ${clone}`),
    })
  })

  it('loads neither the Kubernetes client nor the HTTP client for --help and render', async () => {
    const folder = project({ ...sampleProject, 'one.yaml': thing })
    const hooks = `import { registerHooks } from 'node:module'
      registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context) } })`
    for (const commandLine of [['--help'], ['render', 'one.yaml']]) {
      const { stderr } = await start(
        process.execPath,
        ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, launcher, ...commandLine],
        { cwd: folder, maxBuffer: 2 ** 24 },
      )
      expect(stderr).toContain('src/main.ts')
      expect(stderr).not.toMatch(/client-node|undici|src\/(kube|cache|queue|operator)\/(?!options)|pino|prom-client/)
    }
  })
})
