/** Every case on the sandbox alone, where there is no real control plane to compare with: each goes through and is answered. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { runAlone } from './compare.ts'
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
      it(each.title, { timeout: 60_000 }, async ({ expect }) => {
        const answers = await runAlone(sandbox.endpoint, each)
        // The server never breaks on a request: a plain 500 is a fault of its own unless the real one says the same.
        expect(JSON.stringify(answers)).not.toContain('TypeError')
      })
  })
}
