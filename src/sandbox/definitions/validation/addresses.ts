/**
 * Network addresses as Go's net package reads them.
 *
 * (net.ParseIP, net.ParseCIDR, net.ParseMAC; k8s.io/utils/net, the sloppy variants that allow leading zeros)
 */

/** `sloppy`: parts of an IPv4 address may have leading zeros. */
export const isIp = (text: string, sloppy: boolean): boolean => isIpv4(text, sloppy) || isIpv6(text, sloppy)

export function isIpv4(text: string, sloppy: boolean): boolean {
  const parts = text.split('.')
  return (
    parts.length === 4 && parts.every((part) => (sloppy ? isSloppyOctet(part) : /^(0|[1-9]\d{0,2})$/.test(part)) && Number(part) <= 255)
  )
}

const isSloppyOctet = (part: string): boolean => /^\d+$/.test(part) && Number(part) <= 255

/** Without a zone. */
export function isIpv6(text: string, sloppy: boolean): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  let count = all.length
  const last = all.at(-1)
  if (last?.includes('.')) {
    // An IPv4 address may stand at the very end, for two groups.
    if (groups.at(-1)?.length === 0 || !isIpv4(last, sloppy)) return false
    all.pop()
    count += 1
  }
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? count < 8 : count === 8
}

export function isCidr(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 0) return false
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  if (!/^\d+$/.test(bits)) return false
  if (isIpv4(address, true)) return Number(bits) <= 32
  return isIpv6(address, true) && Number(bits) <= 128
}

/** 6, 8 or 20 bytes: `00:00:5e:00:53:01`, `00-00-5e-…` or `0000.5e00.5301`. */
export function isMac(text: string): boolean {
  const lengths = [6, 8, 20]
  for (const separator of [':', '-']) {
    const parts = text.split(separator)
    if (parts.length > 1) return lengths.includes(parts.length) && parts.every((part) => /^[0-9a-fA-F]{2}$/.test(part))
  }
  const parts = text.split('.')
  return lengths.includes(parts.length * 2) && parts.every((part) => /^[0-9a-fA-F]{4}$/.test(part))
}
