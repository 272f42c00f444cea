import { Counter, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { StepMetrics } from '../../src/operator/step-metrics.ts'
import type { StepMetric } from '../../src/reconcile/walk.ts'

const primary = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'App', metadata: { name, namespace: 'eu', uid: name } })
const metric = (over: Partial<StepMetric> = {}): StepMetric => ({
  type: 'gauge',
  name: 'members',
  help: 'Members.',
  labels: {},
  value: 3,
  ...over,
})
const lines = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'))

describe('metrics of steps', () => {
  it('are a series for each custom resource, which goes with it or when it is no longer told', async () => {
    const registry = new Registry()
    const metrics = new StepMetrics(registry)
    metrics.told(primary('one'), [metric()])
    metrics.told(primary('two'), [metric({ value: 5 })])
    expect(await lines(registry)).toEqual([
      'members{kind="App",namespace="eu",name="one"} 3',
      'members{kind="App",namespace="eu",name="two"} 5',
    ])
    metrics.forget('one')
    metrics.told(primary('two'), [])
    expect(await lines(registry)).toEqual([])
  })

  it('add up where they are no gauges', async () => {
    const registry = new Registry()
    const metrics = new StepMetrics(registry)
    const backups = metric({ type: 'counter', name: 'backups', labels: { to: 's3' }, value: 1 })
    metrics.told(primary('one'), [backups])
    metrics.told(primary('one'), [backups, metric({ type: 'histogram', name: 'seconds', value: 2 })])
    const told = await lines(registry)
    expect(told).toContain('backups{kind="App",namespace="eu",name="one",to="s3"} 2')
    expect(told).toContain('seconds_count{kind="App",namespace="eu",name="one"} 1')
  })

  it('whose name, type or labels are taken are left out, and said once', () => {
    const registry = new Registry()
    new Counter({ name: 'fairlead_passes_total', help: 'Passes.', registers: [registry] })
    const metrics = new StepMetrics(registry)
    const wrong = [metric(), metric({ name: 'fairlead_passes_total' }), metric({ type: 'counter' }), metric({ labels: { zone: 'a' } })]
    expect(metrics.told(primary('one'), wrong)).toEqual([
      "the metric fairlead_passes_total is one of the operator's own",
      'the metric members is a gauge already, and no counter',
      'the metric members has the labels kind, name, namespace already, and not kind, name, namespace, zone',
    ])
    expect(metrics.told(primary('two'), wrong)).toEqual([])
  })
})
