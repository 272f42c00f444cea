/** `scale`: the number of replicas of an object, through its scale subresource. */
import { fieldManager } from '../../api/names.ts'
import { scaleBound } from '../../kube/writes.ts'
import type { ScaleInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { failed, refused, type RequestKind } from './request.ts'
import { asInputs } from './secrets.ts'
import { targetOf } from './target.ts'

export const scaleRequests: RequestKind = {
  kind: 'scale',
  timeout: 30_000,
  async run(request, around): Promise<Response> {
    const { target: reference, replicas, foreign } = asInputs<ScaleInputs>(request.inputs)
    const { primary, context, signal } = around
    try {
      const target = await targetOf(reference, foreign, around)
      if (target.kind === 'refused') return failed(target.message)
      if (target.kind === 'gone') return failed(`${target.title} is not there`)
      const { object, resource } = target
      if (!resource.subresources.includes('scale')) return failed(`a ${object.kind} cannot be scaled: its kind has no scale subresource`)
      const uid = object.metadata.uid as string
      const manager = fieldManager('acts', primary.metadata.uid as string)
      await scaleBound(context.client, resource, object.metadata, { manager, uid, replicas, signal })
      return { kind: 'answered', value: { replicas } }
    } catch (error) {
      return refused(error, request)
    }
  },
}
