/**
 * The test function for tests on the real control plane.
 *
 * `cluster`: a namespace for the test alone, on the control plane that the whole run shares. `ownControlPlane`: starts another one, for
 * a test that stops the server; it is stopped when the test ends, however it ends.
 */
import { inject, test as base } from 'vitest'
import { Cluster } from './cluster.ts'
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from './control-plane.ts'
// For the type of what is provided.
import type {} from './global-setup.ts'

export type { Cluster } from './cluster.ts'
export type { ControlPlane, ControlPlaneOptions } from './control-plane.ts'
export type { Response, ResponseBody } from './request.ts'

export const test = base
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend('cluster', async ({}, { onCleanup }) => {
    const cluster = await Cluster.open(inject('controlPlane'))
    onCleanup(async () => await cluster.close())
    return cluster
  })
  // oxlint-disable-next-line no-empty-pattern -- as above
  .extend('ownControlPlane', async ({}, { onCleanup }) => {
    const started: Promise<ControlPlane>[] = []
    onCleanup(async () => {
      for (const controlPlane of await Promise.allSettled(started)) if (controlPlane.status === 'fulfilled') await controlPlane.value.stop()
    })
    return async (options?: ControlPlaneOptions): Promise<ControlPlane> => {
      const starting = startControlPlane(options)
      started.push(starting)
      return await starting
    }
  })
