/** A sandbox to be asked anything, and what holds of it afterwards. */
import type { KubernetesObject } from '../../../src/api/object.ts'
import { seeded } from '../../../src/sandbox/random.ts'
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { resourcesTable } from '../../../src/sandbox/tables/resources.ts'
import { type FuzzAnswer, faultOf } from './answers.ts'
import { type Chance, chanceOf } from './chance.ts'
import { type FuzzRequest, randomRequest, widgetDefinition } from './requests.ts'

export interface Subject {
  readonly sandbox: Sandbox
  readonly chance: Chance
  /** Paths of what was created. */
  readonly stored: string[]
}

export async function createSubject(seed: number, controllers: boolean): Promise<Subject> {
  // A clock of its own: what is asked and answered is the same in each run.
  let now = Date.UTC(2026, 0, 1)
  const sandbox = createSandbox({ seed, controllers, now: () => (now += 1) })
  const subject = { sandbox, chance: chanceOf(seeded(seed)), stored: [] }
  await ask(subject, 'POST', '/api/v1/namespaces', { metadata: { name: 'fuzz' } })
  await ask(subject, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition)
  await sandbox.controllers.idle()
  return subject
}

/** Sends so many random requests by `send`, and answers what was wrong with each: nothing. */
export async function faultsOf(
  subject: Subject,
  count: number,
  send: (request: FuzzRequest) => Promise<FuzzAnswer | undefined>,
): Promise<{ number: number; request: string; fault: string }[]> {
  const faults: { number: number; request: string; fault: string }[] = []
  const before = prototypes()
  for (let number = 0; number < count; number++) {
    const request = randomRequest(subject.chance, subject.sandbox.token, subject.stored)
    let fault: string | undefined
    try {
      const answer = await send(request)
      fault = answer && faultOf(request, answer)
      if (answer?.status === 201) remember(subject, request, answer)
    } catch (error) {
      fault = String(error)
    }
    if (prototypes() !== before) fault = 'a prototype has changed'
    if (fault !== undefined) faults.push({ number, request: shown(request), fault })
  }
  return faults
}

const prototypes = (): string =>
  [Object, Array, Function, String, Number].map(({ prototype }) => Object.getOwnPropertyNames(prototype).join()).join(';')

const shown = ({ method, path, headers, body }: FuzzRequest): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${String(body).slice(0, 1000)}`

function remember({ stored }: Subject, { method, path }: FuzzRequest, { text }: FuzzAnswer): void {
  const [collection = ''] = path.split('?')
  if (method !== 'POST' || !text.startsWith('{')) return
  const { metadata } = JSON.parse(text) as Partial<KubernetesObject>
  if (metadata?.name) stored.push(`${collection}/${metadata.name}`)
}

export async function answerOf(answer: Response): Promise<FuzzAnswer> {
  return { status: answer.status, contentType: answer.headers.get('content-type') ?? '', text: await answer.text() }
}

/** The answer to a request without a socket; of a watch, what comes at once. Undefined for what no Request can be made of. */
export async function fetched({ sandbox }: Subject, { method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer | undefined> {
  let request: Request
  try {
    request = new Request(`http://sandbox${path}`, { method, headers, ...(body !== undefined && { body }) })
  } catch {
    return undefined
  }
  const answer = await sandbox.fetch(request)
  if (!answer.ok || !answer.body || !path.includes('watch')) return await answerOf(answer)
  const reader = answer.body.getReader()
  const nothing = new Promise<{ value?: Uint8Array }>((resolve) => setImmediate(() => resolve({})))
  const { value } = await Promise.race([reader.read(), nothing])
  await reader.cancel()
  return { status: answer.status, contentType: answer.headers.get('content-type') ?? '', text: new TextDecoder().decode(value) }
}

/** What is stored and does not come through a GET and a PUT of the same as it was. */
export async function unstable(subject: Subject): Promise<{ checked: number; changed: string[] }> {
  await subject.sandbox.controllers.idle()
  const changed: string[] = []
  let checked = 0
  for (const collection of collections()) {
    const answer = await subject.sandbox.fetch(
      new Request(`http://sandbox${collection}`, { headers: { authorization: `Bearer ${subject.sandbox.token}` } }),
    )
    // The definition may have been deleted.
    if (answer.status === 404) continue
    if (answer.status !== 200) throw new Error(`${collection}: ${await answer.text()}`)
    const list = (await answer.json()) as { items: KubernetesObject[] }
    for (const { metadata } of list.items) {
      const name = collection.slice(collection.lastIndexOf('/') + 1)
      const root = collection.slice(0, collection.lastIndexOf('/'))
      const path = `${root}/${metadata.namespace ? `namespaces/${metadata.namespace}/` : ''}${name}/${encodeURIComponent(metadata.name)}`
      const got = await ask(subject, 'GET', path)
      if (hasTwins(got.body as KubernetesObject)) continue
      const put = await ask(subject, 'PUT', path, got.body)
      checked++
      if (JSON.stringify(put) !== JSON.stringify(got))
        changed.push(`${path}: ${JSON.stringify(put)} was ${JSON.stringify(got)}`.slice(0, 2000))
    }
  }
  return { checked, changed }
}

/** A write to the scale can leave two entries of one manager, which the next write makes one of, as on a real server. (fieldmanager, scalehandler.go) */
function hasTwins({ metadata }: KubernetesObject): boolean {
  const managers = (metadata?.managedFields ?? []).map(({ manager, operation, apiVersion, subresource }) =>
    [manager, operation, apiVersion, subresource].join(' '),
  )
  return new Set(managers).size < managers.length
}

/** Autoscalers in version 1 are left out: it holds most of the stored version in annotations, whose text may come back another. */
const collections = (): string[] =>
  [
    ...resourcesTable.groups.flatMap(({ name: group, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources
          .filter(({ verbs }) => verbs.includes('list') && verbs.includes('update'))
          .map(({ resource }) => `${group ? `/apis/${group}` : '/api'}/${version}/${resource}`),
      ),
    ),
    '/apis/fuzz.example.com/v1/widgets',
    '/apis/fuzz.example.com/v2/widgets',
  ].filter((path) => !path.startsWith('/apis/autoscaling/v1/'))

export async function ask(
  { sandbox }: Pick<Subject, 'sandbox'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' }
  const answer = await sandbox.fetch(
    new Request(`http://sandbox${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }),
  )
  return { status: answer.status, body: await answer.json() }
}
