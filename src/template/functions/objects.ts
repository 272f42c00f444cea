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
      const { state, reason, message } = readinessOf(value)
      return { state, reason, message }
    },
  },
  {
    name: 'isReady',
    summary: 'Whether an object is as its spec wants it, as `readiness(object).state` says. Null is not ready.',
    parameters: [{ name: 'object', type: 'any' }],
    result: 'boolean',
    examples: [
      { call: 'isReady(null)', gives: false },
      { call: "isReady({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })", gives: true },
    ],
    create: () => (value: unknown) => readinessOf(value).state === 'current',
  },
  {
    name: 'ref',
    summary:
      'The reference by which a step of a playbook names an object: with its UID, so that another object of the same name is not meant. Null, which ' +
      'is an object that is not there, stays null.',
    parameters: [{ name: 'object', type: 'any' }],
    result: 'map or null',
    examples: [
      {
        call: "ref({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', namespace: 'eu', uid: '7f2c' } })",
        gives: { apiVersion: 'v1', kind: 'Pod', namespace: 'eu', name: 'web-0', uid: '7f2c' },
      },
      { call: 'ref(null)', gives: null },
    ],
    create: () => (value: unknown) => {
      const object = objectOf(value)
      if (object === null) return null
      const { namespace, name, uid } = object.metadata
      return {
        apiVersion: object.apiVersion,
        kind: object.kind,
        ...(namespace !== undefined && { namespace }),
        name,
        ...(uid !== undefined && { uid }),
      }
    },
  },
]

function objectOf(value: unknown): KubernetesObject | null {
  const object = unwrap(value)
  if (object === null) return null
  if (typeof object !== 'object' || !isObject(object)) throw new Refusal('it is not an object with apiVersion, kind and metadata')
  return object
}

function readinessOf(value: unknown): ReturnType<typeof gatedReadiness> {
  const object = objectOf(value)
  return gatedReadiness({ body: object ?? nothing }, object ?? undefined)
}

const nothing: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '' } }
