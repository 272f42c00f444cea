/** Ingresses, their classes, addresses and ranges of addresses. (pkg/apis/networking/validation; pkg/registry/networking) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { fieldIsImmutable } from '../../registry/object-meta.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required, tooLong } from '../../status/field-error.ts'
import { parseIp, parseNetwork, validateIp, validateLegacyIp, validateNetwork } from '../addresses.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import {
  byteLength,
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegment,
  isPortName,
  isPortNumber,
  isWildcardDns1123Subdomain,
} from '../names.ts'
import { annotationOf, checkDomainPrefixedPath, checkImmutable, printed } from './checks.ts'
import { loadBalancerAddresses } from './service.ts'
import { strategyOf } from './strategy.ts'
import { checkText, draftAt, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

const group = 'networking.k8s.io'
const classAnnotation = 'kubernetes.io/ingress.class'
const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class'
const longestController = 250
const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])
const segment = (name: string) => isPathSegment(name, false)

const requiredText = (path: string, value: unknown, check: (text: string) => readonly string[]): FieldError[] =>
  textOf(value) ? checkText(path, textOf(value), check) : [required(path)]

function validateIngress(ingress: KubernetesObject): FieldError[] {
  const spec = specOf(ingress)
  const rules = listOf(spec['rules'])
  const errors: FieldError[] = []
  if (rules.length === 0 && !isSet(spec['defaultBackend']))
    errors.push(invalidValue('spec', spec['rules'], 'either `defaultBackend` or `rules` must be specified'))
  if (isSet(spec['defaultBackend'])) errors.push(...checkBackend(fieldsOf(spec['defaultBackend']), 'spec.defaultBackend'))
  errors.push(...forItems(rules, 'spec.rules', checkRule), ...forItems(spec['tls'], 'spec.tls', checkTls))
  if (isSet(spec['ingressClassName']))
    errors.push(...checkText('spec.ingressClassName', textOf(spec['ingressClassName']), isDns1123Subdomain))
  return errors
}

function validateNewIngress(ingress: KubernetesObject): FieldError[] {
  const errors = validateIngress(ingress)
  const annotation = annotationOf(ingress, classAnnotation)
  const name = specOf(ingress)['ingressClassName']
  if (annotation !== undefined && isSet(name) && annotation !== name)
    errors.push(invalidValue(`annotations.${classAnnotation}`, annotation, 'must match `ingressClassName` when both are specified'))
  return errors
}

const checkHost = (path: string, host: string): FieldError[] =>
  checkText(path, host, host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain)

function checkRule(rule: Fields, path: string): FieldError[] {
  const host = textOf(rule['host'])
  const errors: FieldError[] = []
  if (host) {
    if (parseIp(host)) errors.push(invalidValue(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    errors.push(...checkHost(`${path}.host`, host))
  }
  if (!isSet(rule['http'])) return errors
  const paths = fieldsOf(rule['http'])['paths']
  if (listOf(paths).length === 0) errors.push(required(`${path}.http.paths`))
  return [...errors, ...forItems(paths, `${path}.http.paths`, checkPath)]
}

function checkPath(entry: Fields, path: string): FieldError[] {
  const text = textOf(entry['path'])
  const type = entry['pathType']
  if (!isSet(type)) return [required(`${path}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const problem = (message: string) => errors.push(invalidValue(`${path}.path`, text, message))
  const absolute = (): void => void (text.startsWith('/') || problem('must be an absolute path'))
  if (type === 'Exact' || type === 'Prefix') {
    absolute()
    for (const part of ['//', '/./', '/../', '%2f', '%2F']) if (text.includes(part)) problem(`must not contain '${part}'`)
    for (const end of ['/..', '/.']) if (text.endsWith(end)) problem(`cannot end with '${end}'`)
  } else if (type === 'ImplementationSpecific') {
    if (text) absolute()
  } else errors.push(notSupported(`${path}.pathType`, type, ['Exact', 'ImplementationSpecific', 'Prefix']))
  return [...errors, ...checkBackend(fieldsOf(entry['backend']), `${path}.backend`)]
}

function checkBackend(backend: Fields, path: string): FieldError[] {
  const { resource, service } = backend
  if (isSet(resource) && isSet(service)) return [invalidValue(path, '', 'cannot set both resource and service backends')]
  if (isSet(resource)) return checkReference(fieldsOf(resource), `${path}.resource`)
  if (!isSet(service)) return [invalidValue(path, '', 'resource or service backend is required')]
  const errors = requiredText(`${path}.service.name`, fieldsOf(service)['name'], isDns1123Label)
  const port = fieldsOf(fieldsOf(service)['port'])
  const [name, number] = [textOf(port['name']), numberOf(port['number'])]
  if (name && number !== 0) errors.push(invalidValue(path, '', 'cannot set both port name & port number'))
  else if (name) errors.push(...checkText(`${path}.service.port.name`, name, isPortName))
  else if (number !== 0)
    for (const message of isPortNumber(number)) errors.push(invalidValue(`${path}.service.port.number`, number, message))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

function checkReference(reference: Fields, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (isSet(reference['apiGroup'])) errors.push(...checkText(`${path}.apiGroup`, textOf(reference['apiGroup']), isDns1123Subdomain))
  for (const part of ['kind', 'name']) errors.push(...requiredText(`${path}.${part}`, reference[part], segment))
  return errors
}

const checkTls = (tls: Fields, path: string): FieldError[] => [
  ...textsOf(tls['hosts']).flatMap((host, index) => checkHost(`${path}.hosts[${index}]`, host)),
  ...(textOf(tls['secretName']) ? checkText(`${path}.secretName`, textOf(tls['secretName']), isDns1123Subdomain) : []),
]

const validateIngressStatus = (ingress: KubernetesObject): FieldError[] =>
  forItems(fieldsOf(fieldsOf(ingress['status'])['loadBalancer'])['ingress'], 'status.loadBalancer.ingress', (item, path) => {
    const [ip, hostname] = [textOf(item['ip']), textOf(item['hostname'])]
    const errors = ip ? validateLegacyIp(`${path}.ip`, ip) : []
    if (hostname) errors.push(...checkText(`${path}.hostname`, hostname, isDns1123Subdomain))
    if (hostname && parseIp(hostname)) errors.push(invalidValue(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'))
    return errors
  })

/** The newest class that is marked as default; of those of one second the first by name. (plugin network/defaultingressclass) */
function defaultClass(classes: Iterable<KubernetesObject>): KubernetesObject | undefined {
  const marked = [...classes].filter((each) => annotationOf(each, defaultClassAnnotation) === 'true')
  const created = ({ metadata }: KubernetesObject): string => metadata.creationTimestamp ?? ''
  return marked.sort((a, b) => created(b).localeCompare(created(a)) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]
}

