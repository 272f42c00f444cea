/** One sandbox for all test files of a run, in the place of the control plane; each test gets a namespace in it (fixture.ts). */
import type { TestProject } from 'vitest/node'
import { startSandboxControlPlane } from './sandbox.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const sandbox = await startSandboxControlPlane({ nodes: 2, say: (line) => console.error(`sandbox: ${line}`) })
  project.provide('controlPlane', sandbox.access)
  project.provide('server', 'sandbox')
  return async () => await sandbox.stop()
}
