/**
 * A line: who came first is served first, and anyone can leave it.
 *
 * A set keeps the order of additions, and an iterator that is kept stands where the last one was served. A new iterator would step over
 * everything that was taken before, each time.
 */
export class Line<Member> {
  readonly #members = new Set<Member>()
  #iterator: Iterator<Member> | undefined
  /** Read from the iterator, and still a member. */
  #first: { member: Member } | undefined

  get size(): number {
    return this.#members.size
  }

  /** Puts the member at the end; one that is in the line already keeps its place. */
  add(member: Member): void {
    this.#members.add(member)
  }

  delete(member: Member): boolean {
    if (this.#first?.member === member) this.#first = undefined
    return this.#members.delete(member)
  }

  /** The first one, who stays in the line; undefined if the line is empty. */
  first(): Member | undefined {
    if (this.#first) return this.#first.member
    for (;;) {
      const next = this.#iterator?.next()
      if (next && !next.done) {
        this.#first = { member: next.value }
        return next.value
      }
      if (this.#members.size === 0) return undefined
      // An iterator that came to the end does not see who came after.
      this.#iterator = this.#members.values()
    }
  }

  /** The first one, who leaves the line. */
  shift(): Member | undefined {
    const first = this.first()
    if (first !== undefined) this.delete(first)
    return first
  }
}
