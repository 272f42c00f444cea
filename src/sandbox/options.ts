/** What a sandbox is made with. */
import type { Milliseconds } from '../api/clock.ts'
import type { SandboxUser } from './authorization/authentication.ts'
import type { AuthorizationMode } from './authorization/authorization.ts'
import type { Fault } from './faults/fault.ts'
import type { PodScript } from './programs/script.ts'
import type { AuditSink } from './server/audit.ts'
import type { Certificate } from './server/certificate.ts'
import type { SavedState } from './state/state.ts'

export interface SandboxOptions {
  /** Default: one administrator, whose token is made anew for each sandbox: `sandbox.token`. */
  readonly users?: readonly SandboxUser[]
  /** `rbac`: by roles and bindings, with those that every cluster begins with. `open`: every known user may do everything. Default: `open`. */
  readonly authorization?: AuthorizationMode
  /** Names of the simulated nodes. Default: `node-1` and `node-2`, or those of the saved state. */
  readonly nodes?: readonly string[]
  /** `false`: no controller runs. Default: all do. */
  readonly controllers?: boolean
  /** How many changes of each resource watches can go back. Default: 2,000. */
  readonly history?: number
  /** For HTTPS: what `listen` answers with and `kube-root-ca.crt` tells. Default: `listen` makes one, which nobody is told of inside. */
  readonly certificate?: Certificate
  /** What the sandbox begins with, from `save()` of another one. */
  readonly state?: SavedState
  /** Faults from the first request on; see `sandbox.faults`. */
  readonly faults?: readonly Fault[]
  /** What programs in pods print and how they end; see `sandbox.pods`. */
  readonly pods?: readonly PodScript[]
  /** Is told of each request before its answer is on the way; `auditFile` writes to a file. */
  readonly audit?: AuditSink
  /** Makes names, UIDs, faults and all else that is random repeatable; the administrator's token is not. */
  readonly seed?: number
  /** Milliseconds since the epoch. Default: the machine's. */
  readonly now?: () => Milliseconds
}

const names: Readonly<Record<keyof SandboxOptions, true>> = {
  users: true,
  authorization: true,
  nodes: true,
  controllers: true,
  history: true,
  certificate: true,
  state: true,
  faults: true,
  pods: true,
  audit: true,
  seed: true,
  now: true,
}

/** Throws a TypeError for an option that there is not, and for a value that cannot be meant. */
export function checkOptions(options: SandboxOptions): void {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(names, name))
      throw new TypeError(`"${name}" is not an option of createSandbox; there are ${Object.keys(names).join(', ')}`)
  const { authorization = 'open', history = 1, users } = options
  if (authorization !== 'open' && authorization !== 'rbac')
    throw new TypeError(`authorization is ${JSON.stringify(authorization)}; it has to be "open" or "rbac"`)
  if (!Number.isInteger(history) || history < 1) throw new RangeError(`history is ${history}; it has to be a whole number from 1 on`)
  checkTypes(options)
  const tokens = new Set<string>()
  for (const { token, username } of users ?? []) {
    if (!token || !username) throw new TypeError('every user needs a token and a username')
    if (tokens.has(token)) throw new TypeError(`two users have the token ${JSON.stringify(token)}`)
    tokens.add(token)
  }
}

function checkTypes({ nodes, controllers, seed, now, audit, faults, pods }: SandboxOptions): void {
  const check = (name: keyof SandboxOptions, value: unknown, isRight: boolean, needed: string): void => {
    if (value !== undefined && !isRight) throw new TypeError(`${name} is ${JSON.stringify(value)}; it has to be ${needed}`)
  }
  check('nodes', nodes, Array.isArray(nodes) && nodes.every((node) => typeof node === 'string' && node !== ''), 'a list of names')
  check('controllers', controllers, typeof controllers === 'boolean', 'true or false')
  check('seed', seed, Number.isFinite(seed), 'a number')
  check('now', now, typeof now === 'function', 'a function')
  check('audit', audit, typeof audit === 'function', 'a function')
  check('faults', faults, Array.isArray(faults), 'a list of faults')
  check('pods', pods, Array.isArray(pods), 'a list of scripts')
}
