/**
 * IP addresses and networks: parsing as the server does it, and what it says of those that it refuses.
 *
 * (apimachinery, util/validation/ip.go; Go's net and net/netip)
 */
import { type FieldError, invalidValue } from '../status/field-error.ts'

export interface IpAddress {
  readonly family: 4 | 6
  /** The number that the bytes make, the first byte highest. */
  readonly bits: bigint
  /** Written with zeros before a number, which some programs read as octal. */
  readonly leadingZeros: boolean
  /** IPv4 in the notation of IPv6: `::ffff:1.2.3.4`. `family` is 4 then. */
  readonly mapped: boolean
}

export interface IpNetwork {
  readonly address: IpAddress
  readonly prefix: number
  /** As written; a mapped address counts from 128. */
  readonly writtenPrefix: number
  readonly leadingZeros: boolean
}

function parseIpv4(text: string): { bits: bigint; leadingZeros: boolean } | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let bits = 0n
  let leadingZeros = false
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part) || part.length > 10) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    if (part.length > 1 && part.startsWith('0')) leadingZeros = true
    bits = bits * 256n + BigInt(value)
  }
  return { bits, leadingZeros }
}

/** Undefined if this is no address. Zeros before a number are let through and told. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 64) return undefined
  if (!text.includes(':')) {
    const parsed = parseIpv4(text)
    return parsed && { family: 4, ...parsed, mapped: false }
  }
  let head = text
  let leadingZeros = false
  if (text.includes('.')) {
    const colon = text.lastIndexOf(':')
    const tail = parseIpv4(text.slice(colon + 1))
    if (!tail) return undefined
    leadingZeros = tail.leadingZeros
    head = `${text.slice(0, colon + 1)}${(tail.bits >> 16n).toString(16)}:${(tail.bits & 0xffffn).toString(16)}`
  }
  const halves = head.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const [before = [], after = []] = groups
  const missing = 8 - before.length - after.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const bits = all.reduce((sum, group) => sum * 65536n + BigInt(Number.parseInt(group, 16)), 0n)
  const mapped = bits >> 32n === 0xffffn
  return mapped ? { family: 4, bits: bits & 0xffffffffn, leadingZeros, mapped } : { family: 6, bits, leadingZeros, mapped }
}

/** Canonical text. (RFC 5952) */
export function formatIp({ family, bits }: Pick<IpAddress, 'family' | 'bits'>): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.start < 0) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}

export function parseNetwork(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (!address || !/^[0-9]{1,9}$/.test(digits)) return undefined
  const writtenPrefix = Number(digits)
  const limit = address.mapped || address.family === 6 ? 128 : 32
  if (writtenPrefix > limit) return undefined
  const prefix = address.mapped ? Math.max(0, writtenPrefix - 96) : writtenPrefix
  const leadingZeros = address.leadingZeros || (digits.length > 1 && digits.startsWith('0'))
  return { address, prefix, writtenPrefix, leadingZeros }
}

/** The network's first address: the bits after the prefix are zero. */
export function networkAddress({ address, prefix }: Pick<IpNetwork, 'address' | 'prefix'>): Pick<IpAddress, 'family' | 'bits'> {
  const free = BigInt((address.family === 4 ? 32 : 128) - prefix)
  return { family: address.family, bits: (address.bits >> free) << free }
}

export const formatNetwork = (network: IpNetwork): string => `${formatIp(networkAddress(network))}/${network.prefix}`

export const networkContains = (network: IpNetwork, address: Pick<IpAddress, 'family' | 'bits'>): boolean =>
  network.address.family === address.family &&
  networkAddress(network).bits === networkAddress({ address: { ...network.address, ...address }, prefix: network.prefix }).bits

/** An address in a field that has always been there: leniently written ones pass, if they are not ambiguous. */
export function validateLegacyIp(path: string, text: string): FieldError[] {
  const address = parseIp(text)
  if (!address) return [invalidValue(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
  const errors: FieldError[] = []
  if (address.leadingZeros) errors.push(invalidValue(path, text, 'must not have leading 0s'))
  else if (address.mapped) errors.push(invalidValue(path, text, 'must not be an IPv4-mapped IPv6 address'))
  return errors
}

/** An address in a field of newer kinds: the canonical text only. */
export function validateIp(path: string, text: string): FieldError[] {
  const errors = validateLegacyIp(path, text)
  const address = parseIp(text)
  if (errors.length > 0 || !address) return errors
  const canonical = formatIp(address)
  return text === canonical ? [] : [invalidValue(path, text, `must be in canonical form (${JSON.stringify(canonical)})`)]
}

export function validateLegacyNetwork(path: string, text: string): FieldError[] {
  const network = parseNetwork(text)
  if (!network) return [invalidValue(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  if (network.leadingZeros) return [invalidValue(path, text, 'must not have leading 0s in IP or prefix length')]
  if (network.address.mapped) return [invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address')]
  if (networkAddress(network).bits !== network.address.bits)
    return [invalidValue(path, text, 'must not have bits set beyond the prefix length')]
  return []
}

export function validateNetwork(path: string, text: string): FieldError[] {
  const errors = validateLegacyNetwork(path, text)
  const network = parseNetwork(text)
  if (errors.length > 0 || !network) return errors
  const canonical = formatNetwork(network)
  return text === canonical ? [] : [invalidValue(path, text, `must be in canonical form (${JSON.stringify(canonical)})`)]
}
