import { describe, expect, it } from 'vitest'
import { appliedAnnotation } from '../../src/api/names.ts'
import type { KubernetesObject } from '../../src/api/object.ts'
import { applyBound } from '../../src/kube/writes.ts'
import { type FakeCluster, refusal } from './fake-cluster.ts'
import { app, config, configMap, deployment, job, service, stage } from './stage.ts'

const web = (port: number, targetPort = port) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { ports: [{ name: 'http', port, targetPort }] },
})
const pods = (image = 'web:1', replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas, template: { spec: { containers: [{ name: 'web', image }] } } },
})
const containersOf = (object: KubernetesObject) =>
  (object['spec'] as { template: { spec: { containers: { name: string }[] } } }).template.spec.containers.map(({ name }) => name)
const portsOf = (object: KubernetesObject) => (object['spec'] as { ports: { port: number }[] }).ports.map(({ port }) => port)
const uidOf = (cluster: FakeCluster) => cluster.get('apps.app.company.com', 'shop')?.metadata.uid as string

describe('a dependent that was applied in our name by somebody else', () => {
  it('is left to who the primary’s labels may have moved it to, and put right if it has moved to nobody', async () => {
    const { cluster, pass, passes } = await stage()
    await passes()
    const made = cluster.get('configmaps', 'c') as KubernetesObject
    const { uid, managedFields: _fields, resourceVersion: _version, creationTimestamp: _time, ...metadata } = made.metadata
    const release = cluster.holdEvents('apps.app.company.com')
    cluster.edit(app, 'shop', (object) => void (object.metadata.labels = { line: 'south' }))
    const annotations = { ...metadata.annotations, [appliedAnnotation]: 'v1:another' }
    await applyBound(
      cluster,
      configMap,
      { ...made, metadata: { ...metadata, annotations }, data: { a: '2' } },
      {
        manager: `fairlead/dependents/${uidOf(cluster)}`,
        uid: uid as string,
        force: true,
      },
    )
    cluster.requests()

    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.requests()).toEqual(['get apps.app.company.com shop'])
    release()
    await passes()
    expect(cluster.get('configmaps', 'c')).toMatchObject({ data: { a: '1' } })
  })
})

describe('a create', () => {
  it('whose answer was lost is found to be our own, and costs one read', async () => {
    const { cluster, pass, conditions } = await stage()
    const release = cluster.holdEvents()
    cluster.after = ({ verb, resource }) => {
      if (verb === 'apply' && resource === 'configmaps') throw refusal({ class: 'network', code: 0, reason: 'Reset', maybeDone: true })
    }
    expect(await pass()).toMatchObject({ kind: 'retry' })
    cluster.after = undefined
    const made = cluster.get('configmaps', 'c')?.metadata.resourceVersion
    cluster.requests()
    release()
    const again = cluster.holdEvents()
    await pass()
    again()
    expect(cluster.get('configmaps', 'c')?.metadata.resourceVersion).toBe(made)
    expect(conditions()['Ready']).toBe('True Ready: 1 dependent is ready')
  })

  it('that was lost, with the cache still behind, reads the object and keeps it', async () => {
    const { cluster, pass } = await stage()
    cluster.holdEvents()
    cluster.after = ({ verb, resource }) => {
      if (verb === 'apply' && resource === 'configmaps') throw refusal({ class: 'network', code: 0, reason: 'Reset', maybeDone: true })
    }
    cluster.before = ({ resource }) => {
      if (resource.endsWith('/status')) throw refusal({ class: 'unavailable', code: 503 })
    }
    await pass()
    cluster.after = undefined
    cluster.requests()
    await pass()
    expect(cluster.requests()).toEqual(['apply configmaps c', 'get configmaps c', 'apply apps.app.company.com/status shop'])
  })

  it('leaves a stranger’s object alone and says so', async () => {
    const { cluster, pass, conditions, logged } = await stage()
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { theirs: 'x' } }))
    const before = cluster.get('configmaps', 'c')
    const thereBefore =
      'it was there before, or has lost the marks of this operator; where the watch says adoption: ifLabelled, the label or annotation fairlead.dev/adopt: shop hands it over'
    expect(await pass()).toMatchObject({ kind: 'failed', problem: { code: 'WRITE_REFUSED' } })
    expect(cluster.get('configmaps', 'c')).toEqual(before)
    expect(conditions()['Stalled']).toBe(`True Conflict: ConfigMap/c: not touched: ${thereBefore}`)
    expect(logged('warn')).toEqual([`ConfigMap/c is not touched: ${thereBefore}`])
  })

  it('leaves another controller’s object alone and names the controller', async () => {
    const { cluster, pass, conditions } = await stage()
    cluster.edit(configMap, 'c', (object) => {
      object.metadata.ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u9', controller: true }]
    })
    await pass()
    expect(conditions()['Stalled']).toBe('True Conflict: ConfigMap/c: not touched: it is controlled by StatefulSet/db')
  })

  it('leaves another primary’s object alone: the second one that renders a name has the conflict', async () => {
    const { cluster, pass, conditions } = await stage()
    cluster.edit(app, 'other', (object) => Object.assign(object, { spec: { size: 1 } }))
    await pass('other')
    // Nothing tells when the name is free: it is looked at again soon.
    expect(await pass()).toMatchObject({ kind: 'failed', retryAfter: 30_000 })
    expect(conditions()['Stalled']).toBe(
      'True Conflict: ConfigMap/c: not touched: App eu/other renders it too and had it first; ' +
        'App eu/shop takes it over when App eu/other is gone or does not render it any more',
    )
  })

  it('gives back its label to an object of ours that lost it', async () => {
    const { cluster, passes } = await stage()
    await passes()
    const { uid } = cluster.there('configmaps', 'c').metadata as { uid: string }
    cluster.edit(configMap, 'c', ({ metadata }) => void delete metadata.labels)
    await passes()
    expect(cluster.get('configmaps', 'c')?.metadata).toMatchObject({ uid, labels: { 'fairlead.dev/primary-uid': uidOf(cluster) } })
  })
})

