import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { folderOf, layers, readSources, violations } from './layers.ts'

const sources = fileURLToPath(new URL('../src', import.meta.url))
const files = readSources(sources)

describe('the folders of src', () => {
  it('import only downward, without circles, and the pure ones without clock, randomness or Node', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(violations(files)).toEqual([])
  })

  it('stand in the table of layers below everything that they import', () => {
    const order = Object.keys(layers)
    for (const [folder, { imports }] of Object.entries(layers))
      for (const imported of imports) expect(order.indexOf(imported), `${folder} imports ${imported}`).toBeLessThan(order.indexOf(folder))
  })
})

describe('what breaks a layer is named', () => {
  const cases: [title: string, path: string, text: string, expected: string][] = [
    [
      'an import upward',
      'fields/set.ts',
      "import type { Plan } from '../reconcile/plan.ts'",
      'src/fields/set.ts imports ../reconcile/plan.ts: fields may import only api',
    ],
    [
      'a re-export over several lines',
      'kube/a/b.ts',
      "export {\n  x,\n} from '../../cache/store.ts'",
      'src/kube/a/b.ts imports ../../cache/store.ts: kube may import only api',
    ],
    [
      'a Node module in a pure folder',
      'yaml/read.ts',
      "import 'node:fs'",
      'src/yaml/read.ts imports node:fs: yaml has to run without Node',
    ],
    [
      'a lazy import',
      'api/x.ts',
      "const later = await import('../kube/client.ts')",
      'src/api/x.ts imports ../kube/client.ts: api may import only itself',
    ],
    [
      'a clock',
      'reconcile/x.ts',
      '/* Date.now() */\nconst now = Date.now() // why',
      'src/reconcile/x.ts:2 uses Date.now(: time, randomness and the process come in as arguments',
    ],
    ['a folder without a layer', 'misc/x.ts', '', 'src/misc/x.ts: "misc" has no layer; add it to test/layers.ts'],
  ]
  it.each(cases)('%s', (_title, path, text, expected) => {
    expect(violations([{ path, text }])).toEqual([expected])
  })

  it('a circle of imports', () => {
    const circle = [
      { path: 'api/a.ts', text: "import './b.ts'" },
      { path: 'api/b.ts', text: "import { a } from './a.ts'" },
    ]
    expect(violations(circle)).toEqual(['circle of imports: src/api/a.ts → src/api/b.ts → src/api/a.ts'])
  })
})

describe('the pure middle', () => {
  it('bundles for a browser, without a module of Node', async () => {
    const entry = files.filter(({ path }) => layers[folderOf(path)]?.pure).map(({ path }) => `import './${path}'`)
    expect(entry.length).toBeGreaterThan(0)
    const { errors } = await build({
      stdin: { contents: entry.join('\n'), resolveDir: sources, sourcefile: 'pure.ts' },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      treeShaking: false,
      logLevel: 'silent',
    })
    expect(errors).toEqual([])
  })
})
