/** What a kubelet runs against a container: probes and hooks, exactly one handler each. (core/validation, validateHandler) */
import { isHttpHeaderName, isPortNumber } from '../../names.ts'
import { type Errors, each, forbidden, invalidValue, nonNegative, notSupported, portNumberOrName, required } from '../checks.ts'
import type { Handler, Lifecycle, Probe } from '../shapes.ts'

type HandlerName = 'exec' | 'httpGet' | 'tcpSocket' | 'grpc' | 'sleep'
const probeHandlers: readonly HandlerName[] = ['exec', 'httpGet', 'tcpSocket', 'grpc']
const hookHandlers: readonly HandlerName[] = ['exec', 'httpGet', 'tcpSocket', 'sleep']

/** `gracePeriod`: seconds that the pod has to end. */
function validateHandler(
  errors: Errors,
  path: string,
  handler: Handler,
  names: readonly HandlerName[],
  gracePeriod: number | undefined,
): void {
  let found = false
  for (const name of names) {
    if (!handler[name]) continue
    if (found) errors.push(forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
    else validateOne(errors, `${path}.${name}`, name, handler, gracePeriod)
    found = true
  }
  if (!found) errors.push(required(path, 'must specify a handler type'))
}

function validateOne(errors: Errors, path: string, name: HandlerName, handler: Handler, gracePeriod: number | undefined): void {
  switch (name) {
    case 'exec':
      if (!handler.exec?.command?.length) errors.push(required(`${path}.command`))
      return
    case 'httpGet':
      validateHttpGet(errors, path, handler.httpGet ?? {})
      return
    case 'tcpSocket':
      portNumberOrName(errors, `${path}.port`, handler.tcpSocket?.port)
      return
    case 'grpc':
      each(errors, `${path}.port`, handler.grpc?.port ?? 0, isPortNumber(handler.grpc?.port ?? 0))
      return
    case 'sleep': {
      const seconds = handler.sleep?.seconds ?? 0
      if (gracePeriod !== undefined && (seconds < 0 || seconds > gracePeriod))
        errors.push(invalidValue(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`))
    }
  }
}

function validateHttpGet(
  errors: Errors,
  path: string,
  { path: target, port, scheme = '', httpHeaders = [] }: NonNullable<Handler['httpGet']>,
): void {
  if (!target) errors.push(required(`${path}.path`))
  portNumberOrName(errors, `${path}.port`, port)
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') errors.push(notSupported(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']))
  for (const { name = '' } of httpHeaders) each(errors, `${path}.httpHeaders`, name, isHttpHeaderName(name))
}

export type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe'
export const probeNames: readonly ProbeName[] = ['livenessProbe', 'readinessProbe', 'startupProbe']

export function validateProbe(
  errors: Errors,
  path: string,
  name: ProbeName,
  probe: Probe | undefined,
  gracePeriod: number | undefined,
): void {
  if (!probe) return
  const at = `${path}.${name}`
  validateHandler(errors, at, probe, probeHandlers, gracePeriod)
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const)
    nonNegative(errors, `${at}.${field}`, probe[field])
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  if (name === 'readinessProbe') {
    if (grace !== undefined) errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'))
  } else if ((probe.successThreshold ?? 0) !== 1)
    errors.push(invalidValue(`${at}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
}

const realTime = [
  ...Array.from({ length: 15 }, (_, index) => `SIGRTMIN+${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `SIGRTMAX-${index + 1}`),
]
const linuxSignals = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL', 'PROF', 'PWR', 'QUIT'],
  ...['RTMAX', 'RTMIN', 'SEGV', 'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH'],
  ...['XCPU', 'XFSZ'],
]
  .map((name) => `SIG${name}`)
  .concat(realTime)
  .sort()
const stopSignals: Readonly<Record<string, readonly string[]>> = { linux: linuxSignals, windows: ['SIGKILL', 'SIGTERM'] }

export function validateLifecycle(
  errors: Errors,
  path: string,
  { postStart, preStop, stopSignal }: Lifecycle,
  gracePeriod: number | undefined,
  system: string | undefined,
): void {
  if (postStart) validateHandler(errors, `${path}.postStart`, postStart, hookHandlers, gracePeriod)
  if (preStop) validateHandler(errors, `${path}.preStop`, preStop, hookHandlers, gracePeriod)
  if (stopSignal === undefined) return
  if (system === undefined) errors.push(forbidden(`${path}.stopSignal`, 'may not be set for containers with empty `spec.os.name`'))
  else if (stopSignals[system] && !stopSignals[system].includes(stopSignal))
    errors.push(notSupported(`${path}.stopSignal`, stopSignal, stopSignals[system]))
}
