/**
 * Requests for certificates, which a test may approve, and the API services of other servers.
 *
 * (pkg/apis/certificates/validation; pkg/registry/certificates; kube-aggregator, apis/apiregistration/validation)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import { type FieldError, duplicate, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { ageRule, column, columnsOf, humanDuration, nameRule } from '../columns.ts'
import { isDns1123Subdomain, nameIsDnsSubdomain } from '../names.ts'
import { checkImmutable } from './checks.ts'
import { type KindRules, strategyOf } from './strategy.ts'
import { checkText, draftAt, type Fields, fieldsOf, forItems, isSet, listOf, numberOf, textOf, textsOf } from './values.ts'

const specOf = (object: KubernetesObject): Fields => fieldsOf(object['spec'])
const conditionsOf = (object: KubernetesObject): readonly Fields[] => listOf(fieldsOf(object['status'])['conditions']).map(fieldsOf)
const shortestSeconds = 600
const knownUsages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
const requester = ['username', 'uid', 'groups', 'extra']

function validateRequest(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const errors: FieldError[] = []
  const usages = textsOf(spec['usages'])
  const request = textOf(spec['request'])
  if (!Buffer.from(request, 'base64').includes('-----BEGIN CERTIFICATE REQUEST-----'))
    errors.push(invalidValue('spec.request', request === '' ? null : request, 'PEM block type must be CERTIFICATE REQUEST'))
  if (usages.length === 0) errors.push(required('spec.usages'))
  for (const [index, usage] of usages.entries()) if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage))
  for (const [index, usage] of usages.entries())
    if (!knownUsages.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, knownUsages))
  errors.push(...checkSignerName(textOf(spec['signerName'])))
  const seconds = spec['expirationSeconds']
  if (isSet(seconds) && numberOf(seconds) < shortestSeconds)
    errors.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
  return [...errors, ...checkConditions(object)]
}

function checkSignerName(name: string): FieldError[] {
  const path = 'spec.signerName'
  const [domain = '', ...rest] = name.split('/')
  if (!name) return [required(path)]
  if (rest.length !== 1)
    return [invalidValue(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  return checkText(path, domain, isDns1123Subdomain)
}

function checkConditions(object: KubernetesObject): FieldError[] {
  const seen = new Set<string>()
  const types = conditionsOf(object).map(({ type }) => textOf(type))
  const errors = forItems(fieldsOf(object['status'])['conditions'], 'status.conditions', (condition, path) => {
    const [type, status] = [textOf(condition['type']), textOf(condition['status'])]
    const problems: FieldError[] = type ? [] : [required(`${path}.type`)]
    if (!status) problems.push(required(`${path}.status`))
    else if (['Approved', 'Denied', 'Failed'].includes(type)) {
      if (status !== 'True') problems.push(notSupported(`${path}.status`, status, ['True']))
    } else if (!['True', 'False', 'Unknown'].includes(status))
      problems.push(notSupported(`${path}.status`, status, ['True', 'False', 'Unknown']))
    if (seen.has(type)) problems.push(duplicate(`${path}.type`, type))
    seen.add(type)
    return problems
  })
  if (types.includes('Approved') && types.includes('Denied'))
    errors.push(invalidValue('status.conditions', null, 'Approved and Denied conditions are mutually exclusive'))
  return errors
}

const rules: KindRules = {
  namespaced: false,
  hasStatus: true,
  validateName: nameIsDnsSubdomain,
  prepare(object, old, { user }) {
    const spec = draftAt(object, 'spec')
    if (old) return void (object['spec'] = old['spec'])
    for (const part of requester) delete spec[part]
    spec['username'] = user.username
    if (user.uid !== undefined) spec['uid'] = user.uid
    if (user.groups.length > 0) spec['groups'] = [...user.groups]
  },
  validate: validateRequest,
  update: ['metadata change', 'metadata', 'object'],
}

/** PUT of conditions that approve or deny; nothing else is taken from it. */
const approval: Strategy = strategyOf({
  ...rules,
  prepare(object, old, context) {
    if (!old) return
    object['spec'] = old['spec']
    const conditions = conditionsOf(object).map((condition) => ({
      ...condition,
      lastUpdateTime: condition['lastUpdateTime'] ?? context.now(),
      lastTransitionTime: condition['lastTransitionTime'] ?? context.now(),
    }))
    object['status'] = { ...fieldsOf(old['status']), ...(conditions.length > 0 && { conditions }) }
  },
})

