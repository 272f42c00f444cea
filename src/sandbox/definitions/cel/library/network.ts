/** IP addresses and CIDR blocks. (apiserver, cel/library/ip.go and cidr.go) */
import { isIpv4, isIpv6 } from '../../validation/addresses.ts'
import type { Environment } from '../module.ts'

/** An address as a number of `bits` bits. */
class Ip {
  readonly value: bigint
  readonly bits: 32 | 128

  constructor(value: bigint, bits: 32 | 128) {
    this.value = value
    this.bits = bits
  }

  toString(): string {
    return this.bits === 32 ? ipv4Text(this.value) : ipv6Text(this.value)
  }
}

class Cidr {
  readonly ip: Ip
  readonly length: number

  constructor(ip: Ip, length: number) {
    this.ip = ip
    this.length = length
  }

  toString(): string {
    return `${this.ip.toString()}/${this.length}`
  }
}

class IpFunctions {}

const ipv4Text = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
const ipv4Value = (text: string): bigint => text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n)

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  // The longest run of at least two zeros is left out, the first one of equally long ones.
  const [run = ''] = [...groups.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)]
    .map(([each]) => each)
    .sort((a, b) => b.length - a.length)
  if (run === '') return groups.join(':')
  const text = groups.join(':')
  const at = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].find(([each]) => each === run)?.index ?? 0
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + run.length).replace(/^:/, '')}`
}

function ipv6Value(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const plain = dotted
    ? `${dotted[1]}${(ipv4Value(dotted[2] as string) >> 16n).toString(16)}:${(ipv4Value(dotted[2] as string) & 0xffffn).toString(16)}`
    : text
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const first = groups(head)
  const last = tail === undefined ? [] : groups(tail)
  const all = [...first, ...new Array<string>(8 - first.length - last.length).fill('0'), ...last]
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

function parse(text: string): Ip | undefined {
  if (isIpv4(text, false)) return new Ip(ipv4Value(text), 32)
  if (!isIpv6(text, false)) return undefined
  const value = ipv6Value(text)
  // IPv4 in the clothes of IPv6 is not allowed.
  return value >> 32n === 0xffffn ? undefined : new Ip(value, 128)
}

function parseBlock(text: string): Cidr | undefined {
  const [address = '', length = '', more] = text.split('/')
  const ip = more === undefined && /^(0|[1-9]\d*)$/.test(length) ? parse(address) : undefined
  return ip && Number(length) <= ip.bits ? new Cidr(ip, Number(length)) : undefined
}

function ipOf(text: string): Ip {
  const ip = parse(text)
  if (ip === undefined)
    throw new TypeError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    )
  return ip
}

function cidrOf(text: string): Cidr {
  const block = parseBlock(text)
  if (block === undefined)
    throw new TypeError(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`)
  return block
}

const masked = ({ ip, length }: Cidr): Cidr => {
  const host = BigInt(ip.bits - length)
  return new Cidr(new Ip((ip.value >> host) << host, ip.bits), length)
}
const containsIp = (block: Cidr, ip: Ip): boolean => {
  const host = BigInt(block.ip.bits - block.length)
  return ip.bits === block.ip.bits && ip.value >> host === block.ip.value >> host
}
const containsBlock = (block: Cidr, other: Cidr): boolean => other.length >= block.length && containsIp(block, masked(other).ip)

const isMulticast = ({ value, bits }: Ip): boolean => (bits === 32 ? value >> 28n === 0xen : value >> 120n === 0xffn)
const isLoopback = ({ value, bits }: Ip): boolean => (bits === 32 ? value >> 24n === 127n : value === 1n)
const isLinkLocal = ({ value, bits }: Ip): boolean => (bits === 32 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan)
const isLinkLocalMulticast = ({ value, bits }: Ip): boolean =>
  bits === 32 ? value >> 8n === 0xe00000n : isMulticast({ value, bits } as Ip) && ((value >> 112n) & 0xfn) === 2n
const isGlobal = (ip: Ip): boolean =>
  ip.value !== 0n && !(ip.bits === 32 && ip.value === 0xffffffffn) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocal(ip)

export function registerNetwork(environment: Environment): void {
  environment
    .registerType('net.IP', Ip)
    .registerType('net.CIDR', Cidr)
    .registerFunction('ip(string): net.IP', ipOf)
    .registerFunction('isIP(string): bool', (text: string) => parse(text) !== undefined)
    .registerFunction('string(net.IP): string', String)
    .registerFunction('net.IP.family(): int', (ip: Ip) => (ip.bits === 32 ? 4n : 6n))
    .registerFunction('net.IP.isUnspecified(): bool', (ip: Ip) => ip.value === 0n)
    .registerFunction('net.IP.isLoopback(): bool', isLoopback)
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', isLinkLocalMulticast)
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', isLinkLocal)
    .registerFunction('net.IP.isGlobalUnicast(): bool', isGlobal)
    .registerOperator('net.IP == net.IP', (a: Ip, b: Ip) => a.bits === b.bits && a.value === b.value)
    .registerType('kubernetes.IPFunctions', IpFunctions)
    .registerFunction('kubernetes.IPFunctions.isCanonical(string): bool', (_: IpFunctions, text: string) => String(ipOf(text)) === text)
    .registerConstant('ip', 'kubernetes.IPFunctions', new IpFunctions())
    .registerFunction('cidr(string): net.CIDR', cidrOf)
    .registerFunction('isCIDR(string): bool', (text: string) => parseBlock(text) !== undefined)
    .registerFunction('string(net.CIDR): string', String)
    .registerFunction('net.CIDR.containsIP(string): bool', (block: Cidr, text: string) => containsIp(block, ipOf(text)))
    .registerFunction('net.CIDR.containsIP(net.IP): bool', containsIp)
    .registerFunction('net.CIDR.containsCIDR(string): bool', (block: Cidr, text: string) => containsBlock(block, cidrOf(text)))
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsBlock)
    .registerFunction('net.CIDR.ip(): net.IP', (block: Cidr) => block.ip)
    .registerFunction('net.CIDR.masked(): net.CIDR', masked)
    .registerFunction('net.CIDR.prefixLength(): int', (block: Cidr) => BigInt(block.length))
    .registerOperator('net.CIDR == net.CIDR', (a: Cidr, b: Cidr) => String(a) === String(b))
}
