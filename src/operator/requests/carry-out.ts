/** One request from its begin to its answer, whatever its kind does: with a time limit, and with an end after it was broken off. */
import type { Clock } from '../../api/clock.ts'
import type { KubernetesObject } from '../../api/object.ts'
import type { Response } from '../../reconcile/walk.ts'
import type { Logger } from '../log.ts'
import { primaryName } from '../pass-report.ts'
import { type Around, type BreakOff, type EffectRequest, failed, type RequestContext, type RequestKind, unanswered } from './request.ts'

export interface CarryOutOptions {
  kinds: ReadonlyMap<string, RequestKind>
  clock: Clock
  log: Pick<Logger, 'error'>
  /** See Around. */
  watch: Around['watch']
}

/** Milliseconds for a request that was broken off to say what it knows. */
const lastWords = 5_000

/** Never rejects. @param controller breaks it off; aborted by this when it takes too long @param step for the log */
export async function carryOut(
  asked: EffectRequest,
  { primary, context, step }: { primary: KubernetesObject; context: RequestContext; step: string },
  controller: AbortController,
  { kinds, clock, log, watch }: CarryOutOptions,
): Promise<Response> {
  const kind = kinds.get(asked.kind)
  if (!kind) return failed(`this operator has no step kind "${asked.kind}" with an effect`)
  const request = { ...asked, timeout: asked.timeout ?? kind.timeout }
  const cancel = clock.after(request.timeout + (kind.grace ?? 0), () => controller.abort('timeout' satisfies BreakOff))
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<Response>()
  let forget: (() => void) | undefined
  const listen = (): void =>
    void (forget = clock.after(lastWords, () => abandon(unanswered('it was broken off and does not end', request))))
  controller.signal.addEventListener('abort', listen, { once: true })
  try {
    return await Promise.race([kind.run(request, { primary, context, signal: controller.signal, clock, watch }), abandoned])
  } catch (error) {
    // What it threw can hold what it sent.
    log.error({ primary: primaryName(primary), step }, `a request of kind ${kind.kind} ended in a fault of the operator: ${nameOf(error)}`)
    return unanswered('it ended in a fault of the operator', request)
  } finally {
    cancel()
    controller.signal.removeEventListener('abort', listen)
    forget?.()
  }
}

/** The class of an error, and its code where it has one: its message may have in it what was sent. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? `${error.name} ${code}` : error.name
}
