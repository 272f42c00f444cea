import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { formatPath } from '../../src/fields/path.ts'
import { excludedFields } from '../../src/reconcile/alternatives.ts'
import { repairPatch } from '../../src/reconcile/exclusive-lists.ts'

const deployment = (pod: object, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u1' },
  spec: { ...spec, template: { spec: pod } },
})
const web = (container: object) => deployment({ containers: [{ name: 'web', ...container }] })

const excludedIn = (body: KubernetesObject, live: KubernetesObject) =>
  excludedFields(body, live).flatMap(({ fields }) => fields.map(({ path }) => formatPath(path).replace('.spec.template.spec', '')))

describe('fields beside which ours are refused', () => {
  it('are the other ones of those of which an object takes only one', () => {
    const body = deployment({
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          name: 'web',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', valueFrom: { fieldRef: {} } },
          ],
          readinessProbe: { httpGet: {} },
          lifecycle: { preStop: { exec: {} } },
        },
      ],
    })
    const live = deployment({
      volumes: [{ name: 'data', configMap: {} }],
      containers: [
        { name: 'injected', env: [{ name: 'A', valueFrom: {} }] },
        {
          name: 'web',
          env: [
            { name: 'A', valueFrom: {} },
            { name: 'B', valueFrom: { secretKeyRef: {} } },
          ],
          readinessProbe: { tcpSocket: {}, periodSeconds: 10 },
          lifecycle: { preStop: { sleep: {} } },
        },
      ],
    })
    expect(excludedIn(body, live).sort()).toEqual([
      '.containers[name="web"].env[name="A"].valueFrom',
      '.containers[name="web"].env[name="B"].valueFrom.secretKeyRef',
      '.containers[name="web"].lifecycle.preStop.sleep',
      '.containers[name="web"].readinessProbe.tcpSocket',
      '.volumes[name="data"].configMap',
    ])
  })

  it('are none where we have none of them, or the same one', () => {
    expect(
      excludedIn(web({ env: [{ name: 'A' }], readinessProbe: { periodSeconds: 5 } }), web({ env: [{ name: 'A', value: '1' }] })),
    ).toEqual([])
    expect(
      excludedIn(web({ readinessProbe: { httpGet: {} } }), web({ readinessProbe: { httpGet: { port: 1 }, timeoutSeconds: 1 } })),
    ).toEqual([])
  })

  it('are what the server filled in beside another strategy', () => {
    const body = deployment({ containers: [] }, { strategy: { type: 'Recreate' } })
    const live = deployment({ containers: [] }, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } })
    expect(excludedIn(body, live)).toEqual(['.spec.strategy.rollingUpdate'])
    expect(repairPatch(body, live, { stays: () => true, excluded: excludedFields(body, live) })).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/spec/strategy/rollingUpdate', value: { maxSurge: 1 } },
      { op: 'replace', path: '/spec/strategy', value: { type: 'Recreate' } },
    ])
  })

  it('go with the list that they are in, where that is put right', () => {
    const body = web({ env: [{ name: 'A', value: '1' }] })
    const live = web({ env: [{ name: 'B' }, { name: 'A', valueFrom: {} }] })
    const patch = repairPatch(body, live, { stays: () => false, excluded: excludedFields(body, live) })
    expect(patch.filter(({ op }) => op !== 'test')).toEqual([
      { op: 'replace', path: '/spec/template/spec/containers/0/env', value: [{ name: 'A', value: '1' }] },
    ])
  })
})
