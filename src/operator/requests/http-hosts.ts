/**
 * Which hosts `http` may talk to, and who tells their addresses.
 *
 * Without an allow-list every host is allowed, but no link-local address: there a cloud hands out the credentials of its machines to whoever
 * asks. (169.254.169.254 and fd00:ec2::254) Addresses are looked at once a name is resolved, so that no name leads there either; a host that is
 * on the allow-list may have any address.
 */
import { Resolver } from 'node:dns/promises'
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export interface HttpHostsOptions {
  /** `api.example.com`, `*.example.com`; empty: all hosts but link-local addresses. */
  allowHosts: readonly string[]
  /** Asked before the machine's own: `10.96.0.10:53`. */
  dnsServer: string | undefined
}

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16)
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')

const isLinkLocal = (address: string): boolean => linkLocal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

export interface HttpHosts {
  /** Why no request may go to this host; undefined: it may. */
  refusal(host: string): string | undefined
  /** For the connections to this host. */
  lookupFor(host: string): LookupFunction
}

export function httpHosts({ allowHosts, dnsServer }: HttpHostsOptions): HttpHosts {
  const resolver = dnsServer === undefined ? undefined : new Resolver({ timeout: 2_000, tries: 2 })
  if (dnsServer !== undefined) resolver?.setServers([dnsServer])
  const isListed = (host: string): boolean =>
    allowHosts.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern))

  async function addressesOf(host: string): Promise<LookupAddress[]> {
    if (resolver && isIP(host) === 0) {
      const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
      const addresses = found.flatMap((each, at) =>
        each.status === 'fulfilled' ? each.value.map((address) => ({ address, family: at === 0 ? 4 : 6 })) : [],
      )
      if (addresses.length > 0) return addresses
    }
    return await new Promise((resolve, reject) =>
      systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
    )
  }

  return {
    refusal(host) {
      const name = host.replace(/^\[|\]$/g, '')
      if (isListed(name)) return undefined
      if (allowHosts.length > 0) return `the host ${host} is not one that the operator allows (--http-allow-host)`
      return isIP(name) !== 0 && isLinkLocal(name) ? `${host} is a link-local address` : undefined
    },
    lookupFor: (allowed) => (host, options, answer) => {
      addressesOf(host).then(
        (addresses) => {
          const permitted = isListed(allowed) ? addresses : addresses.filter(({ address }) => !isLinkLocal(address))
          const [first] = permitted
          if (!first) answer(Object.assign(new Error(`${host} has no address that is allowed`), { code: 'EACCES' }), [])
          else if (options.all) answer(null, permitted)
          else answer(null, first.address, first.family)
        },
        (error: NodeJS.ErrnoException) => answer(error, []),
      )
    },
  }
}
