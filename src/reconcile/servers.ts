/**
 * Who serves the group versions of custom kinds: a CustomResourceDefinition, or the server of somebody else behind an APIService.
 *
 * When a definition is deleted its objects are deleted first, so that a kind which is not served any more has none. When an APIService is
 * removed nobody can see the objects, and they are there again when it is back: that is not known, and not absent.
 */

export type Server = 'CustomResourceDefinition' | 'APIService'

/** By `apiVersion`. */
export type Servers = Readonly<Record<string, Server>>

/** The group versions whose objects outlive their being served. */
export const aggregatedIn = (servers: Servers): { group: string; version: string }[] =>
  Object.entries(servers).flatMap(([apiVersion, server]) => {
    const [group = '', version = ''] = apiVersion.split('/')
    return server === 'APIService' ? [{ group, version }] : []
  })

/** `{"water.example.com/v1":"APIService"}` */
export const formatServers = (servers: Servers): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.keys(servers)
        .sort()
        .map((apiVersion) => [apiVersion, servers[apiVersion]]),
    ),
  )

/** Reads it back. What is no such record counts as an empty one: the group versions are looked at again when they are next applied. */
export function parseServers(text: string | undefined): Servers {
  try {
    const value = JSON.parse(text ?? '{}') as Record<string, unknown>
    return Object.fromEntries(
      Object.entries(value).filter(
        (entry): entry is [string, Server] => entry[1] === 'CustomResourceDefinition' || entry[1] === 'APIService',
      ),
    )
  } catch {
    return {}
  }
}
