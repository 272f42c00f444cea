import { describe, expect } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/api/object.ts'
import type { Cluster, Response } from '../../controlplane/fixture.ts'
import { appPath, installAppDefinition } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilPasses } from '../metrics.ts'
import { untilQuiet } from '../quiet.ts'
import type { Dependent, Live } from './dependent.ts'
import { Report } from './report.ts'
import { openShop, plain } from './shop.ts'

type Ports = { name: string; port: number; nodePort?: number }[]
interface Container {
  name: string
  env: { name: string; value: string }[]
  ports: { name?: string; containerPort: number }[]
}

const servicePorts = (edit: (ports: Ports) => unknown[]) => (live: Live) =>
  ({
    ...live,
    spec: { ...(live['spec'] as JsonObject), ports: edit((live['spec'] as unknown as { ports: Ports }).ports) },
  }) as unknown as Live

const containers = (edit: (containers: Container[]) => unknown[]) => (live: Live) => {
  const spec = live['spec'] as unknown as { template: { spec: { containers: Container[] } } }
  return {
    ...live,
    spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers: edit(spec.template.spec.containers) } } },
  } as unknown as Live
}
const container = (edit: (container: Container) => object) => containers((all) => all.map(edit))

const sidecar = { name: 'sidecar', image: 'example.com/sidecar:1' }

/** What people do to lists with `kubectl edit`: the whole object is put back with one thing changed. */
const edits: readonly { kind: 'Service' | 'Deployment'; field: string; edit: (live: Live) => Live }[] = [
  {
    kind: 'Service',
    field: 'port 80 becomes 9999, its name stays',
    edit: servicePorts((ports) => ports.map((port) => ({ ...port, port: 9999 }))),
  },
  { kind: 'Service', field: 'port http is renamed', edit: servicePorts((ports) => ports.map((port) => ({ ...port, name: 'web' }))) },
  {
    kind: 'Service',
    field: 'port 80 becomes 9999 and is renamed',
    edit: servicePorts((ports) => ports.map((port) => ({ ...port, port: 9999, name: 'web' }))),
  },
  { kind: 'Service', field: 'port 80 becomes UDP', edit: servicePorts((ports) => ports.map((port) => ({ ...port, protocol: 'UDP' }))) },
  { kind: 'Service', field: 'a port is added', edit: servicePorts((ports) => [...ports, { name: 'metrics', port: 9090 }]) },
  { kind: 'Service', field: 'a port is added before ours', edit: servicePorts((ports) => [{ name: 'metrics', port: 9090 }, ...ports]) },
  {
    kind: 'Service',
    field: 'our port is replaced by two others',
    edit: servicePorts(() => [
      { name: 'http', port: 81 },
      { name: 'metrics', port: 9090 },
    ]),
  },
  { kind: 'Deployment', field: 'the container is renamed', edit: container((of) => ({ ...of, name: 'renamed' })) },
  { kind: 'Deployment', field: 'a container is added', edit: containers((all) => [...all, sidecar]) },
  { kind: 'Deployment', field: 'a container is added before ours', edit: containers((all) => [sidecar, ...all]) },
  { kind: 'Deployment', field: 'the container is replaced by another', edit: containers(() => [sidecar]) },
  {
    kind: 'Deployment',
    field: 'an environment variable is renamed',
    edit: container((of) => ({ ...of, env: of.env.map((variable) => ({ ...variable, name: 'RENAMED' })) })),
  },
  {
    kind: 'Deployment',
    field: 'an environment variable is added',
    edit: container((of) => ({ ...of, env: [...of.env, { name: 'ADDED', value: '1' }] })),
  },
  { kind: 'Deployment', field: 'all environment variables are removed', edit: container((of) => ({ ...of, env: [] })) },
  {
    kind: 'Deployment',
    field: 'container port 8080 becomes 8081',
    edit: container((of) => ({ ...of, ports: of.ports.map((port) => ({ ...port, containerPort: 8081 })) })),
  },
  {
    kind: 'Deployment',
    field: 'a container port is added',
    edit: container((of) => ({ ...of, ports: [...of.ports, { containerPort: 9090 }] })),
  },
  {
    kind: 'Deployment',
    field: 'the container, its port and its variable are renamed',
    edit: container((of) => ({
      ...of,
      name: 'renamed',
      ports: [{ name: 'web', containerPort: 8081 }],
      env: [{ name: 'RENAMED', value: '1' }],
    })),
  },
]

