/** Nodes. (pkg/registry/core/node; pkg/apis/core/validation) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, duplicate, forbidden, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { isLabelValue, isQualifiedName } from '../names.ts'
import { validateLegacyNetwork } from '../addresses.ts'
import { printed } from './checks.ts'
import { strategyOf } from './strategy.ts'
import { checkText, type Fields, fieldsOf, forItems, isSet, listOf, sameValue, textOf, textsOf } from './values.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const rolePrefix = 'node-role.kubernetes.io/'

const specOf = (node: KubernetesObject): Fields => fieldsOf(node['spec'])
const statusOf = (node: KubernetesObject): Fields => fieldsOf(node['status'])
const infoOf = (node: KubernetesObject): Fields => fieldsOf(statusOf(node)['nodeInfo'])

function checkTaints(taints: unknown): FieldError[] {
  const seen = new Set<string>()
  return forItems(taints, 'metadata.taints', (taint, path) => {
    const [key, value, effect] = [textOf(taint['key']), textOf(taint['value']), textOf(taint['effect'])]
    const errors = [...checkText(`${path}.key`, key, isQualifiedName), ...checkText(`${path}.value`, value, isLabelValue)]
    if (!effect) errors.push(required(`${path}.effect`))
    else if (!effects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, effects))
    const identity = `${effect}/${key}`
    if (seen.has(identity)) errors.push(duplicate(path, printed(printedTaint(taint))))
    seen.add(identity)
    return errors
  })
}

const printedTaint = (taint: Fields) => ({
  Key: textOf(taint['key']),
  Value: textOf(taint['value']),
  Effect: textOf(taint['effect']),
  TimeAdded: taint['timeAdded'] ?? null,
})

function validateNode(node: KubernetesObject): FieldError[] {
  const spec = specOf(node)
  const errors = checkTaints(spec['taints'])
  const ranges = textsOf(spec['podCIDRs'])
  for (const [index, range] of ranges.entries()) errors.push(...validateLegacyNetwork(`spec.podCIDRs[${index}]`, range))
  return errors
}

function validateChange(node: KubernetesObject, old: KubernetesObject): FieldError[] {
  const [spec, before] = [specOf(node), specOf(old)]
  const errors = checkTaints(spec['taints'])
  if (textOf(before['providerID']) && spec['providerID'] !== before['providerID'])
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  if (listOf(before['podCIDRs']).length > 0 && !sameValue(spec['podCIDRs'], before['podCIDRs']))
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  return errors
}

function readiness(node: KubernetesObject): string {
  const ready = listOf(statusOf(node)['conditions'])
    .map(fieldsOf)
    .findLast(({ type }) => type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'
  return specOf(node)['unschedulable'] === true ? `${state},SchedulingDisabled` : state
}

function roles({ metadata: { labels = {} } }: KubernetesObject): string {
  const found = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)]
    return key === 'kubernetes.io/role' ? [value] : []
  })
  return [...new Set(found.filter((role) => role !== ''))].sort().join(',') || '<none>'
}

const address =
  (type: string) =>
  (node: KubernetesObject): string => {
    const found = listOf(statusOf(node)['addresses'])
      .map(fieldsOf)
      .find((each) => each['type'] === type)
    return found ? textOf(found['address']) : '<none>'
  }

const info =
  (name: string) =>
  (node: KubernetesObject): string =>
    textOf(infoOf(node)[name]) || '<unknown>'

export const nodeKinds: Readonly<Record<string, KindBehaviour>> = {
  '/nodes': {
    strategy: strategyOf({
      namespaced: false,
      hasStatus: true,
      validate: validateNode,
      update: ['metadata', 'object', 'metadata change', 'change'],
      validateChange,
    }),
    columns: columnsOf(
      nameRule,
      [column('Status'), readiness],
      [column('Roles'), roles],
      ageRule,
      [column('Version'), (node) => textOf(infoOf(node)['kubeletVersion'])],
      [column('Internal-IP', 'string', 'wide'), address('InternalIP')],
      [column('External-IP', 'string', 'wide'), address('ExternalIP')],
      [column('OS-Image', 'string', 'wide'), info('osImage')],
      [
        column('Kernel-Version', 'string', 'wide'),
        (node) => info('kernelVersion')(node) + (textOf(infoOf(node)['architecture']) ? ` (${textOf(infoOf(node)['architecture'])})` : ''),
      ],
      [column('Container-Runtime', 'string', 'wide'), info('containerRuntimeVersion')],
    ),
    selectableFields: new Map([
      [
        'spec.unschedulable',
        (node: KubernetesObject) => String(isSet(specOf(node)['unschedulable']) && specOf(node)['unschedulable'] === true),
      ],
    ]),
    subresources: { proxy: { kind: 'connect', responseKind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] } },
  },
}
