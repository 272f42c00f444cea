/** Objects of the cluster, as `it.resources` and look-ups give them. */
import type { KubernetesObject } from '../../api/object.ts'
import { gatedReadiness } from '../../reconcile/ready-when.ts'
import { unwrap } from '../view.ts'
import { type LibraryFunction, Refusal } from './signature.ts'

const isObject = (value: unknown): value is KubernetesObject => {
  const { kind, apiVersion, metadata } = value as Partial<KubernetesObject>
  return typeof kind === 'string' && typeof apiVersion === 'string' && typeof metadata === 'object' && metadata !== null
}

export const objectFunctions: readonly LibraryFunction[] = [
  {
    name: 'readiness',
    summary:
      'How far an object is, by the rules of its kind and by its annotation `fairlead.dev/ready-when`: `state` is `current`, `inProgress`, ' +
      '`failed` or `terminating`; `reason` and `message` say why. Null, which is an object that is not there, is in progress.',
    parameters: [{ name: 'object', type: 'any' }],
    result: 'map',
    examples: [
      { call: 'readiness(null)', gives: { state: 'inProgress', reason: 'NotFound', message: 'it is not there' } },
      { call: "readiness({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }).state", gives: 'current' },
      {
        call: "readiness({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', generation: 2 }, status: { observedGeneration: 1 } }).state",
        gives: 'inProgress',
      },
      { call: 'readiness({ spec: {} })', refused: 'readiness: it is not an object with apiVersion, kind and metadata' },
    ],
    create: () => (value: unknown) => {
      const object = unwrap(value)
      if (object !== null && (typeof object !== 'object' || !isObject(object)))
        throw new Refusal('it is not an object with apiVersion, kind and metadata')
      const { state, reason, message } = gatedReadiness({ body: object ?? nothing }, object ?? undefined)
      return { state, reason, message }
    },
  },
]

const nothing: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '' } }
