/** `logs`: the last lines that a container has written. */
import { resourcePath } from '../../kube/paths.ts'
import type { LogsInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { mostAnswerBytes, refused, type RequestKind } from './request.ts'
import { asInputs } from './secrets.ts'

const pods = { group: '', version: 'v1', plural: 'pods', namespaced: true } as const

export const logsRequests: RequestKind = {
  kind: 'logs',
  timeout: 30_000,
  async run(request, { primary, context, signal }): Promise<Response> {
    const { pod: name, namespace = primary.metadata.namespace, container, tail = 100, previous } = asInputs<LogsInputs>(request.inputs)
    try {
      const text = await context.client.request<unknown>({
        method: 'GET',
        path: resourcePath(pods, { namespace, name, subresource: 'log' }),
        query: { container, tailLines: tail, limitBytes: mostAnswerBytes, previous },
        accept: 'text/plain, */*',
        signal,
      })
      return { kind: 'answered', value: { text: String(text) } }
    } catch (error) {
      return refused(error, request)
    }
  },
}
