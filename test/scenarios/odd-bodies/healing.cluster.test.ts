import { describe, expect } from 'vitest'
import { canonicalJson } from '../../../src/api/canonical.ts'
import type { JsonValue } from '../../../src/api/object.ts'
import { valueAt } from '../../../src/fields/cut.ts'
import { field } from '../../../src/fields/path.ts'
import { withValueAt } from '../../fields/objects.ts'
import { test } from '../fixture.ts'
import { changeEachField } from '../healing/each-field.ts'
import { Report } from '../healing/report.ts'
import { change } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { createOddity, installOddDefinitions, type OddKind, watches } from './odd.ts'

const minutes = 60_000

describe('bodies that the server does not give back as they were sent', () => {
  test('come back when they are deleted', { timeout: 2 * minutes }, async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    const report = new Report()
    for (const dependent of oddity.all) {
      const before = await dependent.read()
      await dependent.delete()
      report.healed.push({
        kind: dependent.kind,
        field: '',
        how: 'deleted',
        milliseconds: await dependent.untilHealed(before, performance.now(), 'deleted'),
      })
    }
    report.print('Odd bodies:')
    await untilQuiet(cluster, running, oddity.path)
  })

  test('are put right in each field that somebody changes or removes', { timeout: 5 * minutes }, async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    const report = new Report()
    for (const dependent of oddity.all) await changeEachField(dependent, report, ['.spec.any.empty', '.spec.map.two'])
    report.print('Fields of odd bodies:')
    expect(report.healed.length).toBeGreaterThan(200)
    await untilQuiet(cluster, running, oddity.path)
  })
})

describe('lists that somebody puts into another order', () => {
  const lists: readonly [OddKind, ...string[]][] = [
    ['Deployment', 'spec', 'template', 'spec', 'containers'],
    ['Deployment', 'spec', 'template', 'spec', 'volumes'],
    ['Service', 'spec', 'ports'],
    ['Thing', 'spec', 'listeners'],
    ['Thing', 'spec', 'tags'],
    ['Thing', 'spec', 'numbers'],
    ['Thing', 'spec', 'atomic'],
  ]

  test('have ours again', async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    const report = new Report()
    for (const [kind, ...names] of lists) {
      const dependent = oddity.dependent(kind)
      const path = names.map(field)
      const before = await dependent.read()
      const reversed = (valueAt(before, path) as JsonValue[]).toReversed()
      const answer = await dependent.put((live) => withValueAt(live, path, reversed))
      expect(valueAt(answer.body, path)).toEqual(reversed)
      const since = performance.now()
      report.healed.push({
        kind,
        field: names.join('.'),
        how: 'reordered',
        milliseconds: await dependent.untilHealed(before, since, names.join('.')),
      })
    }
    report.print('Lists in another order:')
    await untilQuiet(cluster, running, oddity.path)
  })
})

/** An apply would put ours beside theirs, and the server refuses the two together. */
const alternatives: readonly { kind: OddKind; field: string; patch: readonly object[] }[] = [
  {
    kind: 'Deployment',
    field: 'a volume is renamed, and the mount with it',
    patch: [
      { op: 'replace', path: '/spec/template/spec/volumes/0/name', value: 'renamed' },
      { op: 'replace', path: '/spec/template/spec/containers/0/volumeMounts/0/name', value: 'renamed' },
    ],
  },
  {
    kind: 'Deployment',
    field: 'a mount is pointed at a new volume',
    patch: [
      { op: 'add', path: '/spec/template/spec/volumes/-', value: { name: 'new', emptyDir: {} } },
      { op: 'replace', path: '/spec/template/spec/containers/0/volumeMounts/0/name', value: 'new' },
    ],
  },
  {
    kind: 'Deployment',
    field: 'a new volume is mounted where nothing was',
    patch: [
      { op: 'add', path: '/spec/template/spec/volumes/-', value: { name: 'new', emptyDir: {} } },
      { op: 'add', path: '/spec/template/spec/containers/1/volumeMounts', value: [{ name: 'new', mountPath: '/new' }] },
    ],
  },
  {
    kind: 'Deployment',
    field: 'a volume is made of something else',
    patch: [{ op: 'replace', path: '/spec/template/spec/volumes/1', value: { name: 'limited', configMap: { name: 'theirs' } } }],
  },
  {
    kind: 'Deployment',
    field: 'a variable has a value in the place of a reference',
    patch: [{ op: 'replace', path: '/spec/template/spec/containers/0/env/1', value: { name: 'REFERENCE', value: 'theirs' } }],
  },
  {
    kind: 'Deployment',
    field: 'a variable refers to something else',
    patch: [
      {
        op: 'replace',
        path: '/spec/template/spec/containers/0/env/1/valueFrom',
        value: { configMapKeyRef: { name: 'theirs', key: 'theirs' } },
      },
    ],
  },
  {
    kind: 'Deployment',
    field: 'a probe probes in another way',
    patch: [{ op: 'replace', path: '/spec/template/spec/containers/1/livenessProbe', value: { tcpSocket: { port: 81 } } }],
  },
  {
    kind: 'CronJob',
    field: 'a device has another path',
    patch: [{ op: 'replace', path: '/spec/jobTemplate/spec/template/spec/containers/0/volumeDevices/0/devicePath', value: '/dev/theirs' }],
  },
  {
    kind: 'PodDisruptionBudget',
    field: 'the budget is counted the other way',
    patch: [
      { op: 'remove', path: '/spec/minAvailable' },
      { op: 'add', path: '/spec/maxUnavailable', value: 1 },
    ],
  },
  {
    kind: 'Service',
    field: 'it is made a balanced one for some addresses',
    patch: [
      { op: 'replace', path: '/spec/type', value: 'LoadBalancer' },
      { op: 'add', path: '/spec/loadBalancerSourceRanges', value: ['10.0.0.0/8'] },
    ],
  },
  {
    kind: 'StatefulSet',
    field: 'pods are replaced by themselves',
    patch: [{ op: 'replace', path: '/spec/updateStrategy', value: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }],
  },
]

