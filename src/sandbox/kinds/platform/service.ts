/**
 * Services: what is given to them, dropped from them, and shown of them.
 *
 * (pkg/registry/core/service; pkg/printers/internalversion)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { type FieldError, forbidden, notSupported, required, invalidValue } from '../../status/field-error.ts'
import { parseIp, validateLegacyIp } from '../addresses.ts'
import { ageRule, column, columnsOf, formatLabels, nameRule } from '../columns.ts'
import { isDns1123Subdomain, nameIsDnsLabel } from '../names.ts'
import { allocate } from './service-allocation.ts'
import { validateServiceChange } from './service-change.ts'
import {
  clusterIpsOf,
  isExternal,
  isHeadless,
  isReachableFromOutside,
  needsHealthCheck,
  portsOf,
  specOf,
  validateService,
} from './service-validation.ts'
import { strategyOf } from './strategy.ts'
import {
  checkText,
  type Draft,
  draftAt,
  type Fields,
  fieldsOf,
  forItems,
  isDraft,
  isSet,
  listOf,
  numberOf,
  sameValue,
  textOf,
  textsOf,
} from './values.ts'

/** On a change of type, what the new one has no use for goes, if the client did not change it too. */
function dropForType(service: KubernetesObject, old: KubernetesObject): void {
  const spec = draftAt(service, 'spec')
  const before = specOf(old)
  const same = (name: string): boolean => sameValue(spec[name], before[name])
  const drop = (target: Draft, name: string): void => void delete target[name]
  if (!isExternal(before) && isExternal(spec)) {
    if (same('clusterIP') && same('clusterIPs')) {
      drop(spec, 'clusterIP')
      drop(spec, 'clusterIPs')
    }
    if (same('ipFamilies')) drop(spec, 'ipFamilies')
    if (same('ipFamilyPolicy')) drop(spec, 'ipFamilyPolicy')
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const last = new Set(portsOf(before).map((port) => numberOf(port['nodePort'])))
    const added = portsOf(spec).some((port) => numberOf(port['nodePort']) !== 0 && !last.has(numberOf(port['nodePort'])))
    if (!added) for (const port of listOf(spec['ports'])) if (isDraft(port)) drop(port, 'nodePort')
  }
  if (needsHealthCheck(before) && !needsHealthCheck(spec) && same('healthCheckNodePort')) drop(spec, 'healthCheckNodePort')
  if (before['type'] === 'LoadBalancer' && spec['type'] !== 'LoadBalancer') {
    if (spec['allocateLoadBalancerNodePorts'] === before['allocateLoadBalancerNodePorts']) drop(spec, 'allocateLoadBalancerNodePorts')
    if (same('loadBalancerClass')) drop(spec, 'loadBalancerClass')
  }
  if (isReachableFromOutside(before) && !isReachableFromOutside(spec) && same('externalTrafficPolicy')) drop(spec, 'externalTrafficPolicy')
  if (isExternal(spec)) drop(spec, 'internalTrafficPolicy')
  if (spec['type'] !== 'LoadBalancer' && isDraft(service['status'])) draftAt(service, 'status')['loadBalancer'] = {}
}

const hasNodePorts = (spec: Fields): boolean => spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer'

function warn(service: KubernetesObject, warnings: string[]): void {
  const spec = specOf(service)
  const type = textOf(spec['type'])
  if (service.metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined)
    warnings.push(
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    )
  const externalIps = listOf(spec['externalIPs']).length > 0
  if (isHeadless(spec)) {
    if (textOf(spec['loadBalancerIP'])) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIps) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec['sessionAffinity'] !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  } else if (externalIps && !isExternal(spec))
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (type === 'ExternalName' && externalIps) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (type !== 'ExternalName' && textOf(spec['externalName']))
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec['trafficDistribution'] === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
}

function validateStatus(service: KubernetesObject): FieldError[] {
  const ingress = fieldsOf(fieldsOf(service['status'])['loadBalancer'])['ingress']
  const path = 'status.loadBalancer.ingress'
  if (specOf(service)['type'] !== 'LoadBalancer' && listOf(ingress).length > 0)
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  return forItems(ingress, path, (item, at) => {
    const [ip, hostname, mode] = [textOf(item['ip']), textOf(item['hostname']), item['ipMode']]
    const errors: FieldError[] = ip ? validateLegacyIp(`${at}.ip`, ip) : []
    if (!isSet(mode)) {
      if (ip) errors.push(required(`${at}.ipMode`, 'must be specified when `ip` is set'))
    } else if (!ip) errors.push(forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
    else if (mode !== 'VIP' && mode !== 'Proxy') errors.push(notSupported(`${at}.ipMode`, mode, ['Proxy', 'VIP']))
    if (!hostname) return errors
    errors.push(...checkText(`${at}.hostname`, hostname, isDns1123Subdomain))
    if (parseIp(hostname)) errors.push(invalidValue(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'))
    return errors
  })
}

/** Addresses of a load balancer's status, as a table shows them. */
export const loadBalancerAddresses = (status: unknown): string =>
  [
    ...new Set(
      listOf(fieldsOf(fieldsOf(status)['loadBalancer'])['ingress']).map(
        (item) => textOf(fieldsOf(item)['ip']) || textOf(fieldsOf(item)['hostname']),
      ),
    ),
  ]
    .filter((address) => address !== '')
    .sort()
    .join(',')

function externalAddresses(service: KubernetesObject): string {
  const spec = specOf(service)
  const own = textsOf(spec['externalIPs'])
  switch (spec['type']) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>'
    case 'LoadBalancer':
      return [loadBalancerAddresses(service['status']), ...own].filter((address) => address !== '').join(',') || '<pending>'
    case 'ExternalName':
      return textOf(spec['externalName'])
    default:
      return '<unknown>'
  }
}

function portText(port: Fields): string {
  const node = numberOf(port['nodePort'])
  return `${numberOf(port['port'])}${node > 0 ? `:${node}` : ''}/${textOf(port['protocol'])}`
}

export const serviceKinds: Readonly<Record<string, KindBehaviour>> = {
  '/services': {
    strategy: strategyOf({
      createOnUpdate: true,
      hasStatus: true,
      returnsDeleted: true,
      validateName: nameIsDnsLabel,
      prepare(service, old, context) {
        allocate(service, old, context)
        if (old) dropForType(service, old)
      },
      validate: validateService,
      warn: (service, _old, warnings) => warn(service, warnings),
      update: ['metadata change', 'change'],
      validateChange: validateServiceChange,
      validateStatus: (service) => validateStatus(service),
    }),
    columns: columnsOf(
      nameRule,
      [column('Type'), (service) => textOf(specOf(service)['type'])],
      [column('Cluster-IP'), (service) => clusterIpsOf(specOf(service))[0] ?? '<none>'],
      [column('External-IP'), externalAddresses],
      [column('Port(s)'), (service) => portsOf(specOf(service)).map(portText).join(',') || '<none>'],
      ageRule,
      [column('Selector', 'string', 'wide'), (service) => formatLabels(specOf(service)['selector'])],
    ),
    selectableFields: new Map([
      ['spec.clusterIP', (service: KubernetesObject) => textOf(specOf(service)['clusterIP'])],
      ['spec.type', (service: KubernetesObject) => textOf(specOf(service)['type'])],
    ]),
    subresources: {
      proxy: { kind: 'connect', responseKind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    },
  },
}
