import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { type Cluster, onControlPlane } from '../../controlplane/fixture.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const templates = `${project}/charts/parcel/templates`
const parcel = (cluster: Cluster, name = 'parcel') => `${collection(cluster, 'parcels.example.com/v1', 'parcels')}/${name}`
const configMap = (cluster: Cluster, name = 'parcel') => `${collection(cluster, 'v1', 'configmaps')}/${name}`
const secretText = 'canary-7f3a'

interface Refusal {
  title: string
  prepare?: (cluster: Cluster) => Promise<unknown>
  spec: object
  /** A later change of the spec. */
  change?: object
  reason: string
  says: string
  /** What it may say instead, where two limits are a matter of the machine's speed. */
  orSays?: string
  /** Whether what is not refused is applied. */
  siblings: boolean
}

async function quota(cluster: Cluster): Promise<void> {
  const path = collection(cluster, 'v1', 'resourcequotas')
  await create(cluster, path, { metadata: { name: 'no-jobs' }, spec: { hard: { 'count/jobs.batch': '0' } } })
  // Until the controller has counted, the server refuses for another reason.
  await cluster.eventually(
    async () => (await read<{ status?: { hard?: object } }>(cluster, `${path}/no-jobs`)).status?.hard !== undefined,
    {
      describe: 'the quota is in force',
    },
  )
}

async function policy(cluster: Cluster): Promise<void> {
  const api = '/apis/admissionregistration.k8s.io/v1'
  const name = `no-jobs.${cluster.namespace}`
  await create(cluster, `${api}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }] },
      validations: [{ expression: 'false', messageExpression: `'no jobs here: ' + object.spec.template.spec.containers[0].env[0].value` }],
    },
  })
  await create(cluster, `${api}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } } },
    },
  })
  const job = {
    metadata: { name: 'probe' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'probe', env: [{ name: 'A', value: 'b' }] }] } },
    },
  }
  await cluster.eventually(
    async () =>
      (await cluster.request('POST', collection(cluster, 'batch/v1', 'jobs'), { query: { dryRun: 'All' }, body: job })).status === 422,
    { describe: 'the policy holds' },
  )
}

const refusals: Refusal[] = [
  {
    title: 'a name that the custom resource does not have',
    spec: { note: { text: 'hello' } },
    reason: 'RenderFailed',
    says: 'note.yaml.eta:7:13: it.spec.note.txet is undefined; did you mean "text"? (TEMPLATE_UNDEFINED)',
    siblings: false,
  },
  {
    title: 'a value that values.schema.json does not allow',
    spec: { characters: 'many' },
    reason: 'RenderFailed',
    says: 'spec.characters must be integer (VALUES_INVALID)',
    siblings: false,
  },
  {
    title: 'a loop without end',
    spec: { turns: 1e12 },
    reason: 'RenderFailed',
    says: 'turns.yaml.eta:2:4: the render takes more than 10000000 steps (TEMPLATE_LIMIT)',
    orSays: 'turns.yaml.eta:2:4: the render took longer than 2000 ms (TEMPLATE_LIMIT)',
    siblings: false,
  },
  {
    title: 'a field that the kind does not have',
    spec: { address: secretText },
    reason: 'ApplyFailed',
    says: 'Service/parcel: PATCH services "parcel" in namespace "NAMESPACE": 500 schemaMismatch: .spec.ports[port=80,protocol="TCP"].tragetPort (field not declared in schema) (service.yaml.eta:10:23)',
    siblings: true,
  },
  {
    title: 'a text where the kind has a number',
    spec: { image: 'one', password: secretText, parallelism: secretText },
    reason: 'ApplyFailed',
    says: 'Job/parcel: PATCH jobs.batch "parcel" in namespace "NAMESPACE": 500 schemaMismatch: .spec.parallelism (expected numeric (int or float), got string) (job.yaml.eta:7:20)',
    siblings: true,
  },
  {
    title: 'a name that is too long',
    spec: { suffix: 'a'.repeat(250) },
    reason: 'ApplyFailed',
    says: 'Secret/parcel-LONG: PATCH secrets "parcel-LONG" in namespace "NAMESPACE": 422 Invalid: metadata.name (FieldValueInvalid: must be no more than 253 characters) (named.yaml.eta:5:13)',
    siblings: true,
  },
  {
    title: 'a value that is not base64 in a Secret',
    spec: { secret: secretText },
    reason: 'ApplyFailed',
    says: 'Secret/parcel: PATCH secrets "parcel" in namespace "NAMESPACE": 500 schemaMismatch: illegal base64 data (secret.yaml.eta:2:1)',
    siblings: true,
  },
  {
    title: 'a change of an immutable field',
    spec: { image: 'one', password: secretText },
    change: { image: 'two' },
    reason: 'ApplyFailed',
    says: 'Job/parcel: PATCH jobs.batch "parcel" in namespace "NAMESPACE": 422 Invalid: spec.template (FieldValueInvalid: field is immutable) (job.yaml.eta:9:5); this cannot change while the object is there: "kubectl delete jobs.batch parcel -n NAMESPACE" ends it and all that it holds, and it is made again as it is rendered',
    siblings: true,
  },
  {
    title: 'a quota that is used up',
    prepare: quota,
    spec: { image: 'one', password: secretText },
    reason: 'ApplyFailed',
    says: 'Job/parcel: PATCH jobs.batch "parcel" in namespace "NAMESPACE": 403 Forbidden: quota "no-jobs" is used up (job.yaml.eta:2:1)',
    siblings: true,
  },
  {
    title: 'an admission policy',
    prepare: policy,
    spec: { image: 'one', password: secretText },
    reason: 'ApplyFailed',
    says: 'Job/parcel: PATCH jobs.batch "parcel" in namespace "NAMESPACE": 422 Invalid: ValidatingAdmissionPolicy "no-jobs.NAMESPACE" denied it (job.yaml.eta:2:1)',
    siblings: true,
  },
  {
    title: 'an object that is too large',
    spec: { characters: 1_600_000 },
    reason: 'ApplyFailed',
    says: 'ConfigMap/parcel: PATCH configmaps "parcel" in namespace "NAMESPACE": 422 Invalid: FieldValueTooLong: may not be more than 1048576 bytes (configmap.yaml.eta:1:1)',
    siblings: false,
  },
]

