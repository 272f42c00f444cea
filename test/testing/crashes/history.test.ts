import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { namespacesOf, readHistory, withNames, workplaceOf } from '../../../src/testing/crashes/history.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-history-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  const file = join(folder, 'crashes.yaml')
  writeFileSync(file, text)
  return readHistory(file)
}

describe('a history file', () => {
  it('is read to steps, with the managers that are said or taken', () => {
    const history = read(`
title: shelves
namespaces: [abroad]
steps:
  - title: a shelf
    apply: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: "\${abroad}" } }]
  - title: an edit
    patch: { data: { a: "1" } }
    of: { apiVersion: v1, kind: ConfigMap, name: a }
    manager: kubectl-edit
  - title: another chart
    restart: { remove: [charts/a.yaml] }
    meanwhile: [{ delete: { apiVersion: v1, kind: ConfigMap, name: a } }]
`)
    expect(history).toMatchObject({ title: 'shelves', project: join(folder, 'operator'), before: [] })
    expect(history.steps.map(({ title, action }) => [title, action.kind, 'manager' in action && action.manager])).toEqual([
      ['a shelf', 'apply', 'history'],
      ['an edit', 'patch', 'kubectl-edit'],
      ['another chart', 'restart', false],
    ])
    expect(withNames(history.steps[0]?.action, namespacesOf(history, 'crash-1'))).toMatchObject({
      objects: [{ metadata: { name: 'a', namespace: 'crash-1-abroad' } }],
    })
  })

  it('says how the operator is started, where it works, what becomes of dependents, and takes objects from files', () => {
    writeFileSync(join(folder, 'objects.yaml'), 'kind: One\n---\nkind: Two\n')
    const history = read(`
title: everywhere
project: both.yaml
flags: [--install-crds]
scope: cluster
before:
  - apply: [objects.yaml, { kind: Three }]
steps:
  - title: gone
    delete: { apiVersion: v1, kind: ConfigMap, name: a }
    cascade: orphan
  - title: let go
    restart: {}
    flags: [--release-orphans]
`)
    expect(history).toMatchObject({
      project: join(folder, 'both.yaml'),
      flags: ['--install-crds'],
      before: [{ objects: [{ kind: 'One' }, { kind: 'Two' }, { kind: 'Three' }] }],
      steps: [{ action: { cascade: 'orphan' } }, { action: { flags: ['--release-orphans'] } }],
    })
    expect(workplaceOf(history, { namespace: 'crash' })).toEqual([])
  })

  it.each([
    ['a flag that there is not', 'title: a\nflags: [--whatever]\nsteps: []', '"--whatever" is none of --install-crds, --release-orphans'],
    ['a field that there is not', 'title: a\nsteps: []\nwhatever: 1', '"whatever" is none of title, project'],
    ['a step that does nothing', 'title: a\nsteps: [{ title: a }]', 'step 1: it does one of apply, create, patch, delete, restart'],
    ['a step that does two things', 'title: a\nsteps: [{ title: a, apply: [], delete: {} }]', 'step 1: it does one of'],
    ['a patch of nothing', 'title: a\nsteps: [{ title: a, patch: {} }]', 'step 1: it does not say what is patched'],
    ['a step without a title', 'title: a\nsteps: [{ apply: [] }]', 'step 1: it has no title'],
  ])('%s is refused', (_title, text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})