describe('a Job that its time to live has deleted', () => {
  it('is made again, and the log names the field that deletes it', async () => {
    const migrate = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec: { ttlSecondsAfterFinished: 1 } }
    const { cluster, passes, logged } = await stage({ kinds: [job], render: () => [migrate] })
    await passes()
    logged('info')
    cluster.remove(job, 'migrate')
    await passes()
    expect(logged('info')).toEqual(['created Job/migrate: its spec.ttlSecondsAfterFinished deletes it when it has finished (drift)'])
  })
})

describe('an update', () => {
  it('sends another body without reading first', async () => {
    const { cluster, pass, passes, program, logged } = await stage()
    await passes()
    logged('info')
    program.render = () => [config('c', { a: '2' })]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await pass()
    await pass()
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ a: '2' })
    expect(cluster.requests().filter((request) => request.includes('configmaps'))).toEqual(['apply configmaps c'])
    expect(logged('info')).toEqual(['updated ConfigMap/c (spec)'])
  })

  it('of drift reads the object live once, and says which fields were changed by whom', async () => {
    const { cluster, pass, passes, logged } = await stage()
    await passes()
    logged('info')
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
    await passes()
    await pass()
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ a: '1' })
    expect(logged('info')).toEqual(['updated ConfigMap/c: .data.a put back; changed by kubectl-edit (drift)'])
  })

  it('of drift that the server refuses says whose change is in the way', async () => {
    const { cluster, pass, passes, conditions } = await stage()
    await passes()
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
    cluster.before = ({ verb, resource }) => {
      const fields = [{ path: 'data', reason: 'FieldValueForbidden', why: 'field is immutable when `immutable` is set' }]
      if (verb === 'apply' && resource === 'configmaps') throw refusal({ class: 'invalid', code: 422, reason: 'Invalid', fields })
    }
    await pass()
    expect(conditions()['Stalled']).toBe(
      'True ApplyFailed: ConfigMap/c: PATCH configmaps "c" in namespace "eu": 422 Invalid: data (FieldValueForbidden: field is immutable when `immutable` is set) ' +
        '(charts/app/templates/a.yaml.eta:7); it was changed by kubectl-edit; this cannot change while the object is there: ' +
        '"kubectl delete configmaps c -n eu" ends it and all that it holds, and it is made again as it is rendered',
    )
  })

  it('of drift that is put right by then writes nothing', async () => {
    const { cluster, pass, passes, restart, logged } = await stage()
    await passes()
    logged('info')
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
    const other = await restart()
    cluster.holdEvents()
    await other.pass()
    cluster.requests()
    await pass()
    expect(cluster.requests()).toEqual(['get configmaps c'])
    expect(logged('info')).toEqual([])
  })

  it('of an object that was replaced in between writes nothing to the other one', async () => {
    const { cluster, pass, passes } = await stage()
    await passes()
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { a: 'edited' } }))
    cluster.holdEvents()
    cluster.remove(configMap, 'c')
    cluster.edit(configMap, 'c', (object) => Object.assign(object, { data: { theirs: 'x' } }))
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'c')?.['data']).toEqual({ theirs: 'x' })
  })

  it('of an object that went in between is tried again without a word in the status', async () => {
    const { cluster, pass, passes, program, conditions } = await stage()
    await passes()
    const ready = conditions()
    program.render = () => [config('c', { a: '2' })]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    cluster.holdEvents()
    cluster.remove(configMap, 'c')
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(conditions()).toEqual(ready)
  })
})