async function started(cluster: Cluster, operator: (options: object) => Promise<OperatorProcess>): Promise<OperatorProcess> {
  await installDefinition(cluster, `${project}/charts/parcel/crds/parcel.yaml`)
  return await operator({ watches: `${project}/watches.yaml` })
}

const createParcel = async (cluster: Cluster, spec: object, name = 'parcel') =>
  await create(cluster, collection(cluster, 'parcels.example.com/v1', 'parcels'), {
    apiVersion: 'parcels.example.com/v1',
    kind: 'Parcel',
    metadata: { name },
    spec,
  })

const requestsSince = (cluster: Cluster, since: ReturnType<Cluster['audit']['mark']>) =>
  cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since })

describe('Ready is False and tells where to look and no value, for', () => {
  for (const { title, prepare, spec, change: later, reason, says, orSays = says, siblings } of refusals) {
    // The sandbox runs no admission policies.
    test.runIf(onControlPlane || prepare !== policy).concurrent(title, async ({ cluster, operator }) => {
      const process = await started(cluster, operator)
      await prepare?.(cluster)
      await createParcel(cluster, spec)
      if (later) {
        await untilCondition(cluster, parcel(cluster), { status: 'True' })
        await change(cluster, parcel(cluster), { spec: later })
      }

      const ready = await untilCondition(cluster, parcel(cluster), { status: 'False', message: /\((?:[A-Z_]+|\/.*)\)$|[A-Z]\w+/ })
      const stalled = await untilCondition(cluster, parcel(cluster), { type: 'Stalled', status: 'True' })

      const message = ready.message
        .replaceAll(cluster.namespace, 'NAMESPACE')
        .replaceAll('a'.repeat(250), 'LONG')
        .replaceAll(`${templates}/`, '')
        .replaceAll(`${project}/`, '')
      expect({ reason: ready.reason, message }).toEqual({ reason, message: message === orSays ? orSays : says })
      expect(stalled.message).toBe(ready.message)
      expect(await exists(cluster, configMap(cluster))).toBe(siblings)
      const { status } = await read<{ status: object }>(cluster, parcel(cluster))
      expect(process.text + JSON.stringify(process.lines) + JSON.stringify(status)).not.toContain(secretText)
    })
  }

  test('one custom resource that never ends its loop, while others go on', async ({ cluster, operator }) => {
    await started(cluster, operator)
    await createParcel(cluster, { turns: 1e12 })
    await createParcel(cluster, {}, 'other')
    await untilCondition(cluster, parcel(cluster, 'other'), { status: 'True' })
    await untilCondition(cluster, parcel(cluster), { status: 'False', message: /TEMPLATE_LIMIT/ })
    expect(await exists(cluster, configMap(cluster, 'other'))).toBe(true)
  })
})

