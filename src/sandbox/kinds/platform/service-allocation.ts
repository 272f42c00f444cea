/**
 * What the server gives to a Service: cluster IPs, families, node ports.
 *
 * The cluster has one range of IPv4 addresses and one of ports. What is in use is what the stored Services hold, so nothing has to be
 * released. Runs before validation, as upstream, and so refuses alone. (pkg/registry/core/service/storage, alloc.go and storage.go)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { WriteContext } from '../../registry/resource.ts'
import { internalError, invalid } from '../../status/api-error.ts'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { formatIp, networkAddress, networkContains, parseIp, parseNetwork } from '../addresses.ts'
import { clusterIpsOf, isExternal, needsHealthCheck, portsOf, specOf, validateClusterIps } from './service-validation.ts'
import { type Draft, draftAt, type Fields, isDraft, isSet, listOf, numberOf, sameValue, textOf, textsOf } from './values.ts'

const range = '10.96.0.0/16'
const size = 65536
/** The first addresses and ports are for those who ask for one by name, while there are others. */
const reservedIps = 256
const reservedPorts = 86
const firstPort = 30000
const lastPort = 32767
const firstPretendedPort = 32769

/** Fills in and allocates. Throws ApiError (422, 500). */
export function allocate(service: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext): void {
  const spec = draftAt(service, 'spec')
  const before = old && specOf(old)
  if (before) keepAllocated(spec, before)
  syncClusterIps(spec, before)
  fillFamilies(service, spec, before)
  allocateIps(service, spec, before, context)
  allocatePorts(service, spec, before, old, context)
}

/** What a client leaves out that it was given before, it keeps. */
function keepAllocated(spec: Draft, before: Fields): void {
  if (!isExternal(before) && !isExternal(spec)) {
    if (!textOf(spec['clusterIP'])) copy(spec, before, 'clusterIP')
    if (clusterIpsOf(spec).length === 0) copy(spec, before, 'clusterIPs')
  }
  if (getsNodePorts(before) && getsNodePorts(spec)) {
    const used = new Set(portsOf(before).map((port) => numberOf(port['nodePort'])))
    const taken = new Set(
      portsOf(spec)
        .map((port) => numberOf(port['nodePort']))
        .filter((port) => port !== 0 && used.has(port)),
    )
    const byName = new Map(portsOf(before).map((port) => [textOf(port['name']), numberOf(port['nodePort'])]))
    for (const port of listOf(spec['ports'])) {
      if (!isDraft(port) || numberOf(port['nodePort']) !== 0) continue
      const last = byName.get(textOf(port['name'])) ?? 0
      if (last !== 0 && !taken.has(last)) port['nodePort'] = last
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec) && numberOf(spec['healthCheckNodePort']) === 0)
    copy(spec, before, 'healthCheckNodePort')
}

const getsNodePorts = (spec: Fields): boolean =>
  spec['type'] === 'NodePort' || (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false)

function copy(to: Draft, from: Fields, name: string): void {
  if (isSet(from[name])) to[name] = structuredClone(from[name])
}

/** clusterIP and clusterIPs tell the same; a client may know only the first. */
function syncClusterIps(spec: Draft, before: Fields | undefined): void {
  const single = textOf(spec['clusterIP'])
  if (!before) {
    if (single && clusterIpsOf(spec).length === 0) spec['clusterIPs'] = [single]
    return
  }
  const last = textOf(before['clusterIP'])
  const same = sameValue(clusterIpsOf(spec), clusterIpsOf(before))
  if (single === last) {
    if (clusterIpsOf(spec).length === 0) copy(spec, before, 'clusterIPs')
  } else if (same && last && !single) delete spec['clusterIPs']
  else if (same) spec['clusterIPs'] = [single]
}

const refuse = (service: KubernetesObject, errors: readonly FieldError[]) =>
  invalid({ group: '', kind: 'Service' }, service.metadata.name, errors)

