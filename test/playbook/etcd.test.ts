import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PlaybookProgram } from '../../src/playbook/program.ts'
import { compileFiles, filesOf, sampleInputs, sha256 } from './sample.ts'

const files = filesOf(join(import.meta.dirname, 'etcd'))

describe('the playbook of an etcd cluster', () => {
  it('compiles, and says which of its acts are not guarded', () => {
    const { playbook, errors, problems } = compileFiles(files, { file: 'etcd.yaml' })
    expect(errors).toEqual([])
    expect(playbook?.steps.map(({ title }) => title).slice(0, 4)).toEqual(['Names and certificates', 'members', 'pods', 'volumes'])
    expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'STEP_UNGUARDED'))
  })

  it('first reads what it is to watch', () => {
    const { playbook, scopeOf } = compileFiles(files, { file: 'etcd.yaml' })
    if (!playbook || !scopeOf) throw new Error('it does not compile')
    const answer = new PlaybookProgram({ playbook, scopeOf, sha256 }).next(sampleInputs())
    expect(answer).toMatchObject({ kind: 'needs', needs: [{ kind: { kind: 'Pod' } }, { kind: { kind: 'PersistentVolumeClaim' } }] })
  })
})
