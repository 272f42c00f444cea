/** What is timed: each case is prepared once and answers a function that does its work once. */
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Informer } from '../../src/cache/informer.ts'
import { createPool } from '../../src/cache/pool.ts'
import { Store } from '../../src/cache/store.ts'
import { coversExactly } from '../../src/fields/coverage.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { systemClock } from '../../src/kube/deadline.ts'
import { pass } from '../../src/operator/pass.ts'
import type { PassContext } from '../../src/operator/pass-context.ts'
import { reduceManagedFields } from '../../src/reconcile/ingest.ts'
import { liveApp, withStatus } from './live-objects.ts'
import { defaultWatch, desiredOf, filledCache, inputsOf, liveFamily, passContext, ScriptedServer } from './stage.ts'

export interface Case {
  name: string
  /** Done before each call and not timed, for what can be done only once; such a case is timed call by call. */
  before?: () => void
  /** Work to be timed. */
  run: () => unknown
}

export async function cases(): Promise<Case[]> {
  const { program } = defaultWatch()
  const primary = liveApp(0)
  const inputs = inputsOf(primary)
  const family = liveFamily(0, program)
  const deployment = family.get('Deployment') as KubernetesObject
  const body = desiredOf(primary, program).find((each) => each.body.kind === 'Deployment')?.body as unknown as Parameters<
    typeof coversExactly
  >[1]
  const held = parseFieldsV1(deployment.metadata.managedFields?.[0]?.fieldsV1 ?? {})
  if (!coversExactly(held, body)) throw new Error('the managed fields of the Deployment do not cover its body')

  let fresh = program
  const { store, event } = ingest(deployment)
  const passes = await noOpPasses(family)
  return [
    {
      name: 'render of charts/app, first of its shape',
      before: () => void (fresh = defaultWatch().program),
      run: () => fresh.next(inputs),
    },
    { name: 'render of charts/app, shape known', run: () => program.next(inputs) },
    { name: 'render, bodies and hashes of four dependents', run: () => desiredOf(primary, program) },
    { name: 'coversExactly, Deployment', run: () => coversExactly(held, body) },
    {
      name: 'Deployment event: JSON to store',
      run: () => store.take({ type: 'MODIFIED', object: JSON.parse(event()) as KubernetesObject }),
    },
    ...passes,
  ]
}

/** The wire form of one Deployment, with a new version each time. */
function ingest(deployment: KubernetesObject): { store: Store; event: () => string } {
  const store = new Store({
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    clock: systemClock,
    pool: createPool(),
    ingest: reduceManagedFields,
    index: (object) => object.metadata.uid,
  })
  const text = JSON.stringify({ ...deployment, metadata: { ...deployment.metadata, resourceVersion: '@' } })
  let version = 1_000_000
  return { store, event: () => text.replace('"@"', `"${++version}"`) }
}

/** Passes that find everything as it should be. */
async function noOpPasses(family: Map<string, KubernetesObject>): Promise<Case[]> {
  const { program } = defaultWatch()
  const key = `${family.get('App')?.metadata.namespace}/${family.get('App')?.metadata.name}`
  const first = new ScriptedServer(1, (kind) => family.get(kind))
  await passOnce(first)
  if (!first.status) throw new Error('the first pass wrote no status')
  const settled = new Map([...family, ['App', withStatus(family.get('App') as KubernetesObject, first.status)]])

  const server = new ScriptedServer(1, (kind) => settled.get(kind))
  const { cache, primaries, dependents } = await filledCache(server, program)
  const known = primaries.get(key) as KubernetesObject
  // Which of two versions there is now: each pass finds another one than the pass before.
  let turn = 0
  const inTurn = (versions: readonly KubernetesObject[]) => (): KubernetesObject => versions[turn % 2] as KubernetesObject
  const withPrimary = (change: (text: string) => Partial<KubernetesObject['metadata']>): PassContext => {
    const get = inTurn(twinsOf(known, (text) => ({ metadata: { ...known.metadata, ...change(text) } })))
    return passContext(server, program, { ...fixed(primaries, key), get }, dependents)
  }
  const unchanged = fixed(primaries, key)
  const deployments = dependents.get('Deployment') as Informer
  const { status } = deployments.get(key) as { status?: object }
  const get = inTurn(twinsOf(deployments.get(key) as KubernetesObject, (text) => ({ status: { ...status, collisionCount: Number(text) } })))
  const counted = new Map([...dependents, ['Deployment', { ...fixed(deployments, key), get, byIndex: () => [get()] }]])

  const contexts = {
    'nothing changed, told by the versions': passContext(server, program, unchanged, dependents),
    'somebody annotated the primary': withPrimary((text) => ({ annotations: { ...known.metadata.annotations, note: text } })),
    'the status of a dependent changed': passContext(server, program, unchanged, counted),
    'somebody labelled the primary, four dependents rendered and matched': withPrimary((text) => ({ labels: { team: text } })),
  }
  const run = async (context: PassContext): Promise<void> => {
    turn++
    await pass(key, context)
  }
  for (const context of Object.values(contexts)) for (let count = 0; count < 3; count++) await run(context)
  if (server.status) throw new Error(`a pass over what is as it should be wrote a status: ${JSON.stringify(server.status)}`)
  void cache.stop()
  return Object.entries(contexts).map(([name, context]) => ({ name: `pass: ${name}`, run: async () => await run(context) }))

  async function passOnce(on: ScriptedServer): Promise<void> {
    const filled = await filledCache(on, program)
    await pass(key, passContext(on, program, filled.primaries, filled.dependents))
    await filled.cache.stop()
  }
}

/** The object in two versions, changed with the number of each as a text. */
const twinsOf = (object: KubernetesObject, change: (text: string) => Partial<KubernetesObject>): KubernetesObject[] =>
  ['1', '2'].map((text) => {
    const twin = { ...object, ...change(text) }
    return deepFreeze({ ...twin, metadata: { ...twin.metadata, resourceVersion: text } })
  })

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member as object)
  return Object.freeze(value)
}

/** The informer, whose state stays as it is after its cache has stopped. */
function fixed(informer: ReturnType<typeof passContext>['primaries'], key: string): ReturnType<typeof passContext>['primaries'] {
  const object = informer.get(key)
  const { kind, size } = informer
  return {
    kind,
    size,
    state: 'synced',
    reason: undefined,
    failed: false,
    blind: false,
    within: () => ({ state: 'synced', reason: undefined, failed: false }),
    get: () => object,
    byUid: () => object,
    values: () => [object as KubernetesObject],
    byIndex: () => [object as KubernetesObject],
    wrote: () => {},
  }
}