describe('the lists of an App’s dependents', () => {
  test('are put right, item by item, when somebody edits them', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', plain)
    const report = new Report()
    for (const { kind, field, edit } of edits) {
      const dependent = shop.dependent(kind)
      await heal(cluster, dependent, { how: 'put', field, change: () => dependent.put(edit) }, report)
    }
    report.print('Lists of the dependents of an App:')
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('are put right when a tool of Kubernetes changes them', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const shop = await openShop(cluster, 'shop', plain)
    const [service, deployment] = [shop.dependent('Service'), shop.dependent('Deployment')]
    const report = new Report()
    const kubectl = (...args: string[]) => args
    const commands: readonly [Dependent, string[], string?][] = [
      [deployment, kubectl('set', 'image', 'deployment/shop', 'app=example.com/other:1')],
      [deployment, kubectl('set', 'env', 'deployment/shop', 'PORT=9090', 'ADDED=1')],
      [deployment, kubectl('set', 'resources', 'deployment/shop', '--requests=cpu=2', '--limits=cpu=4')],
      [deployment, kubectl('scale', 'deployment/shop', '--replicas=3')],
      [
        deployment,
        kubectl('patch', 'deployment', 'shop', '-p', JSON.stringify({ spec: { template: { spec: { containers: [sidecar] } } } })),
      ],
      [service, kubectl('patch', 'service', 'shop', '--type=json', '-p', '[{"op":"replace","path":"/spec/ports/0/port","value":9999}]')],
      [service, kubectl('set', 'selector', 'service/shop', 'app=other')],
      [service, kubectl('label', 'service', 'shop', 'app.kubernetes.io/name=other', '--overwrite')],
      [
        service,
        kubectl('apply', '--server-side', '--force-conflicts', '--field-manager=somebody', '-f', '-'),
        serviceWith(cluster, [
          { name: 'http', port: 80 },
          { name: 'metrics', port: 9090 },
        ]),
      ],
    ]
    for (const [dependent, args, input] of commands) {
      const change = async () => {
        const { exitCode, stderr } = await cluster.kubectl(args, input === undefined ? {} : { input })
        expect(exitCode, stderr).toBe(0)
      }
      await heal(cluster, dependent, { how: 'kubectl', field: args.slice(0, 2).join(' '), change }, report)
    }
    report.print('What kubectl did to an App’s dependents:')
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })

  test('keep what somebody adds where nothing was rendered', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const running = await operator()
    const deployment = (await openShop(cluster, 'shop', plain)).dependent('Deployment')
    const before = await untilPasses(cluster, running, 0)
    const mark = cluster.audit.mark()

    const added: JsonValue = {
      spec: { template: { spec: { volumes: [{ name: 'scratch', emptyDir: {} }], tolerations: [{ operator: 'Exists' }] } } },
    }
    expect((await deployment.mergePatch(added as object)).status).toBe(200)

    await untilPasses(cluster, running, before.passes('done') + 1)
    expect(await deployment.read()).toMatchObject(added as object)
    expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })).not.toHaveProperty(
      'patch deployments',
    )
    await untilQuiet(cluster, running, appPath(cluster, 'shop'))
  })
})

async function heal(
  cluster: Cluster,
  dependent: Dependent,
  { how, field, change }: { how: string; field: string; change: () => Promise<Response<Live> | void> },
  report: Report,
): Promise<void> {
  const before = await dependent.read()
  const mark = cluster.audit.mark()
  const answer = await change()
  if (answer) expect(answer.status, `${field}: ${JSON.stringify(answer.body)}`).toBe(200)
  report.healed.push({ kind: dependent.kind, field, how, milliseconds: await dependent.untilHealed(before, performance.now(), field) })
  // Without an effect there is nothing to heal, and the row would say nothing.
  const writes = () =>
    cluster.audit.requests({ userAgent: 'fairlead/', verb: 'patch', namespace: cluster.namespace, name: dependent.name, since: mark })
  await cluster.eventually(() => writes().length > 0, { describe: `${field}: the operator wrote` })
}

const serviceWith = (cluster: Cluster, ports: Ports): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop', namespace: cluster.namespace }, spec: { ports } })