describe('entries that hold fields for no one', () => {
  const label = (cluster: FakeCluster, manager: string, value: string) =>
    cluster.edit(configMap, 'c', ({ metadata }) => Object.assign(metadata, { labels: { ...metadata.labels, [value]: value } }), { manager })
  const managersOf = (cluster: FakeCluster) =>
    cluster
      .there('configmaps', 'c')
      .metadata.managedFields?.map(({ manager }) => manager)
      .sort()

  it('are taken off, and no others', async () => {
    const { cluster, passes } = await stage()
    await passes()
    label(cluster, 'before-first-apply', 'a')
    label(cluster, 'kubectl-edit', 'b')
    label(cluster, `fairlead/lists/${uidOf(cluster)}`, 'c')
    label(cluster, 'other', 'd')
    await passes()
    expect(managersOf(cluster)).toEqual([`fairlead/dependents/${uidOf(cluster)}`, 'kubectl-edit', 'other'])
  })

  it('are looked for again when the entries are others by now', async () => {
    const { cluster, passes } = await stage()
    await passes()
    label(cluster, 'before-first-apply', 'a')
    label(cluster, 'kubectl-edit', 'b')
    let once = true
    cluster.before = ({ verb }) => {
      if (verb !== 'patch' || !once) return
      once = false
      // Whoever takes the only field of an entry ends it: the entries behind it move up.
      cluster.edit(configMap, 'c', ({ metadata }) => Object.assign(metadata, { labels: { ...metadata.labels, a: 'taken' } }), {
        manager: 'other',
      })
    }
    await passes()
    expect(once).toBe(false)
    expect(managersOf(cluster)).toEqual([`fairlead/dependents/${uidOf(cluster)}`, 'kubectl-edit', 'other'])
  })
})

describe('an exclusive list', () => {
  it('loses what somebody put into it', async () => {
    const { cluster, passes, logged } = await stage({ kinds: [service], render: () => [web(80)] })
    await passes()
    logged('info')
    cluster.edit(service, 'web', (object) =>
      Object.assign(object, { spec: { ports: [{ name: 'http', port: 9999, targetPort: 80, protocol: 'TCP' }] } }),
    )
    await passes()
    expect(portsOf(cluster.there('services', 'web'))).toEqual([80])
    expect(cluster.get('services', 'web')?.metadata.managedFields?.map(({ manager }) => manager)).toEqual([
      `fairlead/dependents/${uidOf(cluster)}`,
    ])
    expect(logged('info').join()).toContain('1 foreign list item removed; changed by kubectl-edit')
  })

  it('keeps what admission puts into it, tells that once and stops', async () => {
    const { cluster, passes, logged, program } = await stage({ kinds: [deployment], render: () => [pods()] })
    cluster.admit = sidecar
    await passes()
    expect(containersOf(cluster.there('deployments.apps', 'web'))).toEqual(['web', 'proxy'])
    program.render = () => [pods('web:2')]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    expect(containersOf(cluster.there('deployments.apps', 'web'))).toEqual(['web', 'proxy'])
    expect(logged('info').filter((line) => line.includes('admission'))).toEqual([
      'Deployment/web: admission put {"name":"proxy"} into spec.template.spec.containers; it stays',
    ])
  })

  it('keeps what admission put into it also in another process', async () => {
    const first = await stage({ kinds: [deployment], render: () => [pods()] })
    first.cluster.admit = sidecar
    await first.passes()
    const version = first.cluster.get('deployments.apps', 'web')?.metadata.resourceVersion
    const second = await first.restart()
    await second.passes()
    expect(second.cluster.get('deployments.apps', 'web')?.metadata.resourceVersion).toBe(version)
  })

  it('that somebody changes between the read and the repair is looked at again, soon', async () => {
    const { cluster, pass, passes, conditions } = await stage({ kinds: [service], render: () => [web(80)] })
    await passes()
    const edit = (port: number) =>
      cluster.edit(service, 'web', (object) =>
        Object.assign(object, { spec: { ports: [{ name: 'http', port, targetPort: 80, protocol: 'TCP' }] } }),
      )
    edit(9999)
    let raced = false
    cluster.before = ({ verb }) => {
      if (verb === 'patch' && !raced) {
        raced = true
        edit(9998)
      }
    }
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(conditions()['Stalled']).toMatch(/^False/)
    await passes()
    expect(portsOf(cluster.there('services', 'web'))).toEqual([80])
  })

  it('is put right also when something of ours changes with it', async () => {
    const { cluster, passes, program } = await stage({ kinds: [deployment], render: () => [pods()] })
    await passes()
    program.render = () => [pods('web:2')]
    const release = cluster.holdEvents()
    cluster.edit(deployment, 'web', (object) =>
      (object['spec'] as { template: { spec: { containers: object[] } } }).template.spec.containers.push({ name: 'stray' }),
    )
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    release()
    await passes(8)
    expect(containersOf(cluster.there('deployments.apps', 'web'))).toEqual(['web'])
  })

  it('is put right also when somebody adds to it while an update is on its way', async () => {
    const { cluster, passes, program } = await stage({ kinds: [deployment], render: () => [pods()] })
    await passes()
    program.render = () => [pods('web:2')]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    let raced = false
    cluster.before = ({ verb, resource }) => {
      if (verb !== 'apply' || resource !== 'deployments.apps' || raced) return
      raced = true
      cluster.edit(deployment, 'web', (object) =>
        (object['spec'] as { template: { spec: { containers: object[] } } }).template.spec.containers.push({ name: 'stray' }),
      )
    }
    await passes(8)
    expect(raced).toBe(true)
    expect(containersOf(cluster.there('deployments.apps', 'web'))).toEqual(['web'])
  })
})

