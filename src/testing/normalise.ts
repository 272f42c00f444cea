/**
 * What every comparison of clusters does with the values of their objects: one walk, and what is chance for all of them.
 *
 * Who compares says what else is chance: the end of one history that was played twice is compared to the last field (crashes/end-state.ts),
 * ends that were reached on two ways by what both have to have in common (world.ts).
 */

export interface Rules {
  /** A text without the run's own names; of names of members too. */
  text: (text: string) => string
  /** What stands for a member: undefined is the member itself. */
  member: (name: string, value: unknown) => { is: unknown } | 'left out' | undefined
}

/** Fields of Services whose values the server chooses. */
const allocated = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort'])

// Also in what others made of one: a label, an owner reference, the manager of a field.
export const uidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

export function normalise(value: unknown, rules: Rules): unknown {
  if (typeof value === 'string') return rules.text(value)
  if (Array.isArray(value)) return value.map((each) => normalise(each, rules))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
      if (allocated.has(name) && member !== 'None') return [[name, '<allocated>']]
      const other = rules.member(name, member)
      if (other === 'left out') return []
      return [[rules.text(name), other ? other.is : normalise(member, rules)]]
    }),
  )
}

/** A Secret's data as text: what is encoded hides what it is made of. */
export const decodedData = (data: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
