import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'
import { read } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { untilTold } from '../told.ts'
import { type Deployment, installStands, openStand, watches } from './stands.ts'

describe('under the policy yield', () => {
  test('a field is a second applier’s for as long as it holds it, and ours again after', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield')
    expect(await stand.replicas()).toBe(5)

    expect(await stand.applyAs('tuner', { replicas: 7 })).toMatchObject({ exitCode: 0 })
    await cluster.eventually(async () => (await stand.condition('FieldsYielded'))?.status === 'True', { describe: 'FieldsYielded' })
    expect(await stand.condition('FieldsYielded')).toMatchObject({
      reason: 'HeldByAnother',
      message: 'left to others: Deployment/shop spec.replicas (tuner)',
    })
    expect(await untilTold(cluster, 'FieldsYielded')).toMatchObject({
      type: 'Normal',
      action: 'Yield',
      note: 'left to others: Deployment/shop spec.replicas (tuner)',
    })
    await stand.until('True')
    expect(await stand.replicas()).toBe(7)

    // Other fields of the object are ours as before.
    await stand.patch({ image: 'example.com/web:2', replicas: 6 })
    await stand.until('True')
    const { spec } = await read<Deployment>(cluster, stand.deployment)
    expect([spec.replicas, spec.template.spec.containers[0]?.image]).toEqual([7, 'example.com/web:2'])

    // The field is nobody else's now: no force is needed.
    expect(await stand.applyAs('tuner', { replicas: 8 }, { force: false })).toMatchObject({ exitCode: 0 })
    await stand.until('True')
    await untilQuiet(cluster, running, stand.path)
    expect(await stand.replicas()).toBe(8)

    // It goes on without the number, and so gives it back.
    expect(await stand.applyAs('tuner', { paused: false })).toMatchObject({ exitCode: 0 })
    await stand.untilReplicas(6)
    await cluster.eventually(async () => (await stand.condition('FieldsYielded')) === undefined, { describe: 'nothing is yielded' })
    await stand.until('True')
    await untilQuiet(cluster, running, stand.path)
  })

  test('a number that a second applier agrees on is its own too', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield')
    expect(await stand.applyAs('tuner', { replicas: 5 }, { force: false })).toMatchObject({ exitCode: 0 })
    await cluster.eventually(async () => (await stand.condition('FieldsYielded'))?.status === 'True', { describe: 'FieldsYielded' })
    await untilQuiet(cluster, running, stand.path)
    expect(await stand.replicas()).toBe(5)
    expect(await stand.applyAs('tuner', { replicas: 9 }, { force: false })).toMatchObject({ exitCode: 0 })
    await untilQuiet(cluster, running, stand.path)
    expect(await stand.replicas()).toBe(9)
  })

  test('a person’s edit is put back, since nobody stands behind it', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield')
    await stand.edit('s/replicas:.5/replicas:\\ 9/')
    await running.line(/updated Deployment\/shop: \.spec\.replicas put back; changed by kubectl-edit/)
    await stand.untilReplicas(5)
    expect(await stand.condition('FieldsYielded')).toBeUndefined()
  })

  test('a container that a second applier adds stays, and costs no write', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield')
    const containers = [{ name: 'sidecar', image: 'example.com/sidecar:1' }]
    expect(await stand.applyAs('mesh', { template: { spec: { containers } } })).toMatchObject({ exitCode: 0 })
    await untilQuiet(cluster, running, stand.path)
    const { spec } = await read<Deployment>(cluster, stand.deployment)
    expect(spec.template.spec.containers.map(({ name }) => name).sort()).toEqual(['sidecar', 'web'])
  })

  test('the number is that of an autoscaler which somebody else made, until it is gone', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield')
    const { exitCode, stderr } = await cluster.kubectl(['autoscale', 'deployment', 'shop', '--min=2', '--max=9'])
    expect(exitCode, stderr).toBe(0)
    await cluster.eventually(async () => (await stand.condition('FieldsYielded'))?.message.includes('HorizontalPodAutoscaler/shop'), {
      describe: 'the autoscaler is named',
    })
    expect(await stand.replicas()).toBe(5)

    await stand.scale(7)
    await cluster.eventually(async () => (await stand.condition('FieldsYielded'))?.message.includes('kube-controller-manager'), {
      describe: 'its manager is named',
    })
    expect(await stand.condition('FieldsYielded')).toMatchObject({
      message: 'left to others: Deployment/shop spec.replicas (HorizontalPodAutoscaler/shop, kube-controller-manager)',
    })
    await untilQuiet(cluster, running, stand.path)
    expect(await stand.replicas()).toBe(7)

    await cluster.kubectl(['delete', 'horizontalpodautoscaler', 'shop'])
    await stand.untilReplicas(5)
    await cluster.eventually(async () => (await stand.condition('FieldsYielded')) === undefined, { describe: 'nothing is yielded' })
    await untilQuiet(cluster, running, stand.path)
  })

  test('where autoscalers may not be listed, the number is the chart’s, and a warning names the rule that lacks', async ({
    cluster,
    operator,
  }) => {
    await installStands(cluster)
    const rules = [
      { verbs: ['get', 'list', 'watch'], apiGroups: ['stands.example.com'], resources: ['stands'] },
      { verbs: ['patch'], apiGroups: ['stands.example.com'], resources: ['stands/status'] },
      { verbs: ['update'], apiGroups: ['stands.example.com'], resources: ['stands/finalizers'] },
      { verbs: ['get'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
      { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
      { verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'] },
      { verbs: ['*'], apiGroups: [''], resources: ['configmaps'] },
    ]
    const running = await operator({ watches, kubeconfig: await cluster.kubeconfigFor({ name: 'operator', rules }) })
    const stand = await openStand(cluster, 'yield')
    await cluster.kubectl(['autoscale', 'deployment', 'shop', '--min=2', '--max=9'])

    expect((await running.line(/cannot be heeded/)).msg).toMatch(
      new RegExp(
        `^autoscalers in namespace ${cluster.namespace} cannot be heeded, so .* may not list horizontalpodautoscalers.autoscaling .*; the operator's role needs \\{ apiGroups: \\["autoscaling"\\], resources: \\["horizontalpodautoscalers"\\], verbs: \\["list", "watch"\\] \\} in namespace ${cluster.namespace}$`,
      ),
    )
    await stand.scale(7)
    await running.line(/^updated Deployment\/shop: .spec.replicas put back/)
    expect(await stand.replicas()).toBe(5)
    expect(running.lines.filter(({ msg }) => msg.includes('cannot be heeded'))).toHaveLength(1)
  })

  test('an object’s own policy wins over its watch’s', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'yield', { fieldPolicy: 'force' })
    expect(await stand.applyAs('tuner', { replicas: 7 })).toMatchObject({ exitCode: 0 })
    await running.line(/updated Deployment\/shop: \.spec\.replicas put back; changed by tuner/)
    await stand.untilReplicas(5)
    expect(await stand.condition('FieldsYielded')).toBeUndefined()
  })
})

