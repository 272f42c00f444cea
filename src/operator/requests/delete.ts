/**
 * `delete`: objects go, each bound to its UID, and it ends when they are gone. What is not there any more is as good as deleted. All are
 * deleted before any is waited for: a volume claim goes when the pod that uses it has.
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { Resource } from '../../kube/client.ts'
import { sleep } from '../../kube/deadline.ts'
import { ApiError } from '../../kube/errors.ts'
import { findObject } from '../../kube/find.ts'
import { deleteBound } from '../../kube/writes.ts'
import type { DeleteInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { type Around, brokenOff, failed, refused, type RequestKind } from './request.ts'
import { asInputs } from './secrets.ts'
import { targetOf } from './target.ts'

interface Going {
  object: KubernetesObject
  resource: Resource
  title: string
}

/** Milliseconds between two looks: at first, and at most. */
const [firstPause, longestPause] = [250, 5_000]

export const deleteRequests: RequestKind = {
  kind: 'delete',
  timeout: 600_000,
  async run(request, around): Promise<Response> {
    const { objects, foreign, propagation = 'Background' } = asInputs<DeleteInputs>(request.inputs)
    const { context, signal } = around
    const gone: string[] = []
    const deleted: string[] = []
    const going: Going[] = []
    const value = () => ({ deleted, gone })
    try {
      for (const reference of objects) {
        const target = await targetOf(reference, foreign, around)
        if (target.kind === 'refused') return failed(target.message, value())
        const { title } = target
        const { kind } = target.kind === 'found' ? await deleteOne(target) : { kind: 'absent' }
        if (kind === 'absent') gone.push(title)
        else deleted.push(title)
        if (kind === 'terminating' && target.kind === 'found') going.push(target)
      }
      const staying = await waitFor(going, around)
      return staying === undefined
        ? { kind: 'answered', value: value() }
        : failed(`${staying.title} is deleted and not gone${finalizersOf(staying)}: ${brokenOff(signal, request)}`, value())
    } catch (error) {
      return refused(error, request)
    }

    function deleteOne({ object: { metadata }, resource }: Going) {
      return deleteBound(context.client, resource, metadata, { uid: metadata.uid as string, propagation, signal })
    }
  },
}

/** Resolves when all are gone; to one that is not where it is broken off. A look that fails is made again. */
async function waitFor(going: readonly Going[], { context, signal, clock }: Around): Promise<Going | undefined> {
  for (const each of going) {
    const { object, resource } = each
    let pause = firstPause
    for (let current: KubernetesObject | undefined = object; current; ) {
      if (!(await sleep(clock, pause, signal))) return { ...each, object: current }
      pause = Math.min(longestPause, pause * 2)
      const last: KubernetesObject = current
      const found = await findObject(context.client, resource, object.metadata, signal).catch((error: unknown) => {
        if (error instanceof ApiError) return last
        throw error
      })
      current = found?.metadata.uid === object.metadata.uid ? found : undefined
    }
  }
  return undefined
}

const finalizersOf = ({ object: { metadata } }: Going): string =>
  metadata.finalizers?.length ? `, since it has the finalizers ${metadata.finalizers.join(', ')}` : ''
