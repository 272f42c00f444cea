/** The functions that read what a pure one cannot: rows of the reference, run by template/lookup.ts and template/secret-places.ts. */
import { generateSignatures } from './generate.ts'
import type { LibraryFunction } from './signature.ts'

export type InputFunction = Omit<LibraryFunction, 'create'>

const apiVersion = { name: 'apiVersion', type: 'string' } as const
const kind = { name: 'kind', type: 'string' } as const
const namespace = { name: 'namespace', type: 'namespace' } as const

export const lookupSignature: InputFunction = {
  name: 'lookup',
  summary:
    'An object of the cluster, or null if it is not there. It is watched from then on: its change renders the custom resource again. ' +
    'The values of a Secret are handles, which can be inserted only in a Secret. What the operator may not read is an error.',
  parameters: [apiVersion, kind, namespace, { name: 'name', type: 'string' }],
  result: 'map or null',
  examples: [{ call: "lookup('v1', 'ConfigMap', it.namespace, 'zones')?.data.primary", gives: 'eu-1' }],
}

export const lookupAllSignature: InputFunction = {
  name: 'lookupAll',
  summary:
    'All objects of a kind that carry these labels, by namespace and name; without labels, all of them. A namespace of null reads every ' +
    'namespace. They are watched from then on.',
  parameters: [apiVersion, kind, namespace, { name: 'labels', type: 'map', optional: true }],
  result: 'list of maps',
  examples: [
    { call: "lookupAll('v1', 'Service', it.namespace, { tier: 'db' }).map((service) => service.metadata.name)", gives: ['main', 'spare'] },
  ],
}

export const revealSignature: InputFunction = {
  name: 'reveal',
  summary:
    'The text of a secret value, which can then be inserted anywhere and is masked nowhere. base64Decode() it before, if it is of `data`.',
  parameters: [{ name: 'secret', type: 'any' }],
  result: 'string',
  examples: [{ call: "reveal(base64Decode(lookup('v1', 'Secret', it.namespace, 'db').data.user))", gives: 'app' }],
}

/** In the order of the reference. */
export const inputFunctions: readonly InputFunction[] = [
  lookupSignature,
  lookupAllSignature,
  revealSignature,
  ...Object.values(generateSignatures),
]
