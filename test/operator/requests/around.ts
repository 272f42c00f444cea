/** What a request of a kind is given, for tests of kinds. */
import type { JsonObject, KubernetesObject } from '../../../src/api/object.ts'
import { systemClock } from '../../../src/kube/deadline.ts'
import type { PassContext } from '../../../src/operator/pass-context.ts'
import type { Around, EffectRequest } from '../../../src/operator/requests/request.ts'

export const effect = (kind: string, inputs: object, more: Partial<EffectRequest> = {}): EffectRequest => ({
  kind,
  inputs: inputs as JsonObject,
  id: 'steps/act',
  idempotencyKey: '0123456789abcdef0123456789abcdef',
  timeout: 30_000,
  hash: '0123456789abcdef',
  attempt: 1,
  isRepeated: false,
  ...more,
})

export const around = (
  primary: KubernetesObject,
  context: PassContext,
  signal = new AbortController().signal,
  watch: Around['watch'] = () => () => {},
): Around => ({
  primary,
  context,
  signal,
  clock: systemClock,
  watch,
})
