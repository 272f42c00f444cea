/** Every case on the sandbox and on the real control plane: the answers are equal, or differ as it is known. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
// For the type of what is provided.
import type {} from '../controlplane/global-setup.ts'
import { runOnBoth } from './compare.ts'
import { casesOf, groups } from './groups.ts'
import { startSandbox, type StartedSandbox } from './sandbox-server.ts'

let sandbox: StartedSandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(async () => await sandbox.stop())

for (const group of groups) {
  const list = await casesOf(group)
  if (list.length === 0) continue
  describe(group, { concurrent: true }, () => {
    for (const each of list)
      it(each.title, { timeout: 180_000 }, async ({ expect: check }) => {
        const { differences } = await runOnBoth(inject('controlPlane'), sandbox.endpoint, each)
        if (each.differs === undefined) check(differences).toEqual([])
        else check(differences, `is equal, so it does not differ because ${each.differs}`).not.toEqual([])
      })
  })
}

it('compares something', () => {
  expect(groups.length).toBeGreaterThan(20)
})
