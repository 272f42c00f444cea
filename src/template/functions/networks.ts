/** Networks: addresses and CIDR blocks, version 4 and 6. (RFC 4632, RFC 4291; written in the form of RFC 5952) */
import { type LibraryFunction, Refusal } from './signature.ts'

interface Address {
  value: bigint
  /** 32 or 128. */
  bits: 32 | 128
}

interface Network extends Address {
  prefix: number
}

function parseVersion4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero is octal to some programs and decimal to others; the API server refuses it too.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseVersion6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || text === '') return undefined
  // Only the very last group may be written as an address of version 4.
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0n), ...(tail ?? [])].reduce((value, group) => (value << 16n) | group, 0n)
}

function groupsOf(text: string, last: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`))
      continue
    }
    const embedded = last && index === parts.length - 1 ? parseVersion4(part) : undefined
    if (embedded === undefined) return undefined
    groups.push(embedded >> 16n, embedded & 0xffffn)
  }
  return groups
}

function parseAddress(text: string): Address | undefined {
  const version4 = parseVersion4(text)
  if (version4 !== undefined) return { value: version4, bits: 32 }
  const version6 = parseVersion6(text)
  return version6 === undefined ? undefined : { value: version6, bits: 128 }
}

/** Whether a text is an address of version 4 or 6. */
export const isAddress = (text: string): boolean => parseAddress(text) !== undefined

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Refusal('an address is like 10.0.0.1 or fd00::1')
  return parsed
}

const hostMask = ({ bits, prefix }: Network): bigint => (1n << BigInt(bits - prefix)) - 1n

/** The block that a CIDR names; bits behind the prefix are cleared. */
function network(text: string): Network {
  const [host = '', length = '', ...rest] = text.split('/')
  const parsed = parseAddress(host)
  if (!parsed || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > parsed.bits) {
    throw new Refusal('a network is like 10.0.0.0/16 or fd00::/64')
  }
  const block: Network = { ...parsed, prefix: Number(length) }
  return { ...block, value: block.value & ~hostMask(block) }
}

function format({ value, bits }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const text = groups.join(':')
  // The longest run of at least two zero groups, the first of equals, becomes "::".
  const runs = [...text.matchAll(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g)].sort(
    (one, other) => other[0].length - one[0].length || one.index - other.index,
  )
  const run = runs[0]
  if (!run) return text
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`
}

function host(block: Network, index: number): string {
  const size = hostMask(block) + 1n
  const offset = index < 0 ? size + BigInt(index) : BigInt(index)
  if (offset < 0n || offset >= size) throw new Refusal(`the network has ${size} addresses, and ${index} is not one of them`)
  return format({ ...block, value: block.value + offset })
}

const cidr = { name: 'cidr', type: 'string' } as const

export const networkFunctions: readonly LibraryFunction[] = [
  {
    name: 'isAddress',
    summary: 'Whether a text is an IP address of version 4 or 6.',
    parameters: [{ name: 'text', type: 'string' }],
    result: 'boolean',
    examples: [
      { call: "isAddress('fd00::1')", gives: true },
      { call: "isAddress('10.0.0.01')", gives: false },
    ],
    create: () => (text: string) => parseAddress(text) !== undefined,
  },
  {
    name: 'cidr',
    summary: 'The parts of a network: its first and last address, prefix length and IP family.',
    parameters: [cidr],
    result: 'map with first, last, prefix and family',
    examples: [
      { call: "cidr('10.1.2.3/16')", gives: { first: '10.1.0.0', last: '10.1.255.255', prefix: 16, family: 'IPv4' } },
      { call: "cidr('fd00::/64').last", gives: 'fd00::ffff:ffff:ffff:ffff' },
      { call: "cidr('10.0.0.0/33')", refused: 'cidr: a network is like 10.0.0.0/16 or fd00::/64' },
    ],
    create: () => (text: string) => {
      const block = network(text)
      return { first: host(block, 0), last: host(block, -1), prefix: block.prefix, family: block.bits === 32 ? 'IPv4' : 'IPv6' }
    },
  },
  {
    name: 'cidrContains',
    summary: 'Whether an address, or a whole network, lies in a network.',
    parameters: [cidr, { name: 'inner', type: 'string' }],
    result: 'boolean',
    examples: [
      { call: "cidrContains('10.0.0.0/8', '10.20.30.40')", gives: true },
      { call: "cidrContains('10.0.0.0/16', '10.0.0.0/8')", gives: false },
      { call: "cidrContains('10.0.0.0/8', 'fd00::1')", gives: false },
    ],
    create: () => (text: string, inner: string) => {
      const outer = network(text)
      const part: Network = inner.includes('/') ? network(inner) : { ...address(inner), prefix: outer.bits }
      return part.bits === outer.bits && part.prefix >= outer.prefix && (part.value & ~hostMask(outer)) === outer.value
    },
  },
  {
    name: 'cidrHost',
    summary: 'The address with this number in a network; negative numbers count from its end.',
    parameters: [cidr, { name: 'number', type: 'integer' }],
    result: 'string',
    examples: [
      { call: "cidrHost('10.96.0.0/12', 10)", gives: '10.96.0.10' },
      { call: "cidrHost('10.0.0.0/24', -2)", gives: '10.0.0.254' },
      { call: "cidrHost('10.0.0.0/30', 4)", refused: 'cidrHost: the network has 4 addresses, and 4 is not one of them' },
    ],
    create: () => (text: string, index: number) => host(network(text), index),
  },
]
