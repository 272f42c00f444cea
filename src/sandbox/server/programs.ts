/** Requests to what runs in a pod: its log, and commands in it. */
import type { Pod } from '../controllers/pods.ts'
import { execTarget, openExec } from '../programs/exec.ts'
import { logOptions } from '../programs/log-options.ts'
import { logAnswer } from '../programs/log.ts'
import { getStored } from '../registry/stored.ts'
import { badRequest } from '../status/api-error.ts'
import type { Answer } from './exchange.ts'
import type { ResourceRequest } from './resource-request.ts'

export function readLog({ context, clock, exchange, scripts, info, resource }: ResourceRequest): Answer {
  const { namespace, name } = info
  const options = logOptions(exchange.query, name, clock.now())
  const { storage } = context
  return logAnswer({
    pod: getStored(context, { resource, namespace }, name) as Pod,
    options,
    scripts,
    clock,
    signal: exchange.signal,
    current: () => storage.get(resource.storage, namespace, name) as Pod | undefined,
    whenChanged: (call) =>
      storage.subscribe(({ object: { metadata } }) => {
        if (metadata.name === name && metadata.namespace === namespace) call()
      }, resource.storage),
  })
}

export function execute({ context, clock, exchange, scripts, info, resource }: ResourceRequest): Answer {
  const { query, upgrade } = exchange
  const pod = getStored(context, { resource, namespace: info.namespace }, info.name) as Pod
  const target = execTarget(pod, query.get('container') ?? '')
  if (!upgrade) throw badRequest('Upgrade request required')
  return upgrade.accept(openExec(target, query.getAll('command'), scripts, clock))
}
