/** Network policies. (pkg/apis/networking/validation; pkg/registry/networking/networkpolicy) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { networkAddress, networkContains, parseNetwork, validateLegacyNetwork } from '../addresses.ts'
import { ageRule, column, columnsOf, formatLabelSelector, nameRule } from '../columns.ts'
import { isPortName, isPortNumber } from '../names.ts'
import { checkSelector } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

const protocols = ['TCP', 'UDP', 'SCTP']
const policyTypes = ['Ingress', 'Egress']
const specOf = (policy: KubernetesObject): Fields => fieldsOf(policy['spec'])

function validatePolicy(policy: KubernetesObject, kept: ReadonlySet<string> = new Set()): FieldError[] {
  const spec = specOf(policy)
  const errors = checkSelector('spec.podSelector', spec['podSelector'])
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    errors.push(
      ...forItems(spec[direction], `spec.${direction}`, (rule, path) => [
        ...forItems(rule['ports'], `${path}.ports`, checkPort),
        ...forItems(rule[peers], `${path}.${peers}`, (peer, at) => checkPeer(peer, at, kept)),
      ]),
    )
  const types = textsOf(spec['policyTypes'])
  if (types.length > policyTypes.length)
    return [...errors, invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  for (const [index, type] of types.entries())
    if (!policyTypes.includes(type)) errors.push(notSupported(`spec.policyTypes[${index}]`, type, policyTypes))
  return errors
}

function checkPort(entry: Fields, path: string): FieldError[] {
  const { protocol, port, endPort } = entry
  const errors: FieldError[] = []
  const problem = (at: string, value: unknown, message: string): void => void errors.push(invalidValue(`${path}.${at}`, value, message))
  if (isSet(protocol) && !protocols.includes(textOf(protocol))) errors.push(notSupported(`${path}.protocol`, protocol, protocols))
  if (!isSet(port)) {
    if (isSet(endPort)) problem('endPort', endPort, 'may not be specified when `port` is not specified')
  } else if (typeof port === 'string') {
    if (isSet(endPort)) problem('endPort', endPort, 'may not be specified when `port` is non-numeric')
    errors.push(...checkText(`${path}.port`, port, isPortName))
  } else {
    for (const message of isPortNumber(numberOf(port))) problem('port', port, message)
    if (!isSet(endPort)) return errors
    if (numberOf(endPort) < numberOf(port)) problem('endPort', port, 'must be greater than or equal to `port`')
    for (const message of isPortNumber(numberOf(endPort))) problem('endPort', endPort, message)
  }
  return errors
}

function checkPeer(peer: Fields, path: string, kept: ReadonlySet<string>): FieldError[] {
  const parts = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((part) => isSet(peer[part]))
  const errors = parts.flatMap((part) =>
    part === 'ipBlock' ? checkBlock(fieldsOf(peer[part]), `${path}.${part}`, kept) : checkSelector(`${path}.${part}`, peer[part]),
  )
  if (parts.length === 0) return [...errors, required(path, 'must specify a peer')]
  return parts.length > 1 && isSet(peer['ipBlock']) ? [...errors, forbidden(path, 'may not specify both ipBlock and another peer')] : errors
}

function checkBlock(block: Fields, path: string, kept: ReadonlySet<string>): FieldError[] {
  const text = textOf(block['cidr'])
  if (!text) return [required(`${path}.cidr`)]
  const check = (at: string, value: string): FieldError[] => (kept.has(value) ? [] : validateLegacyNetwork(at, value))
  const errors = check(`${path}.cidr`, text)
  const network = parseNetwork(text)
  if (!network) return errors
  for (const [index, except] of textsOf(block['except']).entries()) {
    const at = `${path}.except[${index}]`
    errors.push(...check(at, except))
    const inner = parseNetwork(except)
    if (inner && (!networkContains(network, networkAddress(inner)) || network.prefix >= inner.prefix))
      errors.push(invalidValue(at, except, 'must be a strict subset of `cidr`'))
  }
  return errors
}

/** Ranges that were there before may stay, however they are written. */
function rangesOf(policy: KubernetesObject): ReadonlySet<string> {
  const spec = specOf(policy)
  const peers = [
    ...listOf(spec['ingress']).flatMap((rule) => listOf(fieldsOf(rule)['from'])),
    ...listOf(spec['egress']).flatMap((rule) => listOf(fieldsOf(rule)['to'])),
  ]
  return new Set(
    peers.flatMap((peer) => {
      const block = fieldsOf(fieldsOf(peer)['ipBlock'])
      return [textOf(block['cidr']), ...textsOf(block['except'])]
    }),
  )
}

export const networkPolicyKinds: Readonly<Record<string, KindBehaviour>> = {
  'networking.k8s.io/networkpolicies': {
    strategy: strategyOf({
      generation: 'spec and empty',
      validate: (policy) => validatePolicy(policy),
      update: ['metadata change', 'change'],
      validateChange: (policy, old) => validatePolicy(policy, rangesOf(old)),
    }),
    columns: columnsOf(nameRule, [column('Pod-Selector'), (policy) => formatLabelSelector(specOf(policy)['podSelector'])], ageRule),
  },
}
