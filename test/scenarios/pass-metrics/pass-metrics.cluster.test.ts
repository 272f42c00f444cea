import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished } from 'vitest'
import { makeCertificate } from '../../../src/operator/certificate.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { type Metrics, scrape, untilPasses } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, remove, untilCondition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const kind = 'Booth.pass-metrics.example.com/v1'

const install = async (cluster: Cluster): Promise<string> => await installDefinition(cluster, `${project}/charts/booth/crds/booth.yaml`)

async function createBooth(cluster: Cluster, booths: string, name: string): Promise<string> {
  await create(cluster, booths, { apiVersion: 'pass-metrics.example.com/v1', kind: 'Booth', metadata: { name }, spec: {} })
  return `${booths}/${name}`
}

const untilMetric = async (
  cluster: Cluster,
  operator: OperatorProcess,
  what: string,
  holds: (metrics: Metrics) => boolean,
): Promise<Metrics> =>
  await cluster.eventually(
    async () => {
      const metrics = await scrape(operator)
      return holds(metrics) ? metrics : undefined
    },
    { describe: what, interval: 20 },
  )

describe('/metrics', () => {
  test('tells a pass that changed nothing from one that made requests', async ({ cluster, operator }) => {
    const booths = await install(cluster)
    const running = await operator({ watches })
    const booth = await createBooth(cluster, booths, 'corner')
    await untilCondition(cluster, booth, { status: 'True' })
    await untilQuiet(cluster, running, booth)
    const before = await scrape(running)
    expect(before.sum('fairlead_pass_requests_sum', { kind })).toBeGreaterThanOrEqual(4)
    expect(before.sum('fairlead_render_duration_seconds_count', { kind })).toBeGreaterThan(0)
    expect(before.sum('fairlead_unchanged_passes_total', { kind })).toBeLessThan(before.passes('done'))

    await change(cluster, booth, { metadata: { annotations: { touched: 'once' } } })
    const after = await untilPasses(cluster, running, before.passes('done') + 1)

    const grown = (name: string): number => after.sum(name, { kind }) - before.sum(name, { kind })
    expect(grown('fairlead_unchanged_passes_total')).toBe(after.passes('done') - before.passes('done'))
    expect(grown('fairlead_pass_requests_sum')).toBe(0)
  })

  test('counts what was put right by the kind of the dependent', async ({ cluster, operator }) => {
    const booths = await install(cluster)
    const running = await operator({ watches })
    const booth = await createBooth(cluster, booths, 'corner')
    await untilCondition(cluster, booth, { status: 'True' })
    const one = `${collection(cluster, 'v1', 'configmaps')}/corner-one`
    await change(cluster, one, { data: { number: 'seven' } })
    await untilMetric(cluster, running, 'the edit is healed', (metrics) => metrics.sum('fairlead_drift_healed_total') === 1)
    await remove(cluster, one)
    await cluster.eventually(async () => await exists(cluster, one), { describe: 'it is back' })

    const metrics = await untilMetric(cluster, running, 'the deletion is healed', (each) => each.sum('fairlead_drift_healed_total') === 2)
    expect(metrics.series('fairlead_drift_healed_total')).toMatchObject([{ labels: { kind, dependent: 'ConfigMap' }, value: 2 }])
    expect(metrics.sum('fairlead_writes_total', { kind, cause: 'drift' })).toBe(2)
  })

  test('tells the fields that are left to others as they are now', async ({ cluster, operator }) => {
    const booths = await install(cluster)
    const running = await operator({ watches })
    const booth = await createBooth(cluster, booths, 'corner')
    await untilCondition(cluster, booth, { status: 'True' })
    const deployment = `${collection(cluster, 'apps/v1', 'deployments')}/corner`
    const applied = await cluster.request('PATCH', deployment, {
      query: { fieldManager: 'somebody', force: true },
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'corner' }, spec: { paused: false, replicas: 1 } },
    })
    expect(applied.status).toBe(200)

    const yielding = await untilMetric(cluster, running, 'one field is left', (metrics) => metrics.sum('fairlead_yielded_fields') === 1)
    expect(yielding.series('fairlead_yielded_fields')).toMatchObject([{ labels: { kind }, value: 1 }])
    expect(yielding.series('fairlead_contested_fields')).toMatchObject([{ labels: { kind }, value: 0 }])
  })

  test('has as many series for ten custom resources as for one', async ({ cluster, operator }) => {
    const booths = await install(cluster)
    const running = await operator({ watches })
    const quiet = async (name: string): Promise<void> => {
      const booth = await createBooth(cluster, booths, name)
      await untilCondition(cluster, booth, { status: 'True' })
      await untilQuiet(cluster, running, booth)
    }
    await quiet('first')
    const names = async (): Promise<string[]> => {
      const text = await (await fetch(`${await running.metricsUrl()}/metrics`)).text()
      // A connection that was made anew, or a status that was written by two at once, may or may not have happened.
      const lines = text.split('\n').filter((line) => line.startsWith('fairlead_') && !line.includes('code="409"'))
      return lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
    }
    const one = await names()
    for (let at = 2; at <= 10; at++) await createBooth(cluster, booths, `booth-${at}`)
    await quiet('last')

    expect(await names()).toEqual(one)
    expect(one.join()).not.toContain('first')
  })
})

