/** What is worked on: one object of one watch, as one string, so that it can be a member of sets and a label of logs. */

/** A watch's name (without a space), a space, and the object's `namespace/name`. */
export type Key = `${string} ${string}`

export const keyOf = (watch: string, object: string): Key => `${watch} ${object}`

export const watchOf = (key: Key): string => key.slice(0, key.indexOf(' '))

export const objectOf = (key: Key): string => key.slice(key.indexOf(' ') + 1)

/** Empty for an object outside namespaces. */
export const namespaceOf = (key: Key): string => {
  const object = objectOf(key)
  return object.slice(0, Math.max(0, object.indexOf('/')))
}
