/** The walk through the API that operator workshops take: the versions, a list, an image by PUT, by PATCH, scale, status, a watch, a definition. */
import { cases } from '../case.ts'
import { definition, deployment, established } from '../objects.ts'

interface Item {
  status: { readyReplicas?: number; observedGeneration?: number; updatedReplicas?: number; replicas?: number }
  metadata: { generation: number }
}
const settled = (count: number) => ({
  until: ({ status, metadata }: Item) =>
    status.readyReplicas === count &&
    status.updatedReplicas === count &&
    status.replicas === count &&
    status.observedGeneration === metadata.generation,
})

export default cases({
  'the workshop': async (api) => {
    await api.send('GET /api', undefined, { pick: ({ versions }: { versions: string[] }) => versions })
    await api.send('GET /apis', undefined, {
      pick: ({ groups }: { groups: { name: string }[] }) => groups.map(({ name }) => name).filter((name) => !/example|test/.test(name)),
    })
    await api.send('GET /apis/apps')
    await api.send('GET /apis/apps/v1')
    await api.send('GET apps/v1/deployments')
    await api.send('POST apps/v1/deployments', deployment('a', 1))
    const { body } = await api.send('GET apps/v1/deployments/a', undefined, { ...settled(1), pick: summary })

    const watch = await api.watch(
      'v1/pods?labelSelector=app=a&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
    )
    const first = await watch.until(({ type }) => type === 'BOOKMARK')
    api.keep({ asked: 'the pod that is there', image: first[0].object.spec.containers[0].image })

    const container = { ...body.spec.template.spec.containers[0], image: 'registry.k8s.io/pause:3.9' }
    const template = { ...body.spec.template, spec: { ...body.spec.template.spec, containers: [container] } }
    await api.send('PUT apps/v1/deployments/a', { ...body, spec: { ...body.spec, template } }, { pick: summary })
    await api.send('GET apps/v1/deployments/a', undefined, { ...settled(1), pick: summary })
    await api.send('PUT apps/v1/deployments/a', { ...body, spec: { ...body.spec, template } })

    await api.send(
      'STRATEGIC apps/v1/deployments/a',
      { spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.8' }] } } } },
      { pick: summary },
    )
    await api.send('GET apps/v1/deployments/a', undefined, { ...settled(1), pick: summary })

    await api.send('GET apps/v1/deployments/a/scale')
    await api.send(
      'MERGE apps/v1/deployments/a/scale',
      { spec: { replicas: 2 } },
      { pick: ({ kind, spec }: { kind: string; spec: object }) => [kind, spec] },
    )
    await api.send('GET apps/v1/deployments/a/status', undefined, { ...settled(2), pick: summary })
    await api.send('TABLE apps/v1/deployments')

    await api.send(
      'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition({ type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } } } } }),
    )
    await api.send('GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{id}.example.com', undefined, {
      until: established,
    })
    await api.send('GET {id}.example.com/v1/widgets', undefined, { until: ({ kind }: { kind: string }) => kind === 'WidgetList' })
    await api.send('POST {id}.example.com/v1/widgets', {
      apiVersion: '{id}.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'mine' },
      spec: { size: 3 },
    })
    await api.send('POST {id}.example.com/v1/widgets', {
      apiVersion: '{id}.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'none' },
      spec: { size: 0 },
    })
    await api.send('DELETE apps/v1/deployments/a', { propagationPolicy: 'Foreground' }, { pick: ({ kind }: { kind: string }) => kind })
    await api.send('GET apps/v1/deployments/a', undefined, { until: ({ code }: { code?: number }) => code === 404 })
  },
})

/** What does not depend on the moment at which controllers write. */
function summary(body: { spec: object; status: Record<string, unknown> }): unknown {
  return { spec: body.spec, replicas: body.status['replicas'] }
}
