/** `delete`: objects go, each bound to its UID. What is not there any more is as good as deleted. */
import { deleteBound } from '../../kube/writes.ts'
import type { DeleteInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { failed, refused, type RequestKind } from './request.ts'
import { asInputs } from './secrets.ts'
import { targetOf } from './target.ts'

export const deleteRequests: RequestKind = {
  kind: 'delete',
  timeout: 60_000,
  async run(request, around): Promise<Response> {
    const { objects, foreign, propagation } = asInputs<DeleteInputs>(request.inputs)
    const deleted: string[] = []
    const gone: string[] = []
    const done = (): { deleted: string[]; gone: string[] } => ({ deleted, gone })
    try {
      for (const reference of objects) {
        const target = await targetOf(reference, foreign, around)
        if (target.kind === 'refused') return failed(target.message, done())
        if (target.kind === 'gone') {
          gone.push(target.title)
          continue
        }
        const { object, resource, title } = target
        const { kind } = await deleteBound(around.context.client, resource, object.metadata, {
          uid: object.metadata.uid as string,
          propagation: propagation ?? 'Background',
          signal: around.signal,
        })
        if (kind === 'absent') gone.push(title)
        else deleted.push(title)
      }
      return { kind: 'answered', value: done() }
    } catch (error) {
      return refused(error, request)
    }
  },
}