function fillFamilies(service: KubernetesObject, spec: Draft, before: Fields | undefined): void {
  if (isExternal(spec)) return
  if (before && keepsDualStack(spec, before)) return
  const headless = spec['clusterIP'] === 'None' && Object.keys(isDraft(spec['selector']) ? spec['selector'] : {}).length === 0
  if (!isSet(spec['ipFamilyPolicy']))
    spec['ipFamilyPolicy'] =
      before && isSet(before['ipFamilyPolicy']) ? before['ipFamilyPolicy'] : headless ? 'RequireDualStack' : 'SingleStack'
  const malformed = validateClusterIps(spec, before)
  if (malformed.length > 0) throw refuse(service, malformed)
  const single = spec['ipFamilyPolicy'] === 'SingleStack'
  const errors: FieldError[] = []
  const problem = (message: string) => errors.push(invalidValue('spec.ipFamilyPolicy', spec['ipFamilyPolicy'], message))
  const ips = () => clusterIpsOf(spec)
  const families = () => textsOf(spec['ipFamilies'])
  if (before) {
    const [lastIps, lastFamilies] = [clusterIpsOf(before), textsOf(before['ipFamilies'])]
    if (single) {
      if (sameValue(ips(), lastIps) && ips().length > 1) spec['clusterIPs'] = ips().slice(0, 1)
      if (sameValue(families(), lastFamilies) && families().length > 1) spec['ipFamilies'] = families().slice(0, 1)
    } else {
      if (ips().length > 0 && ips().length < lastIps.length) problem("must be 'SingleStack' to release the secondary cluster IP")
      if (families().length > 0 && families().length < lastFamilies.length)
        problem("must be 'SingleStack' to release the secondary IP family")
    }
  }
  const several = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
  if (single && ips().length === 2) problem(`${several} cluster IPs are specified`)
  if (single && families().length === 2) problem(`${several} IP families are specified`)
  for (const [index, ip] of ips().entries()) {
    if (ip === 'None') break
    if (index < families().length) continue
    if (parseIp(ip)?.family === 4) spec['ipFamilies'] = [...families(), 'IPv4']
    else errors.push(invalidValue(`spec.clusterIPs[${index}]`, ips(), 'IPv6 is not configured on this cluster'))
  }
  if (errors.length > 0) throw refuse(service, errors)
  if (headless) {
    if (families().length === 0) spec['ipFamilies'] = ['IPv4']
    if (families().length < 2 && !single) spec['ipFamilies'] = [...families(), families()[0] === 'IPv4' ? 'IPv6' : 'IPv4']
    return
  }
  if (spec['ipFamilyPolicy'] === 'RequireDualStack') problem('this cluster is not configured for dual-stack services')
  for (const [index, family] of families().entries())
    if (family !== 'IPv4') errors.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  if (errors.length > 0) throw refuse(service, errors)
  if (families().length === 0) spec['ipFamilies'] = ['IPv4']
}

function keepsDualStack(spec: Fields, before: Fields): boolean {
  return (
    spec['ipFamilyPolicy'] === 'PreferDualStack' &&
    (before['ipFamilyPolicy'] ?? 'PreferDualStack') === 'PreferDualStack' &&
    spec['type'] === before['type'] &&
    ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(textOf(spec['type'])) &&
    sameValue(clusterIpsOf(spec), clusterIpsOf(before)) &&
    sameValue(spec['ipFamilies'], before['ipFamilies'])
  )
}

function allocateIps(service: KubernetesObject, spec: Draft, before: Fields | undefined, context: WriteContext): void {
  if (isExternal(spec) || clusterIpsOf(spec)[0] === 'None') return
  if (before && !isExternal(before)) return
  const ips = textsOf(spec['ipFamilies']).map((_family, index) => {
    const wanted = clusterIpsOf(spec)[index] ?? ''
    return wanted ? claimIp(service, spec, wanted, context) : freeIp(service, context)
  })
  spec['clusterIPs'] = ips
  if (ips[0] !== undefined) spec['clusterIP'] = ips[0]
}

function claimIp(service: KubernetesObject, spec: Fields, ip: string, context: WriteContext): string {
  const network = parseNetwork(range)
  const address = parseIp(ip)
  if (!network || !address) throw internalError(`failed to parse service IP ${JSON.stringify(ip)}`)
  const refused = (why: string) =>
    refuse(service, [invalidValue('spec.clusterIPs', clusterIpsOf(spec), `failed to allocate IP ${ip}: ${why}`)])
  const offset = address.bits - networkAddress(network).bits
  if (!networkContains(network, address) || offset === 0n || offset === BigInt(size - 1))
    throw refused(
      context.dryRun
        ? `the provided IP (${formatIp(address)}) is not in the valid range. The range of valid IPs is ${range}`
        : 'the provided network does not match the current range',
    )
  if (!context.dryRun && usedIps(service, context).has(formatIp(address))) throw refused('provided IP is already allocated')
  return ip
}

function freeIp(service: KubernetesObject, context: WriteContext): string {
  const network = parseNetwork(range)
  if (!network) throw internalError('no range of addresses')
  const base = networkAddress(network).bits
  const at = (offset: number): string => formatIp({ family: 4, bits: base + BigInt(offset) })
  if (context.dryRun) return at(0)
  const used = usedIps(service, context)
  const upper = pick(reservedIps + 1, size - 2, context, (offset) => !used.has(at(offset)))
  const offset = upper ?? pick(1, reservedIps, context, (each) => !used.has(at(each)))
  if (offset === undefined)
    throw internalError(`failed to allocate a serviceIP for Service ${JSON.stringify(service.metadata.name)}: range is full`)
  return at(offset)
}

