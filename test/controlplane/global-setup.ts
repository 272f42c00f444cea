/** One control plane for all test files of a run; each test gets a namespace in it (fixture.ts). */
import type { TestProject } from 'vitest/node'
import type { ControlPlaneAccess } from './cluster.ts'
import { startControlPlane } from './control-plane.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: ControlPlaneAccess
    /** What answers at that address. */
    server: 'control plane' | 'sandbox'
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane({ nodes: 2, say: (line) => console.error(`control plane: ${line}`) })
  project.provide('controlPlane', controlPlane.access)
  project.provide('server', 'control plane')
  return async () => await controlPlane.stop()
}