interface Answer {
  status: number | undefined
  text: string
}

/** Over TLS, with a connection of its own. @param ca whom to trust; left out: anybody */
const ask = async (url: string, { token, ca }: { token?: string | undefined; ca?: string }): Promise<Answer> =>
  await new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const request = get(url, { headers, agent: false, ...(ca === undefined ? { rejectUnauthorized: false } : { ca }) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    request.on('error', reject)
  })

/** A certificate of its own for this machine. */
const certificateNow = async () =>
  await makeCertificate({
    commonName: 'booths',
    dnsNames: [],
    ipAddresses: ['127.0.0.1'],
    isAuthority: false,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  })

describe('/metrics with --metrics-certificate', () => {
  test('is served with it, and with another one when the files change; one that cannot be used ends the start', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const refused = await operator({ watches, args: ['--metrics-certificate', folder], wait: false })
    expect(await refused.exited).toBe(1)
    expect((await refused.line(/OPTION_INVALID/)).msg).toMatch(
      /^--metrics-certificate \S+: ENOENT.*; it is a folder with tls\.crt and tls\.key/,
    )

    const [first, second] = [await certificateNow(), await certificateNow()]
    writeFileSync(`${folder}/tls.crt`, first.certificate)
    writeFileSync(`${folder}/tls.key`, first.privateKey)
    const running = await operator({ watches, args: ['--metrics-certificate', folder] })
    const url = `${await running.metricsUrl()}/metrics`
    expect((await ask(url, { ca: first.certificate })).text).toContain('fairlead_passes_total')
    await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow()
    expect(await (await fetch(`${await running.healthUrl()}/healthz`)).text()).toBe('ok\n')

    // One of the files is still on its way: the first certificate is served on.
    writeFileSync(`${folder}/tls.crt`, second.certificate)
    await running.line(/--metrics-certificate \S+: .*key values mismatch/)
    await expect(ask(url, { ca: first.certificate })).resolves.toMatchObject({ status: 200 })
    writeFileSync(`${folder}/tls.key`, second.privateKey)
    await running.line(/has the new certificate/)
    await expect(ask(url, { ca: second.certificate })).resolves.toMatchObject({ status: 200 })
    await expect(ask(url, { ca: first.certificate })).rejects.toThrow()
  })
})

describe('/metrics with --metrics-require-rbac', () => {
  test('is for those only whom the cluster lets read it, who are asked about once', async ({ cluster, operator }) => {
    await install(cluster)
    const since = cluster.audit.mark()
    const running = await operator({ watches, args: ['--metrics-require-rbac'] })
    const scraper = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]
    const stranger = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]
    const tokenOf = async (account: { name: string; rules: typeof scraper | typeof stranger; namespace?: string }): Promise<string> =>
      (JSON.parse(readFileSync(await cluster.kubeconfigFor(account), 'utf8')) as { users: [{ user: { token: string } }] }).users[0].user
        .token
    const [good, other] = [
      await tokenOf({ name: 'scraper', rules: scraper }),
      await tokenOf({ name: 'stranger', rules: stranger, namespace: cluster.namespace }),
    ]
    const url = `${await running.metricsUrl()}/metrics`
    const answered = async (token?: string) => {
      const { status, text } = await ask(url, { token })
      return [status, text.includes('fairlead_passes_total')]
    }

    expect(await answered()).toEqual([401, false])
    expect(await answered('made-up')).toEqual([401, false])
    expect(await answered(other)).toEqual([403, false])
    for (const _ of Array.from({ length: 3 })) expect(await answered(good)).toEqual([200, true])

    const reviews = (resource: string) => cluster.audit.requests({ userAgent: 'fairlead/', resource, since })
    expect([reviews('tokenreviews').length, reviews('subjectaccessreviews').length]).toEqual([3, 2])
    expect(JSON.stringify([running.lines, running.other])).not.toContain(good)
    expect(await (await fetch(`${await running.healthUrl()}/healthz`)).text()).toBe('ok\n')
    await running.stop()

    // A token goes over the wire in the clear only where somebody says so.
    expect(url).toMatch(/^https:/)
    const plain = await operator({ watches, args: ['--metrics-require-rbac', '--metrics-secure=false'] })
    const response = await fetch(`${await plain.metricsUrl()}/metrics`, { headers: { authorization: `Bearer ${good}` } })
    expect(response.status).toBe(200)
  })
})