describe('under the policy fail', () => {
  test('nothing is taken from a person, the conflict names field and manager, and the other dependents go on', async ({
    cluster,
    operator,
  }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'fail')
    await stand.edit('s/replicas:.5/replicas:\\ 9/')
    const stalled = await stand.until('False', /kubectl-edit/)
    expect(stalled).toMatchObject({
      reason: 'Conflict',
      message: 'Deployment/shop: not touched: .spec.replicas belongs to "kubectl-edit"',
    })

    await stand.patch({ note: 'new', image: 'example.com/web:2' })
    await cluster.eventually(async () => (await read<{ data: { note: string } }>(cluster, stand.configMap)).data.note === 'new')
    await stand.until('False', /kubectl-edit/)
    const { spec } = await read<Deployment>(cluster, stand.deployment)
    expect([spec.replicas, spec.template.spec.containers[0]?.image]).toEqual([9, 'example.com/web:1'])

    // Nothing is asked again while no more changes than the status, as it does while pods come and go.
    const mark = cluster.audit.mark()
    const seen = { conditions: [{ type: 'Seen', status: 'True' }] }
    await cluster.kubectl([
      'patch',
      'deployment',
      'shop',
      '--subresource=status',
      '--type=merge',
      `--patch=${JSON.stringify({ status: seen })}`,
    ])
    await stand.patch({ note: 'newer' })
    await cluster.eventually(async () => (await read<{ data: { note: string } }>(cluster, stand.configMap)).data.note === 'newer')
    await stand.until('False', /kubectl-edit/)
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
    expect(Object.keys(requests).filter((request) => request.includes('deployments'))).toEqual([])

    await stand.edit('s/replicas:.9/replicas:\\ 5/')
    await stand.until('True')
    expect((await read<Deployment>(cluster, stand.deployment)).spec.template.spec.containers[0]?.image).toBe('example.com/web:2')
    await untilQuiet(cluster, running, stand.path)
  })

  test('an item in a list of ours is left where somebody put it', async ({ cluster, operator }) => {
    await installStands(cluster)
    await operator({ watches })
    const stand = await openStand(cluster, 'fail')
    await stand.edit('s/name:.web/name:\\ renamed/')
    await stand.until('False', /\{"name":"renamed"\} in \.spec\.template\.spec\.containers belongs to "kubectl-edit"/)
    const { spec } = await read<Deployment>(cluster, stand.deployment)
    expect(spec.template.spec.containers.map(({ name }) => name)).toEqual(['renamed'])
  })
})

describe('under the policy force', () => {
  test('a person’s number and a second applier’s are put back', async ({ cluster, operator }) => {
    await installStands(cluster)
    const running = await operator({ watches })
    const stand = await openStand(cluster, 'force')
    await stand.edit('s/replicas:.5/replicas:\\ 9/')
    await running.line(/changed by kubectl-edit/)
    expect(await stand.applyAs('tuner', { replicas: 7 })).toMatchObject({ exitCode: 0 })
    await running.line(/changed by tuner/)
    await stand.untilReplicas(5)
    await untilQuiet(cluster, running, stand.path)
  })
})
