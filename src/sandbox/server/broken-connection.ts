/**
 * A connection that broke: what a client meets when the server or the line to it dies.
 *
 * It looks like what `fetch` throws then, so that `sandbox.fetch()` fails as a request through a socket does.
 */
export class BrokenConnection extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }) })
    this.name = 'BrokenConnection'
  }
}
