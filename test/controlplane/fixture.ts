/**
 * The test function for tests on a cluster: the sandbox in `npm test`, the real control plane in `npm run test:control-plane`.
 *
 * `cluster`: a namespace for the test alone, on the server that the whole run shares. `ownControlPlane`: starts another one, for a test
 * that stops the server; it is stopped when the test ends, however it ends.
 */
import { inject, test as base } from 'vitest'
import { Cluster } from './cluster.ts'
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from './control-plane.ts'
import { startSandboxControlPlane } from './sandbox.ts'
// For the type of what is provided.
import type {} from './global-setup.ts'

/** What a test does with a server of its own. */
export type OwnControlPlane = Pick<
  ControlPlane,
  'access' | 'server' | 'kubeconfig' | 'startApiServer' | 'stopApiServer' | 'restartApiServer' | 'cluster' | 'stop'
>

export type { Cluster } from './cluster.ts'
export type { ControlPlane, ControlPlaneOptions } from './control-plane.ts'
export type { Response, ResponseBody } from './request.ts'

/** True on the real control plane; for what the sandbox does not emulate: `test.runIf(onControlPlane)`. */
export const onControlPlane: boolean = inject('server') === 'control plane'

export const test = base
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend('cluster', async ({}, { onCleanup }) => {
    const cluster = await Cluster.open(inject('controlPlane'))
    onCleanup(async () => await cluster.close())
    return cluster
  })
  // oxlint-disable-next-line no-empty-pattern -- as above
  .extend('ownControlPlane', async ({}, { onCleanup }) => {
    const started: Promise<OwnControlPlane>[] = []
    const start = inject('server') === 'sandbox' ? startSandboxControlPlane : startControlPlane
    onCleanup(async () => {
      for (const controlPlane of await Promise.allSettled(started)) if (controlPlane.status === 'fulfilled') await controlPlane.value.stop()
    })
    return async (options?: ControlPlaneOptions): Promise<OwnControlPlane> => {
      const starting = start(options)
      started.push(starting)
      return await starting
    }
  })
