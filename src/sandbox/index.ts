/**
 * `fairlead/sandbox`: a Kubernetes API server in this process, to test clients with.
 *
 * @example
 * import { createSandbox } from 'fairlead/sandbox'
 *
 * await using sandbox = createSandbox()
 * const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' }
 * const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { color: 'blue' } }
 * await sandbox.fetch('/api/v1/namespaces/default/configmaps', { method: 'POST', headers, body: JSON.stringify(settings) })
 *
 * // The same objects through a socket, for clients that want a URL and a kubeconfig.
 * const listener = await sandbox.listen()
 * writeFileSync('kubeconfig', sandbox.kubeconfig(listener))
 */
export { createSandbox, type Sandbox } from './sandbox.ts'
export type { SandboxOptions } from './options.ts'
export type { SandboxUser } from './authorization/authentication.ts'
export type { Distribution } from './faults/distribution.ts'
export type { Fault, FaultEffect, FaultLimits, WatchEventType } from './faults/fault.ts'
export type { HookedRequest, RefusalOptions, RequestHook } from './faults/hooks.ts'
export type { RequestMatch, TextMatch } from './faults/match.ts'
export type { FaultHandle, Faults } from './faults/table.ts'
export type {
  ContainerEnd,
  ExecFunction,
  ExecInput,
  ExecResult,
  ExecRule,
  Log,
  LogLine,
  PodMatch,
  PodScript,
  ScriptedContainer,
} from './programs/script.ts'
export type { ExecOptions, Pods } from './programs/pods.ts'
export type { ScriptHandle } from './programs/scripts.ts'
export { auditFile, type AuditEvent, type AuditSink } from './server/audit.ts'
export { BrokenConnection } from './server/broken-connection.ts'
export { type Certificate, makeCertificate } from './server/certificate.ts'
export { execAnswer } from './server/exec.ts'
export type { Listener, ListenOptions } from './server/listener.ts'
export type { SavedState } from './state/state.ts'
export { StateError } from './state/state-error.ts'
export { readState, writeState } from './state/state-file.ts'