describe('fields of which an object takes only one', () => {
  test('are ours again where somebody put another in their place', { timeout: 2 * minutes }, async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    const report = new Report()
    for (const { kind, field: what, patch } of alternatives) {
      const dependent = oddity.dependent(kind)
      const before = await dependent.read()
      const answer = await dependent.jsonPatch(patch)
      expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBe(200)
      report.healed.push({ kind, field: what, how: 'patched', milliseconds: await dependent.untilHealed(before, performance.now(), what) })
    }
    report.print('Fields of which there can be one:')
    expect((await oddity.dependent('Deployment').read())['spec']).toMatchObject({
      template: {
        spec: { containers: [{ env: [{ name: 'EMPTY' }, { name: 'REFERENCE' }] }, { livenessProbe: { httpGet: { port: 80 } } }] },
      },
    })
    await untilQuiet(cluster, running, oddity.path)
  })
})

describe('a Secret', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')

  test('gets a value back that somebody changed, and loses a key that is no longer rendered', async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster, { password: 'canary-one', token: 'canary-two' })
    const secret = oddity.dependent('Secret')
    const before = await secret.read()
    expect(before['data']).toEqual({
      password: base64('canary-one'),
      token: base64('canary-two'),
      empty: '',
      pasted: base64('something else'),
    })

    expect((await secret.mergePatch({ stringData: { password: 'theirs' } })).status).toBe(200)
    await secret.untilHealed(before, performance.now(), 'the password')

    await change(cluster, oddity.path, { spec: { token: null, password: 'canary-three' } })
    const data = async () => (await secret.read())['data']
    const after = { password: base64('canary-three'), empty: '', pasted: base64('something else') }
    await cluster.eventually(async () => canonicalJson(await data()) === canonicalJson(after), {
      describe: 'the key that is no longer rendered is gone, and the password is the new one',
    })
    await untilQuiet(cluster, running, oddity.path)
    const applied = JSON.stringify((await secret.read()).metadata)
    for (const value of ['canary-one', 'canary-two', 'canary-three']) {
      expect(running.text).not.toContain(value)
      expect(running.text).not.toContain(base64(value))
      expect(applied).not.toContain(base64(value))
    }
  })
})

describe('a Service whose port somebody edited while no operator ran', () => {
  test('is put right although its body changes too', async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const first = await operator({ watches })
    const oddity = await createOddity(cluster)
    const service = oddity.dependent('Service')
    await untilQuiet(cluster, first, oddity.path)
    await first.stop()
    expect((await service.jsonPatch([{ op: 'replace', path: '/spec/ports/0/port', value: 9999 }])).status).toBe(200)
    await change(cluster, oddity.path, { spec: { port: 8000 } })

    const second = await operator({ watches })

    const ports = async () =>
      ((await service.read())['spec'] as unknown as { ports: { name: string; port: number }[] }).ports.map(
        ({ name, port }) => `${name} ${port}`,
      )
    await cluster.eventually(async () => (await ports()).join() === 'http 8000,other 81', {
      describe: 'the ports are those of the new body',
    })
    await untilQuiet(cluster, second, oddity.path)
    expect(
      (await service.read()).metadata.managedFields
        ?.map(({ manager }) => manager)
        .filter((manager) => manager.startsWith('fairlead/lists')),
    ).toEqual([])
  })
})