describe('what was refused', () => {
  test('leaves what was there as it is, also over a restart, and costs no write of it when the spec is put back', async ({
    cluster,
    operator,
  }) => {
    const first = await started(cluster, operator)
    await createParcel(cluster, { image: 'one' })
    await untilCondition(cluster, parcel(cluster), { status: 'True' })
    const job = `${collection(cluster, 'batch/v1', 'jobs')}/parcel`
    const { metadata } = await read<{ metadata: { uid: string; generation: number } }>(cluster, job)
    await change(cluster, parcel(cluster), { spec: { image: 'two' } })
    await untilCondition(cluster, parcel(cluster), { status: 'False' })
    await first.stop()
    const begin = cluster.audit.mark()
    await operator({ watches: `${project}/watches.yaml` })
    await cluster.eventually(() => Object.hasOwn(requestsSince(cluster, begin), 'patch jobs'), { describe: 'it is tried again' })

    const back = cluster.audit.mark()
    await change(cluster, parcel(cluster), { spec: { image: 'one' } })

    await untilCondition(cluster, parcel(cluster), { status: 'True' })
    expect(await untilCondition(cluster, parcel(cluster), { type: 'Stalled', status: 'False' })).toMatchObject({ message: '' })
    expect((await read<{ metadata: object }>(cluster, job)).metadata).toMatchObject({
      uid: metadata.uid,
      generation: metadata.generation,
    })
    // What was still on its way for the other spec was refused like the one before.
    const patches = cluster.audit.requests({
      userAgent: 'fairlead/',
      namespace: cluster.namespace,
      resource: 'jobs',
      verb: 'patch',
      since: back,
    })
    expect(patches.filter(({ code }) => code < 300)).toEqual([])
  })

  test('is sent again less and less often, however many events its siblings have', async ({ cluster, operator }) => {
    await started(cluster, operator)
    await createParcel(cluster, { image: 'one' })
    await untilCondition(cluster, parcel(cluster), { status: 'True' })
    const begin = cluster.audit.mark()
    await change(cluster, parcel(cluster), { spec: { image: 'two' } })
    await untilCondition(cluster, parcel(cluster), { status: 'False' })

    let events = 0
    await cluster.eventually(
      async () => {
        await change(cluster, configMap(cluster), { metadata: { labels: { turn: String(++events) } } })
        return events === 60
      },
      { describe: 'sixty events', interval: 50 },
    )

    const refused = (): number => requestsSince(cluster, begin)['patch jobs'] ?? 0
    console.log(`${events} events of a sibling: ${refused()} tries`)
    expect(refused()).toBeLessThanOrEqual(12)
    // What is sent less often is still sent.
    await remove(cluster, `${collection(cluster, 'batch/v1', 'jobs')}/parcel`)
    await untilCondition(cluster, parcel(cluster), { status: 'True' })
  })

  test('is applied when the spec is put right', async ({ cluster, operator }) => {
    await started(cluster, operator)
    await createParcel(cluster, { image: 'one' })
    await untilCondition(cluster, parcel(cluster), { status: 'True' })
    await change(cluster, parcel(cluster), { spec: { image: 'two' } })
    await untilCondition(cluster, parcel(cluster), { status: 'False' })

    // The user's way out of an immutable field.
    await remove(cluster, `${collection(cluster, 'batch/v1', 'jobs')}/parcel`)

    await untilCondition(cluster, parcel(cluster), { status: 'True' })
    const job = await read<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
      cluster,
      `${collection(cluster, 'batch/v1', 'jobs')}/parcel`,
    )
    expect(job.spec.template.spec.containers[0]?.image).toBe('two')
  })
})
