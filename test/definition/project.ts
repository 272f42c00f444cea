/** Small projects on disk for tests: files by path, in a folder of their own that is removed after the test. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Writes the files and gives the folder's path. */
export function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-project-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

export const watchesYaml = '- group: demo.io\n  version: v1\n  kind: Thing\n  chart: chart\n'

export const crdYaml = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.demo.io }
spec:
  group: demo.io
  scope: Namespaced
  names: { kind: Thing, plural: things }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: { type: integer, minimum: 1 }
                colour: { type: string, default: blue }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`

/** A watch of \`Thing\` and a chart that renders one ConfigMap. */
export const sampleProject: Readonly<Record<string, string>> = {
  'watches.yaml': watchesYaml,
  'chart/Chart.yaml': 'apiVersion: v2\nname: thing\nversion: 0.1.0\n',
  'chart/values.yaml': 'shape: round\n',
  'chart/crds/thing.yaml': crdYaml,
  'chart/templates/config.yaml.eta': `apiVersion: v1
kind: ConfigMap
metadata:
  name: <%= it.name %>
data:
  size: "<%= it.spec.size %>"
  colour: <%= it.spec.colour %>
  shape: <%= it.values.shape %>
`,
}

export const thing = 'apiVersion: demo.io/v1\nkind: Thing\nmetadata:\n  name: one\nspec:\n  size: 3\n'