function requestState(object: KubernetesObject): string {
  const has = (type: string): boolean => conditionsOf(object).some((condition) => condition['type'] === type)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  const issued = textOf(fieldsOf(object['status'])['certificate']) ? ',Issued' : ''
  return `${decision}${has('Failed') ? ',Failed' : ''}${issued}`
}

function validateService(object: KubernetesObject): FieldError[] {
  const spec = specOf(object)
  const [group, version] = [textOf(spec['group']), textOf(spec['version'])]
  const expected = `${version}.${group}`
  const errors: FieldError[] = []
  if (object.metadata.name !== expected)
    errors.push(invalidValue('metadata.name', object.metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`))
  if (group) errors.push(...checkText('spec.group', group, isDns1123Subdomain))
  if (!version) errors.push(required('spec.version'))
  for (const part of ['groupPriorityMinimum', 'versionPriority']) {
    const [value, limit] = [numberOf(spec[part]), part === 'versionPriority' ? 1000 : 20000]
    if (value <= 0 || value > limit) errors.push(invalidValue(`spec.${part}`, value, `must be positive and less than ${limit}`))
  }
  const service = spec['service']
  if (!isSet(service)) {
    if (textOf(spec['caBundle'])) errors.push(invalidValue('spec.caBundle', '0 bytes', 'local APIServices may not have a caBundle'))
    if (spec['insecureSkipTLSVerify'] === true)
      errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'))
    return errors
  }
  for (const part of ['namespace', 'name']) if (!textOf(fieldsOf(service)[part])) errors.push(required(`spec.service.${part}`))
  if (spec['insecureSkipTLSVerify'] === true && textOf(spec['caBundle']))
    errors.push(forbidden('spec.insecureSkipTLSVerify', 'may not be true if caBundle is present'))
  return errors
}

function serviceText(object: KubernetesObject): string {
  const service = specOf(object)['service']
  return isSet(service) ? `${textOf(fieldsOf(service)['namespace'])}/${textOf(fieldsOf(service)['name'])}` : 'Local'
}

function availability(object: KubernetesObject): string {
  const found = conditionsOf(object).find(({ type }) => type === 'Available')
  if (!found) return 'Unknown'
  return found['status'] === 'True' ? 'True' : `${textOf(found['status'])} (${textOf(found['reason'])})`
}

export const certificateKinds: Readonly<Record<string, KindBehaviour>> = {
  'certificates.k8s.io/certificatesigningrequests': {
    strategy: strategyOf(rules),
    columns: columnsOf(
      nameRule,
      ageRule,
      [column('SignerName'), (object) => textOf(specOf(object)['signerName']) || '<none>'],
      [column('Requestor'), (object) => textOf(specOf(object)['username'])],
      [
        column('RequestedDuration'),
        (object) =>
          isSet(specOf(object)['expirationSeconds']) ? humanDuration(numberOf(specOf(object)['expirationSeconds']) * 1000) : '<none>',
      ],
      [column('Condition'), requestState],
    ),
    selectableFields: new Map([['spec.signerName', (object: KubernetesObject) => textOf(specOf(object)['signerName'])]]),
    subresources: { approval: { kind: 'write', verbs: ['get', 'patch', 'update'], strategy: approval } },
  },
  'apiregistration.k8s.io/apiservices': {
    strategy: strategyOf({
      namespaced: false,
      hasStatus: true,
      unconditionalUpdate: false,
      validate: validateService,
      update: ['metadata change', 'metadata', 'object', 'change'],
      validateChange: (object, old) => checkImmutable('metadata.name', object.metadata.name, old.metadata.name),
    }),
    columns: columnsOf(nameRule, [column('Service'), serviceText], [column('Available'), availability], ageRule),
  },
}
