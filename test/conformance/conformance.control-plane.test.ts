/**
 * Every case on the sandbox and on the real control plane: the answers are equal, or differ as it is known. The control plane is one of its
 * own, since what other tests define would be in the answers.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ControlPlane, startControlPlane } from '../controlplane/control-plane.ts'
import { runOnBoth } from './compare.ts'
import { casesOf, groups } from './groups.ts'
import { startSandbox, type StartedSandbox } from './sandbox-server.ts'

let real: ControlPlane
let sandbox: StartedSandbox
beforeAll(async () => {
  real = await startControlPlane({ nodes: 2 })
  sandbox = await startSandbox(2)
})
afterAll(async () => {
  await sandbox.stop()
  await real.stop()
})

for (const group of groups) {
  const list = await casesOf(group)
  if (list.length === 0) continue
  describe(group, { concurrent: true }, () => {
    for (const each of list)
      it(each.title, { timeout: 180_000 }, async ({ expect: check }) => {
        const { differences } = await runOnBoth(real.access, sandbox.endpoint, each)
        if (each.differs === undefined) check(differences).toEqual([])
        else check(differences, `is equal, so it does not differ because ${each.differs}`).not.toEqual([])
      })
  })
}

it('compares something', () => {
  expect(groups.length).toBeGreaterThan(20)
})