/** One of `from` to `to` that is free, by chance. */
function pick(from: number, to: number, context: WriteContext, isFree: (candidate: number) => boolean): number | undefined {
  const count = to - from + 1
  const start = Math.floor(context.random() * count)
  for (let step = 0; step < count; step++) {
    const candidate = from + ((start + step) % count)
    if (isFree(candidate)) return candidate
  }
  return undefined
}

const others = (service: KubernetesObject, context: WriteContext): KubernetesObject[] =>
  [...context.objects.list('/services')].filter(
    ({ metadata }) => metadata.namespace !== service.metadata.namespace || metadata.name !== service.metadata.name,
  )

const usedIps = (service: KubernetesObject, context: WriteContext): ReadonlySet<string> =>
  new Set(others(service, context).flatMap((other) => clusterIpsOf(specOf(other))))

/** The ports that are taken, and those that this write takes. */
class PortClaims {
  readonly #used: Set<number>
  readonly #dryRun: boolean
  readonly #context: WriteContext
  #pretended = firstPretendedPort - 1

  constructor(service: KubernetesObject, context: WriteContext) {
    const specs = others(service, context).map(specOf)
    this.#used = new Set(
      specs.flatMap((spec) => [...portsOf(spec).map((port) => numberOf(port['nodePort'])), numberOf(spec['healthCheckNodePort'])]),
    )
    this.#used.delete(0)
    this.#dryRun = context.dryRun
    this.#context = context
  }

  /** What is wrong with taking `port`; nothing if it is taken now. */
  claim(port: number): string | undefined {
    if (!this.#dryRun && (port < firstPort || port > lastPort))
      return `provided port is not in the valid range. The range of valid ports is ${firstPort}-${lastPort}`
    if (this.#used.has(port)) return 'provided port is already allocated'
    this.#used.add(port)
    this.#pretended = Math.max(port, this.#pretended)
    return undefined
  }

  next(): number {
    if (this.#dryRun) {
      this.#pretended++
      return this.#pretended
    }
    const isFree = (port: number): boolean => !this.#used.has(port)
    const upper = pick(firstPort + reservedPorts, lastPort, this.#context, isFree)
    const port = upper ?? pick(firstPort, firstPort + reservedPorts - 1, this.#context, isFree)
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full')
    this.#used.add(port)
    return port
  }
}

function allocatePorts(
  service: KubernetesObject,
  spec: Draft,
  before: Fields | undefined,
  old: KubernetesObject | undefined,
  context: WriteContext,
): void {
  const wantsPorts = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer'
  const needsHealthPort = needsHealthCheck(spec) && !(before && needsHealthCheck(before))
  if (!wantsPorts && !needsHealthPort) return
  const claims = new PortClaims(service, context)
  if (wantsPorts) {
    if (before && old) updatePorts(service, spec, before, claims)
    else createPorts(service, spec, claims)
  }
  if (!needsHealthPort) return
  const wanted = numberOf(spec['healthCheckNodePort'])
  if (wanted === 0) spec['healthCheckNodePort'] = claims.next()
  else {
    const problem = claims.claim(wanted)
    if (problem) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`)
  }
}

/** One number (TCP and UDP) shares one node port. */
function createPorts(service: KubernetesObject, spec: Draft, claims: PortClaims): void {
  const byNumber = new Map<number, number>()
  for (const [index, port] of listOf(spec['ports']).entries()) {
    if (!isDraft(port)) continue
    const [number, wanted] = [numberOf(port['port']), numberOf(port['nodePort'])]
    if (wanted === 0 && !getsNodePorts(spec)) continue
    const shared = byNumber.get(number)
    if (shared !== undefined) {
      if (wanted === 0) port['nodePort'] = shared
      else if (wanted !== shared) claimPort(service, claims, index, wanted)
      continue
    }
    const asked = numberOf(
      portsOf(spec).find((other) => numberOf(other['port']) === number && numberOf(other['nodePort']) !== 0)?.['nodePort'],
    )
    if (asked !== 0) claimPort(service, claims, index, asked)
    port['nodePort'] = asked === 0 ? claims.next() : asked
    byNumber.set(number, numberOf(port['nodePort']))
  }
}

function updatePorts(service: KubernetesObject, spec: Draft, before: Fields, claims: PortClaims): void {
  const kept = new Set(portsOf(before).map((port) => numberOf(port['nodePort'])))
  const taken = new Set<number>()
  for (const [index, port] of listOf(spec['ports']).entries()) {
    if (!isDraft(port)) continue
    const wanted = numberOf(port['nodePort'])
    if (wanted === 0) {
      if (getsNodePorts(spec)) port['nodePort'] = claims.next()
    } else if (!kept.has(wanted) && !taken.has(wanted)) {
      claimPort(service, claims, index, wanted)
      taken.add(wanted)
    }
  }
}

function claimPort(service: KubernetesObject, claims: PortClaims, index: number, port: number): void {
  const problem = claims.claim(port)
  if (problem) throw refuse(service, [invalidValue(`spec.ports[${index}].nodePort`, port, problem)])
}
