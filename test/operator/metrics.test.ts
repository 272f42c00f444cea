import { describe, expect, it } from 'vitest'
import { metricNames } from '../../src/operator/metric-names.ts'
import { createMetrics, type MetricsOptions } from '../../src/operator/metrics.ts'

const kind = 'App.example.com'
const create = (options: Partial<MetricsOptions> = {}) => createMetrics({ version: '1.2.3', kinds: [kind], process: false, ...options })
const lines = async (metrics: ReturnType<typeof create>): Promise<string[]> => (await metrics.text()).split('\n')

describe('metrics', () => {
  it('have every series whose labels are known from the start', async () => {
    const text = await lines(create())
    for (const outcome of ['done', 'wait', 'retry', 'failed'])
      expect(text).toContain(`fairlead_passes_total{kind="${kind}",outcome="${outcome}"} 0`)
    expect(text.filter((line) => line.startsWith('fairlead_writes_total'))).toHaveLength(20)
    expect(text).toContain(`fairlead_pass_duration_seconds_count{kind="${kind}"} 0`)
    expect(text).toContain(`fairlead_render_duration_seconds_count{kind="${kind}"} 0`)
    expect(text).toContain('fairlead_queue_depth 0')
  })

  it('count passes, renders, writes, requests and unmarked answers', async () => {
    const metrics = create()
    metrics.passed(kind, { outcome: 'done', duration: 2, requests: 0 })
    metrics.passed(kind, { outcome: 'done', duration: 20, requests: 4 })
    metrics.passed(kind, { outcome: 'wait', duration: 1, requests: 0 })
    metrics.rendered(kind, 0.05)
    metrics.wrote(kind, { verb: 'created', cause: 'spec', dependent: 'Service' })
    metrics.wrote(kind, { verb: 'updated', cause: 'drift', dependent: 'Deployment.apps' })
    metrics.eventTold('merged')
    metrics.requested({ verb: 'patch', resource: 'apps.example.com/status', code: 200 })
    metrics.requested({ verb: 'list', resource: 'pods', code: 0 })
    metrics.unmarked('Service')
    const text = await lines(metrics)
    expect(text).toContain(`fairlead_passes_total{kind="${kind}",outcome="done"} 2`)
    expect(text).toContain(`fairlead_pass_duration_seconds_sum{kind="${kind}"} 0.023`)
    expect(text).toContain(`fairlead_pass_duration_seconds_bucket{le="0.005",kind="${kind}"} 2`)
    expect(text).toContain(`fairlead_pass_requests_bucket{le="0",kind="${kind}"} 2`)
    expect(text).toContain(`fairlead_pass_requests_sum{kind="${kind}"} 4`)
    expect(text).toContain(`fairlead_unchanged_passes_total{kind="${kind}"} 1`)
    expect(text.filter((line) => line.startsWith('fairlead_drift_healed_total'))).toEqual([
      `fairlead_drift_healed_total{kind="${kind}",dependent="Deployment.apps"} 1`,
    ])
    expect(text).toContain('fairlead_events_total{result="merged"} 1')
    expect(text).toContain(`fairlead_render_duration_seconds_bucket{le="0.0001",kind="${kind}"} 1`)
    expect(text).toContain(`fairlead_writes_total{kind="${kind}",verb="created",cause="spec"} 1`)
    expect(text).toContain('fairlead_api_requests_total{verb="patch",resource="apps.example.com/status",code="200"} 1')
    expect(text).toContain('fairlead_api_requests_total{verb="list",resource="pods",code="0"} 1')
    expect(text).toContain('fairlead_unmarked_answers_total{kind="Service"} 1')
  })

  it('tell the queue and the caches as they are when asked', async () => {
    let informers: { kind: string; state: 'starting' | 'synced'; size: number }[] = [{ kind: 'Service', state: 'starting', size: 0 }]
    let depth = 0
    const metrics = create({ informers: () => informers, queue: () => ({ depth, oldest: depth * 1500 }) })
    expect(await lines(metrics)).toContain('fairlead_informer_state{kind="Service",state="starting"} 1')

    informers = [{ kind: 'Deployment.apps', state: 'synced', size: 7 }]
    depth = 2
    const text = await lines(metrics)
    expect(text.filter((line) => line.startsWith('fairlead_informer_'))).toEqual([
      ...['starting', 'synced', 'stale', 'forbidden', 'gone'].map(
        (state) => `fairlead_informer_state{kind="Deployment.apps",state="${state}"} ${state === 'synced' ? 1 : 0}`,
      ),
      'fairlead_informer_objects{kind="Deployment.apps"} 7',
    ])
    expect(text.filter((line) => line.startsWith('fairlead_audit'))).toEqual([
      'fairlead_audits_total{kind="Deployment.apps"} 0',
      'fairlead_audit_repairs_total{kind="Deployment.apps"} 0',
    ])
    expect(text).toContain('fairlead_queue_depth 2')
    expect(text).toContain('fairlead_queue_oldest_seconds 3')
  })

  it('tell what is not as rendered now, by kind', async () => {
    const metrics = create({ deviations: () => [{ kind, held: { primaries: 1, deletes: 3 }, yielded: 2, contested: 1 }] })
    const found = (await lines(metrics)).filter((line) => /^fairlead_(held|yielded|contested)/.test(line))
    expect(found.sort()).toEqual([
      `fairlead_contested_fields{kind="${kind}"} 1`,
      `fairlead_held_deletes{kind="${kind}"} 3`,
      `fairlead_held_primaries{kind="${kind}"} 1`,
      `fairlead_yielded_fields{kind="${kind}"} 2`,
    ])
  })

  it('tell the versions', async () => {
    expect(await lines(create())).toContain(`fairlead_build_info{version="1.2.3",node="${process.versions.node}"} 1`)
  })

  it('of two operators in one process do not mix', async () => {
    const [one, other] = [create({ process: true }), create({ process: true })]
    one.passed(kind, { outcome: 'failed', duration: 1, requests: 1 })
    expect(await lines(other)).toContain(`fairlead_passes_total{kind="${kind}",outcome="failed"} 0`)
  })

  it('include those of the process', async () => {
    expect(await create({ process: true }).text()).toContain('process_cpu_seconds_total')
  })

  it('are all described, and all named in the one table', async () => {
    const text = await lines(create())
    const described = text.filter((line) => line.startsWith('# HELP')).map((line) => line.split(' ')[2])
    expect(new Set(described)).toEqual(new Set(Object.values(metricNames).map(({ name }) => name)))
    expect(described).toHaveLength(new Set(described).size)
  })

  it('stand label values of any text', async () => {
    const metrics = create()
    metrics.unmarked('a"b\\c\nd')
    expect(await lines(metrics)).toContain('fairlead_unmarked_answers_total{kind="a\\"b\\\\c\\nd"} 1')
  })
})
