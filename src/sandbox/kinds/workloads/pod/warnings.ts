/** What the server advises against in pods and templates, though it accepts it. (api/pod/warnings.go) */
import { isDns1123Label } from '../../names.ts'
import { isFractional } from '../checks.ts'
import { same } from '../equality.ts'
import type { Container, ContainerPort, PodSpec, PodTemplate } from '../shapes.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { locatedContainers } from './located.ts'

/** Names of kinds whose pods are named after them. */
export function warnOfHostname(warnings: string[], name: string, of = 'Pod names and hostnames'): void {
  const problems = isDns1123Label(name)
  if (problems.length > 0)
    warnings.push(
      `metadata.name: this is used in ${of}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
    )
}

/** Drops what is switched off, and warns; nothing for a template that has not changed. */
export function prepareTemplate(warnings: string[], path: string, template: PodTemplate | undefined, old: PodTemplate | undefined): void {
  dropDisabledFields(template?.spec, old?.spec)
  if (!template?.spec || (old && same(template, old))) return
  warnOfPodSpec(warnings, `${path}.spec`, template.spec)
}

const betaLabels = [
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]
const replacements: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}
const since = (label: string): string => (betaLabels.slice(0, 2).includes(label) ? 'v1.14' : 'v1.17')

export function warnOfPodSpec(warnings: string[], path: string, spec: PodSpec): void {
  for (const label of Object.keys(spec.nodeSelector ?? {}))
    if (Object.hasOwn(replacements, label))
      warnings.push(`${path}.nodeSelector[${label}]: deprecated since ${since(label)}; use "${replacements[label]}" instead`)
  for (const { name = '', projected } of spec.volumes ?? [])
    for (const source of projected?.sources ?? [])
      if (Object.keys(source).length === 0) warnings.push(`volume ${JSON.stringify(name)} (Projected) has no sources provided`)
  spec.topologySpreadConstraints?.forEach(({ labelSelector }, index) => {
    if (!labelSelector)
      warnings.push(`${path}.topologySpreadConstraints[${index}].labelSelector: a null labelSelector results in matching no pod`)
  })
  warnOfRepeated(
    warnings,
    spec.hostAliases?.map(({ ip = '' }) => ip),
    (index, ip) => `${path}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`,
  )
  const pullSecrets = spec.imagePullSecrets?.map(({ name = '' }) => name)
  warnOfRepeated(warnings, pullSecrets, (index, name) => `${path}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`)
  pullSecrets?.forEach((name, index) => {
    if (name === '') warnings.push(`${path}.imagePullSecrets[${index}].name: invalid empty name ""`)
  })
  const located = locatedContainers(spec, path)
  for (const [at, container] of located) warnOfContainer(warnings, at, container)
  warnOfPorts(warnings, located)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warnings.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
}

function warnOfRepeated(warnings: string[], values: readonly string[] | undefined, text: (index: number, value: string) => string): void {
  values?.forEach((value, index) => {
    if (values.indexOf(value) < index) warnings.push(text(index, value))
  })
}

function warnOfContainer(warnings: string[], path: string, { resources = {}, env = [] }: Container): void {
  for (const name of ['memory', 'ephemeral-storage'])
    for (const kind of ['limits', 'requests'] as const) {
      const value = resources[kind]?.[name]
      if (value !== undefined && isFractional(value))
        warnings.push(`${path}.resources.${kind}[${name}]: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`)
    }
  env.forEach(({ name = '', value = '', valueFrom }, index) => {
    const earlier = env.findIndex((other) => (other.name ?? '') === name) < index
    if (earlier && (valueFrom || !value.includes(`$(${name})`) || value === `$(${name})`))
      warnings.push(`${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
  })
}

function warnOfPorts(warnings: string[], located: readonly (readonly [string, Container])[]): void {
  const ports = located.flatMap(([path, { ports: own = [] }]) => own.map((port, index) => ({ path: `${path}.ports[${index}]`, port })))
  ports.forEach(({ path, port }, index) => {
    for (const other of ports.slice(0, index)) {
      if (port.containerPort !== other.port.containerPort || port.protocol !== other.port.protocol) continue
      const problem = clash(port, other.port)
      if (problem) warnings.push(`${path}: ${problem} port definition with ${other.path}`)
    }
  })
  const names = new Map<string, string>()
  for (const { path, port } of ports) {
    if (!port.name) continue
    const first = names.get(port.name)
    if (first)
      warnings.push(
        `${path}: duplicate port name ${JSON.stringify(port.name)} with ${first}, services and probes that select ports by name will use ${first}`,
      )
    else names.set(port.name, path)
  }
}

function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [address, otherAddress] = [port.hostIP ?? '', other.hostIP ?? '']
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0]
  if (address === otherAddress && host === otherHost) return 'duplicate'
  if (host === 0 || otherHost === 0) return 'overlapping'
  return host === otherHost && (address === '') !== (otherAddress === '') ? 'dangerously ambiguous' : undefined
}