/** A webhook that injects a container. */
function sidecar(object: KubernetesObject): KubernetesObject {
  if (object.kind === 'Deployment') {
    const { spec } = (object['spec'] as { template: { spec: { containers: { name: string }[] } } }).template
    if (!spec.containers.some(({ name }) => name === 'proxy')) spec.containers.push({ name: 'proxy' })
  }
  return object
}

/** A webhook that takes our annotation off. */
function stripping(object: KubernetesObject): KubernetesObject {
  if (object.kind === 'Deployment') delete object.metadata.annotations
  return object
}

describe('an object whose marks the server does not keep', () => {
  it('is written once, told once and counted', async () => {
    const { cluster, passes, counts, logged } = await stage({ kinds: [deployment], render: () => [pods()] })
    cluster.admit = stripping
    await passes()
    expect(counts).toMatchObject({ 'created spec': 1, 'unmarked Deployment.apps': 1 })
    expect(counts).not.toHaveProperty(['updated input'])
    expect(logged('info').filter((line) => line.includes('marks'))).toHaveLength(1)
  })

  it('is not written again because its own controller writes its status', async () => {
    const { cluster, pass, passes } = await stage({ kinds: [deployment], render: () => [pods()] })
    cluster.admit = stripping
    await passes()
    for (let ready = 1; ready < 4; ready++) {
      cluster.edit(deployment, 'web', (object) => Object.assign(object, { status: { readyReplicas: ready } }), {
        manager: 'kube-controller-manager',
      })
      await pass()
      expect(cluster.requests().filter((request) => request.includes('deployments'))).toEqual([])
    }
  })

  it('is put right when somebody changes it', async () => {
    const { cluster, passes } = await stage({ kinds: [deployment], render: () => [pods()] })
    cluster.admit = stripping
    await passes()
    cluster.edit(deployment, 'web', (object) => Object.assign(object['spec'] as object, { replicas: 7 }))
    await passes()
    expect((cluster.there('deployments.apps', 'web')['spec'] as { replicas: number }).replicas).toBe(1)
  })

  it('is updated when we want another body', async () => {
    const { cluster, passes, program } = await stage({ kinds: [deployment], render: () => [pods()] })
    cluster.admit = stripping
    await passes()
    program.render = () => [pods('web:1', 3)]
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    await passes()
    expect((cluster.there('deployments.apps', 'web')['spec'] as { replicas: number }).replicas).toBe(3)
  })
})

