/**
 * The story of one App: made, healed, scaled.
 *
 * Each step shows the command that a person would type and makes its request, waits by a watch until the cluster is as it should be and
 * until the operator has said what it did, tells what happened and how long that took, and looks at the result.
 */
import { isApiError } from '../../src/kube/errors.ts'
import { Api, type Kind } from './api.ts'
import { isReady, readyReplicas } from './app.ts'
import { Failed } from './failed.ts'
import type { Operator } from './operator.ts'
import { command, heading, line, outcome } from './terminal.ts'

interface Step {
  readonly title: string
  readonly command: string
  /** Makes the request and resolves, when what follows from it has come, with what happened. */
  act(api: Api, signal: AbortSignal): Promise<string>
  /** What the operator logs meanwhile. */
  readonly log: readonly RegExp[]
  readonly looks: readonly Look[]
}

/** `kubectl get KIND,… --selector SELECTOR` */
interface Look {
  readonly kinds: readonly Kind[]
  readonly selector?: string
}

const sample = 'samples/app.yaml'
const app = 'app.app.company.com'
const selector = 'app.kubernetes.io/instance=shop'

const steps: readonly Step[] = [
  {
    title: 'Somebody makes an App',
    command: `kubectl apply --server-side -f ${sample}`,
    async act(api, signal) {
      await api.apply(app, sample)
      await api.until(app, 'shop', 'ready', isReady, signal)
      return 'the App is ready'
    },
    log: [/^created ServiceAccount\//, /^created ConfigMap\//, /^created Deployment\//, /^created Service\//],
    looks: [{ kinds: [app] }, { kinds: ['serviceaccount', 'configmap', 'deployment.apps', 'service', 'pod'], selector }],
  },
  {
    title: 'Somebody deletes its Service',
    command: 'kubectl delete service shop',
    async act(api, signal) {
      const { uid } = (await api.read('service', 'shop')).metadata
      await api.delete('service', 'shop')
      await api.until('service', 'shop', 'there again', ({ metadata }) => metadata.uid !== uid, signal)
      return 'a new Service is in its place'
    },
    log: [/^created Service\/shop \(drift\)/],
    looks: [{ kinds: ['service'], selector }],
  },
  {
    title: 'Somebody wants more of it',
    command: `kubectl patch app shop --type merge --patch '{"spec":{"replicas":4}}'`,
    async act(api, signal) {
      await api.patch(app, 'shop', { spec: { replicas: 4 } })
      await api.until(app, 'shop', 'ready with 4 replicas', (object) => isReady(object) && readyReplicas(object) === 4, signal)
      return '4 pods are ready'
    },
    log: [/^updated Deployment\/shop \(spec\)/],
    looks: [{ kinds: [app] }, { kinds: ['pod'], selector }],
  },
]

export interface Telling {
  readonly kubeconfig: string
  readonly operator: Operator
  /** Aborts at Ctrl-C. */
  readonly interrupted: AbortSignal
  /** Milliseconds that one step may take. */
  readonly patience: number
}

/** Tells every step. Rejects with `Failed` when one fails or takes too long, and when `interrupted` aborts. */
export async function tellStory(telling: Telling): Promise<void> {
  const api = await Api.open(telling.kubeconfig)
  try {
    for (const step of steps) await tellStep(step, api, telling)
  } catch (error) {
    throw isApiError(error) ? new Failed(error.message) : error
  } finally {
    await api.close()
  }
}

async function tellStep(step: Step, api: Api, { operator, interrupted, patience }: Telling): Promise<void> {
  heading(step.title)
  command(step.command)
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(patience)])
  const [since, began] = [operator.lines, performance.now()]
  const happened = await step.act(api, signal)
  const took = performance.now() - began
  for (const pattern of step.log) await operator.said(pattern, { since, signal })
  outcome(happened, took)
  for (const { kinds, selector } of step.looks) {
    line('')
    command(`kubectl get ${kinds.map((kind) => kind.split('.')[0]).join()}${selector ? ` --selector ${selector}` : ''}`)
    for (const text of await api.get(kinds, selector)) line(text)
  }
}
