/** A saved state that cannot be read: which, why, and what to do. */
export class StateError extends Error {
  /** The path of the file, or what it was called. */
  readonly where: string
  readonly problem: string
  readonly remedy: string

  constructor(where: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${where} ${problem}; ${remedy}`, options)
    this.name = 'StateError'
    this.where = where
    this.problem = problem
    this.remedy = remedy
  }
}