function validateClass(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const controller = textOf(spec['controller'])
  const errors: FieldError[] = []
  if (byteLength(controller) > longestController) errors.push(tooLong('spec.controller', longestController))
  errors.push(...checkDomainPrefixedPath('spec.controller', controller))
  if (!isSet(spec['parameters'])) return errors
  const path = 'spec.parameters'
  const parameters = fieldsOf(spec['parameters'])
  const { scope, namespace } = parameters
  errors.push(...checkReference(parameters, path))
  if (!isSet(scope)) errors.push(required(`${path}.scope`))
  else if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace']))
  else if (scope === 'Cluster') {
    if (isSet(namespace)) errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (!isSet(namespace)) errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  else errors.push(...checkText(`${path}.namespace`, textOf(namespace), isDns1123Label))
  return errors
}

function hosts(ingress: KubernetesObject): string {
  const rules = listOf(specOf(ingress)['rules'])
  const named = rules.map((rule) => textOf(fieldsOf(rule)['host']))
  const shown: string[] = []
  let more = false
  for (const host of named) {
    if (shown.length === 3) more = true
    if (!more && host) shown.push(host)
  }
  if (shown.length === 0) return '*'
  return more ? `${shown.join(',')} + ${rules.length - 3} more...` : shown.join(',')
}

function parametersText(object: KubernetesObject): string {
  const parameters = specOf(object)['parameters']
  if (!isSet(parameters)) return '<none>'
  const { kind, apiGroup, name } = fieldsOf(parameters)
  return `${textOf(kind)}${isSet(apiGroup) ? `.${textOf(apiGroup)}` : ''}/${textOf(name)}`
}

function parentText(object: KubernetesObject): string {
  if (!isSet(specOf(object)['parentRef'])) return '<none>'
  const parent = fieldsOf(specOf(object)['parentRef'])
  const kind = [textOf(parent['resource']), textOf(parent['group'])].filter((part) => part !== '').join('.')
  return [kind.toLowerCase(), textOf(parent['namespace']), textOf(parent['name'])].filter((part) => part !== '').join('/')
}

function validateAddress(object: KubernetesObject): FieldError[] {
  const path = 'spec.parentRef'
  if (!isSet(specOf(object)['parentRef'])) return [required(path)]
  const parent = fieldsOf(specOf(object)['parentRef'])
  const optional = (name: string, check: (text: string) => readonly string[]): FieldError[] =>
    textOf(parent[name]) ? checkText(`${path}.${name}`, textOf(parent[name]), check) : []
  return [
    ...optional('group', isDns1123Subdomain),
    ...requiredText(`${path}.resource`, parent['resource'], segment),
    ...requiredText(`${path}.name`, parent['name'], segment),
    ...optional('namespace', segment),
  ]
}

function validateRanges(object: KubernetesObject): FieldError[] {
  const path = 'spec.cidrs'
  const ranges = textsOf(specOf(object)['cidrs'])
  if (ranges.length === 0) return [required(path, 'at least one CIDR required')]
  if (ranges.length > 2) return [invalidValue(path, printed({ CIDRs: ranges }), 'may only hold up to 2 values')]
  const errors = ranges.flatMap((range, index) => validateNetwork(`${path}[${index}]`, range))
  const [first, second] = ranges.map((range) => parseNetwork(range)?.address.family)
  if (first !== undefined && first === second)
    errors.push(invalidValue(path, ranges, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'))
  return errors
}

function validateRangesChange(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const [next, last] = [textsOf(specOf(object)['cidrs']), textsOf(specOf(old)['cidrs'])]
  const changed = (index: number): FieldError => invalidValue(`spec.cidrs[${index}]`, next[index] ?? '', fieldIsImmutable)
  if (last.length === next.length) return last.flatMap((range, index) => (range === next[index] ? [] : [changed(index)]))
  if (last.length === 1 && next.length === 2) return [...(next[0] === last[0] ? [] : [changed(0)]), ...validateRanges(object)]
  return [invalidValue('spec.cidrs', next, fieldIsImmutable)]
}

export const networkingKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/ingresses`]: {
    strategy: strategyOf({
      generation: 'spec',
      hasStatus: true,
      prepare(ingress, old, context) {
        const spec = draftAt(ingress, 'spec')
        if (old || isSet(spec['ingressClassName']) || annotationOf(ingress, classAnnotation) !== undefined) return
        const found = defaultClass(context.objects.list(`${group}/ingressclasses`))
        if (found) spec['ingressClassName'] = found.metadata.name
      },
      validate: validateNewIngress,
      update: ['metadata change', 'metadata', 'change'],
      validateChange: validateIngress,
      validateStatus: validateIngressStatus,
      warn(ingress, old, warnings) {
        if (!old && annotationOf(ingress, classAnnotation) !== undefined && !isSet(specOf(ingress)['ingressClassName']))
          warnings.push(`annotation ${JSON.stringify(classAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`)
      },
    }),
    columns: columnsOf(
      nameRule,
      [
        column('Class'),
        (ingress) => textOf(specOf(ingress)['ingressClassName']) || (isSet(specOf(ingress)['ingressClassName']) ? '' : '<none>'),
      ],
      [column('Hosts'), hosts],
      [column('Address'), (ingress) => loadBalancerAddresses(ingress['status'])],
      [column('Ports'), (ingress) => (listOf(specOf(ingress)['tls']).length > 0 ? '80, 443' : '80')],
      ageRule,
    ),
  },
  [`${group}/ingressclasses`]: {
    strategy: strategyOf({
      namespaced: false,
      generation: 'spec',
      validate: validateClass,
      validateChange: (object, old) => checkImmutable('spec.controller', specOf(object)['controller'], specOf(old)['controller']),
    }),
    columns: columnsOf(
      [nameRule[0], (object) => `${object.metadata.name}${annotationOf(object, defaultClassAnnotation) === 'true' ? ' (default)' : ''}`],
      [column('Controller'), (object) => textOf(specOf(object)['controller'])],
      [column('Parameters'), parametersText],
      ageRule,
    ),
  },
  [`${group}/ipaddresses`]: {
    strategy: strategyOf({
      namespaced: false,
      validateName: (name) => validateIp('', name).map(({ message }) => message.replace(/^Invalid value: "(?:[^"\\]|\\.)*": /, '')),
      validate: validateAddress,
      update: ['metadata', 'object', 'metadata change', 'change'],
      validateChange: (object, old) => checkImmutable('spec.parentRef', specOf(object)['parentRef'], specOf(old)['parentRef']),
    }),
    columns: columnsOf(nameRule, [column('ParentRef'), parentText], ageRule),
    selectableFields: new Map(
      ['group', 'resource', 'namespace', 'name'].map((part) => [
        `spec.parentRef.${part}`,
        (object: KubernetesObject) => textOf(fieldsOf(specOf(object)['parentRef'])[part]),
      ]),
    ),
  },
  [`${group}/servicecidrs`]: {
    strategy: strategyOf({
      namespaced: false,
      hasStatus: true,
      validate: validateRanges,
      update: ['metadata change', 'change'],
      validateChange: validateRangesChange,
    }),
    columns: columnsOf(nameRule, [column('CIDRs'), (object) => textsOf(specOf(object)['cidrs']).join(',')], ageRule),
  },
}