describe('prune', () => {
  const twoThenOne = async () => {
    const set = await stage({ render: () => [config('kept'), config('dropped')] })
    await set.passes()
    set.logged('info')
    set.program.render = () => [config('kept')]
    set.cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 2 } }))
    set.cluster.requests()
    return set
  }

  it('deletes what is no longer rendered after reading the primary live', async () => {
    const { cluster, pass, logged } = await twoThenOne()
    await pass()
    expect(cluster.requests()).toEqual([
      'get apps.app.company.com shop',
      'delete configmaps dropped',
      'apply apps.app.company.com/status shop',
    ])
    expect(cluster.get('configmaps', 'dropped')).toBeUndefined()
    expect(logged('info')).toEqual(['deleted ConfigMap/dropped (spec)'])
  })

  it('deletes nothing when the primary is another generation by now', async () => {
    const { cluster, pass } = await twoThenOne()
    cluster.holdEvents()
    cluster.edit(app, 'shop', (object) => Object.assign(object, { spec: { size: 3 } }))
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
  })

  it('deletes nothing when the primary is gone by now', async () => {
    const { cluster, pass } = await twoThenOne()
    cluster.holdEvents()
    cluster.remove(app, 'shop')
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
  })

  it('tells of a deletion once, also when the next pass comes before its event', async () => {
    const { cluster, pass, logged, counts } = await twoThenOne()
    cluster.holdEvents()
    await pass()
    await pass()
    expect(cluster.requests().filter((request) => request.startsWith('delete'))).toHaveLength(2)
    expect(logged('info')).toEqual(['deleted ConfigMap/dropped (spec)'])
    expect(counts['deleted spec']).toBe(1)
  })

  it('deletes nothing when the primary began to be deleted', async () => {
    const { cluster, pass } = await twoThenOne()
    cluster.holdEvents()
    cluster.edit(app, 'shop', ({ metadata }) => Object.assign(metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' }))
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
  })

  it('is skipped while something that is rendered could not be written', async () => {
    const { cluster, pass, program } = await twoThenOne()
    program.render = () => [config('kept', { a: '2' })]
    cluster.before = ({ verb }) => {
      if (verb === 'apply') throw refusal({ class: 'unavailable', code: 503 })
    }
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
    cluster.before = undefined
    await pass()
    expect(cluster.get('configmaps', 'dropped')).toBeUndefined()
  })

  it('is skipped while a kind cannot be read, and says so', async () => {
    const first = await stage({ render: () => [config('kept'), config('dropped')], kinds: [configMap, service] })
    await first.passes()
    await first.stop()
    first.cluster.forbidden.add('services')
    const { cluster, pass, conditions } = await first.restart({ render: () => [config('kept')], revision: 'r2' })
    await pass()
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
    expect(conditions()['Reconciling']).toBe(
      'True Waiting: waits for deletion of what is no longer rendered: v1 Service cannot be read now (GET services: 403 Forbidden)',
    )
  })

  it('deletes nothing when no document is rendered, and says so', async () => {
    const { cluster, pass, program, logged } = await twoThenOne()
    program.render = () => []
    await pass()
    expect(cluster.get('configmaps', 'dropped')).toBeDefined()
    expect(logged('warn')).toEqual([
      'what is no longer rendered is left alone: no document was rendered',
      expect.stringMatching(/^2 deletes are held \(no document was rendered\): .*; to delete: fairlead approve .* \(set [0-9a-f]{12}\)$/),
    ])
  })

  it('deletes what another object of the same name has not replaced', async () => {
    const { cluster, pass } = await twoThenOne()
    cluster.holdEvents()
    cluster.remove(configMap, 'dropped')
    cluster.edit(configMap, 'dropped', (object) => Object.assign(object, { data: { theirs: 'x' } }))
    expect(await pass()).toMatchObject({ kind: 'retry' })
    expect(cluster.get('configmaps', 'dropped')?.['data']).toEqual({ theirs: 'x' })
  })
})

describe('a dependent that is gone', () => {
  it('is created again, after reading the primary live', async () => {
    const { cluster, passes, pass, logged } = await stage()
    await passes()
    logged('info')
    cluster.remove(configMap, 'c')
    cluster.requests()
    await pass()
    expect(cluster.requests().slice(0, 2)).toEqual(['get apps.app.company.com shop', 'apply configmaps c'])
    expect(logged('info')).toEqual(['created ConfigMap/c (drift)'])
  })

  it.each(['the same process', 'another process'])(
    'is not created again by %s when the primary went first and only the dependent’s event has come',
    async (process) => {
      const first = await stage()
      await first.passes()
      const { cluster, pass } = process === 'the same process' ? first : await first.restart()
      cluster.holdEvents('apps.app.company.com')
      cluster.remove(app, 'shop')
      cluster.remove(configMap, 'c')
      expect(await pass()).toMatchObject({ kind: 'retry' })
      expect(cluster.get('configmaps', 'c')).toBeUndefined()
    },
  )
})
