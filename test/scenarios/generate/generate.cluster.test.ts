import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { fairlead } from '../command.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { scrape, untilStill } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'accounts.example.com/v1'
const accounts = (cluster: Cluster) => collection(cluster, apiVersion, 'accounts')
const secrets = (cluster: Cluster) => collection(cluster, 'v1', 'secrets')

const install = async (cluster: Cluster) => await installDefinition(cluster, `${project}/charts/account/crds/account.yaml`)

async function createAccount(cluster: Cluster, spec: object = {}): Promise<string> {
  await create(cluster, accounts(cluster), { apiVersion, kind: 'Account', metadata: { name: 'one' }, spec })
  return `${accounts(cluster)}/one`
}

interface Live {
  metadata: { uid: string; finalizers?: string[]; labels?: object; ownerReferences?: object[] }
}

const decode = (text = '') => Buffer.from(text, 'base64').toString()

/** The values of a Secret or ConfigMap, as texts. */
async function textsOf(cluster: Cluster, path: string): Promise<Record<string, string>> {
  const { kind, data = {} } = await read<{ kind: string; data?: Record<string, string> }>(cluster, path)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, kind === 'Secret' ? decode(value) : value]))
}

const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

/** Everything that was made for the Account, as its dependents have it. */
const valuesOf = async (cluster: Cluster) => ({
  ...(await textsOf(cluster, `${secrets(cluster)}/one`)),
  ...(await textsOf(cluster, `${secrets(cluster)}/one-tls`)),
  ...(await textsOf(cluster, `${collection(cluster, 'v1', 'configmaps')}/one`)),
})

/** The names of the values that differ. */
const changed = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .sort()

describe('generated values', () => {
  test('fit each other, and are what their formats say', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    await untilCondition(cluster, await createAccount(cluster), { status: 'True' })

    const values = await valuesOf(cluster)
    expect(values['password']).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(values['url']).toBe(`postgres://app:${values['password']}@db/app`)
    expect(values['token']).toMatch(/^[\w-]{43}$/)
    expect(values['cluster']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const signing = createPublicKey(createPrivateKey(values['signing.pem'] as string)).export({ type: 'spki', format: 'pem' })
    expect(signing).toBe(values['signing.pub'])
    const [root, tls] = [new X509Certificate(values['ca.crt'] as string), new X509Certificate(values['tls.crt'] as string)]
    expect(root.ca && root.verify(root.publicKey) && tls.verify(root.publicKey)).toBe(true)
    expect(tls.checkPrivateKey(createPrivateKey(values['tls.key'] as string))).toBe(true)
    expect(tls.subjectAltName).toBe('DNS:db, IP Address:127.0.0.1')
  })

  // An independent reader of the format, which is not on every machine.
  test.skipIf(!hasSshKeygen)('that are SSH keys are read by ssh-keygen', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    await untilCondition(cluster, await createAccount(cluster), { status: 'True' })
    const values = await valuesOf(cluster)
    expect(publicKeyOf(values['id_ed25519'] as string)).toBe(values['id_ed25519.pub']?.trim())
  })

  test('stay over a change of the custom resource, and over a restart without a write', async ({ cluster, operator }) => {
    await install(cluster)
    const first = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)

    await change(cluster, account, { spec: { database: 'other' } })
    await cluster.eventually(async () => (await valuesOf(cluster))['database'] === 'other', { describe: 'the new database' })
    await untilCondition(cluster, account, { status: 'True' })
    expect(changed(before, await valuesOf(cluster))).toEqual(['database', 'url'])

    await first.stop()
    const begin = cluster.audit.mark()
    await operator({ watches })
    await create(cluster, accounts(cluster), { apiVersion, kind: 'Account', metadata: { name: 'two' }, spec: {} })
    await untilCondition(cluster, `${accounts(cluster)}/two`, { status: 'True' })
    // Account two has Events of its own.
    const own = cluster.audit
      .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
      .filter(({ verb, resource }) => verb !== 'watch' && verb !== 'list' && resource !== 'leases' && resource !== 'events')
      .filter(({ name }) => !name?.startsWith('two'))
    expect(own).toEqual([])
    expect(changed(before, await valuesOf(cluster))).toEqual(['database', 'url'])
  })

  test('are made anew, each once, where the annotation asks for it', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)

    const rotate = async (text: string) => await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/rotate': text } } })
    await rotate('password=1')
    await cluster.eventually(async () => (await valuesOf(cluster))['password'] !== before['password'], { describe: 'a new password' })
    await untilCondition(cluster, account, { status: 'True' })
    const after = await valuesOf(cluster)
    expect(changed(before, after)).toEqual(['password', 'url'])

    await rotate('password=1, root=2026')
    await cluster.eventually(async () => (await valuesOf(cluster))['ca.crt'] !== before['ca.crt'], { describe: 'a new authority' })
    await untilCondition(cluster, account, { status: 'True' })
    const last = await valuesOf(cluster)
    // A certificate follows its authority.
    expect(changed(after, last)).toEqual(['ca.crt', 'tls.crt', 'tls.key'])
    expect(new X509Certificate(last['tls.crt'] as string).verify(new X509Certificate(last['ca.crt'] as string).publicKey)).toBe(true)
    expect(process.lines.filter(({ msg }) => /updated Secret\/one-generated: password password/.test(msg))).toHaveLength(1)

    await rotate('password=1, pasword=2, root=2026')
    expect(await untilCondition(cluster, account, { status: 'False' })).toMatchObject({
      reason: 'InvalidAnnotation',
      message:
        'the annotation fairlead.dev/rotate names "pasword", and no value of that name was generated; did you mean "password"? (ANNOTATION_INVALID)',
    })
    for (const unreadable of ['password, root=2026', 'password=, root=2026', 'password=1, password=2, root=2027']) {
      await rotate('password=1, root=2026')
      await untilCondition(cluster, account, { status: 'True' })
      await rotate(unreadable)
      expect((await untilCondition(cluster, account, { status: 'False', message: /no list/ })).message).toBe(
        'the annotation fairlead.dev/rotate is no list of names and texts; e.g. db=1,tls=2026-06, each name once; until then nothing is made anew ' +
          '(ANNOTATION_INVALID)',
      )
    }
    expect(changed(last, await valuesOf(cluster))).toEqual([])
    await rotate('password=1, root=2026')
    await untilCondition(cluster, account, { status: 'True' })
    expect(changed(last, await valuesOf(cluster))).toEqual([])
  })

  test('stay where the chart asks for another sort by their name: the Account says so, and the annotation makes it anew', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const process = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)
    const kept = async () => await textsOf(cluster, `${secrets(cluster)}/one-generated`)
    const keptBefore = await kept()

    await change(cluster, account, { spec: { tokenSort: 'password' } })
    expect(await untilCondition(cluster, account, { status: 'False', message: /"token"/ })).toMatchObject({
      reason: 'RenderFailed',
      message:
        'generate.password("token"): a value of the sort token is kept by this name; use another name, or give token a new text in the annotation ' +
        'fairlead.dev/rotate, which loses what is kept (TEMPLATE_VALUE)',
    })
    // Nor does a new process that finds the Secret without its label.
    await process.stop()
    await change(cluster, `${secrets(cluster)}/one-generated`, { metadata: { labels: { 'fairlead.dev/primary-uid': null } } })
    await operator({ watches })
    await change(cluster, account, { spec: { database: 'other' } })
    await untilCondition(cluster, account, { status: 'False', message: /"token"/ })
    expect([await kept(), changed(before, await valuesOf(cluster))]).toEqual([keptBefore, []])

    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/rotate': 'token=1' } } })
    await untilCondition(cluster, account, { status: 'True' })
    expect((await valuesOf(cluster))['token']).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(changed(before, await valuesOf(cluster))).toEqual(['database', 'token', 'url'])
  })

  test('are another certificate for other names, of the same authority', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)

    await change(cluster, account, { spec: { hosts: ['db', 'db.example.com'] } })
    await cluster.eventually(async () => (await valuesOf(cluster))['tls.crt'] !== before['tls.crt'], { describe: 'a new certificate' })

    const after = await valuesOf(cluster)
    expect(changed(before, after)).toEqual(['tls.crt', 'tls.key'])
    expect(new X509Certificate(after['tls.crt'] as string).subjectAltName).toBe('DNS:db, DNS:db.example.com, IP Address:127.0.0.1')
  })

  test('stand for one thing in the documents and the status, and what is no authority signs nothing: the Account names the value', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const process = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)
    const says = async (spec: object, message: RegExp) => {
      await change(cluster, account, { spec })
      expect(await untilCondition(cluster, account, { status: 'False', message })).toMatchObject({ reason: 'RenderFailed' })
    }
    await says({ told: 'others' }, /status\.yaml\.eta:1:16: generate\.ca\("root"\): the name stands for another value already/)
    await says(
      { told: null, issuer: 'password' },
      /tls\.yaml\.eta:2:4: generate\.certificate\("tls"\): there is no generate\.ca\("password"\)/,
    )
    await change(cluster, account, { spec: { issuer: null } })
    await untilCondition(cluster, account, { status: 'True' })
    expect(changed(before, await valuesOf(cluster))).toEqual([])

    const kept = `${secrets(cluster)}/one-generated`
    for (const [key, text] of Object.entries({ 'root.key': 'broken', 'root.crt': 'garbage' })) {
      await change(cluster, kept, { stringData: { [key]: text } })
      await says({ hosts: [key] }, /generate\.certificate\("tls"\): what is kept of "root" is no authority with its key.* makes it anew/)
    }
    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/rotate': 'root=2026' } } })
    await untilCondition(cluster, account, { status: 'True' })
    const after = await valuesOf(cluster)
    expect(changed(before, after)).toEqual(['ca.crt', 'tls.crt', 'tls.key'])
    expect(new X509Certificate(after['tls.crt'] as string).verify(new X509Certificate(after['ca.crt'] as string).publicKey)).toBe(true)
    expect(process.lines.filter(({ msg }) => msg.includes('fault of the operator'))).toEqual([])
    await untilQuiet(cluster, process, account)
  })

  test('are made anew in time: a certificate that is due, and nothing else', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    await untilQuiet(cluster, process, account)
    const before = await valuesOf(cluster)
    const kept = `${secrets(cluster)}/one-generated`
    const records = JSON.parse((await textsOf(cluster, kept))['records.json'] as string) as Record<string, { renew?: string }>
    const due = Date.parse(records['tls']?.renew as string)
    expect(Math.abs(due - Date.now() - (365 * 86_400_000 * 2) / 3)).toBeLessThan(3_600_000)

    // Eight months go by: what is recorded as due then is due in three seconds.
    const soon = {
      ...records,
      root: { ...records['root'], renew: 'in a while' },
      tls: { ...records['tls'], renew: new Date(Date.now() + 3_000).toISOString() },
    }
    await change(cluster, kept, { data: { 'records.json': Buffer.from(JSON.stringify(soon)).toString('base64') } })

    await cluster.eventually(async () => (await textsOf(cluster, `${secrets(cluster)}/one-tls`))['tls.crt'] !== before['tls.crt'], {
      describe: 'there is a new certificate',
      timeout: 30_000,
    })
    await untilQuiet(cluster, process, account)
    const after = await valuesOf(cluster)
    expect(changed(before, after)).toEqual(['tls.crt', 'tls.key'])
    const certificate = new X509Certificate(after['tls.crt'] as string)
    expect(certificate.checkPrivateKey(createPrivateKey(after['tls.key'] as string))).toBe(true)
    expect(certificate.verify(new X509Certificate(after['ca.crt'] as string).publicKey)).toBe(true)
    const renewed = JSON.parse((await textsOf(cluster, kept))['records.json'] as string) as Record<string, { renew?: string }>
    // A date that cannot be read ends no renewal: that of the authority is read off its certificate.
    expect(Math.abs(Date.parse(renewed['root']?.renew as string) - Date.parse(records['root']?.renew as string))).toBeLessThan(600_000)
    expect(Date.parse(renewed['tls']?.renew as string)).toBeGreaterThan(Date.now() + 200 * 86_400_000)
  })

  test('begin with the one of a Secret that exists, where the template adopts it', async ({ cluster, operator }) => {
    await install(cluster)
    await create(cluster, secrets(cluster), { metadata: { name: 'release-db' }, stringData: { pw: 'kept since 2019' } })
    await operator({ watches })
    const account = await createAccount(cluster, { adopt: { secret: 'release-db', key: 'pw' } })
    await untilCondition(cluster, account, { status: 'True' })
    expect((await valuesOf(cluster))['password']).toBe('kept since 2019')

    await change(cluster, `${secrets(cluster)}/release-db`, { stringData: { pw: 'changed' } })
    await change(cluster, account, { spec: { database: 'other' } })
    await cluster.eventually(async () => (await valuesOf(cluster))['database'] === 'other', { describe: 'the new database' })
    expect((await valuesOf(cluster))['password']).toBe('kept since 2019')
  })
})

describe('a Secret whose values the custom resource changes', () => {
  test('is sent at once each time and is no drift, also after a restart; what somebody else changes is put back', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    const first = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const urlOf = async () => (await textsOf(cluster, `${secrets(cluster)}/one`))['url']
    const isFor = async (database: string) =>
      await cluster.eventually(async () => (await urlOf())?.endsWith(`/${database}`), {
        describe: `the URL is for ${database}`,
        interval: 10,
      })
    /** What was told of the Secret after its creation. */
    const told = (process: OperatorProcess) => process.lines.map(({ msg }) => msg).filter((msg) => /^updated Secret\/one[: ]/.test(msg))

    const databases = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    for (const database of databases) {
      await change(cluster, account, { spec: { database } })
      await isFor(database)
    }
    await untilCondition(cluster, account, { status: 'True' })
    expect(told(first)).toEqual(databases.map(() => 'updated Secret/one (spec)'))
    const metrics = await scrape(first)
    expect([metrics.sum('fairlead_drift_healed_total'), metrics.sum('fairlead_fights_total')]).toEqual([0, 0])
    await first.stop()
    await change(cluster, account, { spec: { database: 'other' } })

    const second = await operator({ watches })
    await isFor('other')
    await change(cluster, `${secrets(cluster)}/one`, { stringData: { url: 'theirs' } })
    await isFor('other')
    expect(told(second).slice(0, 1)).toEqual(['updated Secret/one (spec)'])
    expect((await second.line(/\.data\.url put back/)).msg).toMatch(/^updated Secret\/one: \.data\.url put back.* \(drift\)$/)
    await untilQuiet(cluster, second, account)
    expect(told(second)).toHaveLength(2)
  })
})

describe('the Secret of generated values', () => {
  test('is no orphan', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    await untilCondition(cluster, await createAccount(cluster), { status: 'True' })
    const orphans = await fairlead(cluster, 'orphans', '--namespace', cluster.namespace, '--watches', watches)
    expect([orphans.out, (await scrape(process)).sum('fairlead_orphans')]).toEqual(['no orphans\n', 0])
  })

  test('that lost our label still holds: nothing is made anew', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)
    const kept = `${secrets(cluster)}/one-generated`

    await change(cluster, kept, { metadata: { labels: { 'fairlead.dev/primary-uid': null } } })
    await cluster.eventually(async () => (await read<{ metadata: { labels?: object } }>(cluster, kept)).metadata.labels !== undefined, {
      describe: 'the label is back',
    })
    await untilQuiet(cluster, process, account)
    expect(await valuesOf(cluster)).toEqual(before)

    // Without the record of how they were made nobody knows what the certificate is for.
    await change(cluster, kept, { data: { 'records.json': null } })
    await cluster.eventually(async () => 'records.json' in (await textsOf(cluster, kept)), { describe: 'there are records again' })
    await untilQuiet(cluster, process, account)
    const after = await valuesOf(cluster)
    expect(changed(before, after)).toEqual(['tls.crt', 'tls.key'])
    expect(new X509Certificate(after['tls.crt'] as string).verify(new X509Certificate(before['ca.crt'] as string).publicKey)).toBe(true)
  })

  test('stays where the Account’s objects stay, and an Account that adopts them goes on with its values', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    await operator({ watches: `${project}/adopting.yaml` })
    const account = await createAccount(cluster)
    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/deletion-policy': 'orphan' } } })
    await cluster.eventually(
      async () => (await read<Live>(cluster, account)).metadata.finalizers?.includes('fairlead.dev/dependents') === true,
      { describe: 'the finalizer that an orphan needs' },
    )
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)
    const kept = `${secrets(cluster)}/one-generated`
    const then = await textsOf(cluster, kept)

    await remove(cluster, account)
    await cluster.eventually(async () => !(await exists(cluster, account)), { describe: 'the Account is gone' })
    const { metadata } = await read<Live>(cluster, kept)
    expect([metadata.labels, metadata.ownerReferences]).toEqual([undefined, undefined])
    expect(await textsOf(cluster, kept)).toEqual(then)

    const again = await createAccount(cluster)
    expect((await untilCondition(cluster, again, { status: 'False' })).message).toBe(
      'Secret/one-generated: not touched: it was there before, or has lost the marks of this operator; ' +
        'the label or annotation fairlead.dev/adopt: one hands it over',
    )
    const made = [kept, `${secrets(cluster)}/one`, `${secrets(cluster)}/one-tls`, `${collection(cluster, 'v1', 'configmaps')}/one`]
    for (const path of made.toReversed()) await change(cluster, path, { metadata: { labels: { 'fairlead.dev/adopt': 'one' } } })
    await untilCondition(cluster, again, { status: 'True' })
    expect(await valuesOf(cluster)).toEqual(before)
    expect(await textsOf(cluster, kept)).toEqual(then)
    expect((await read<Live>(cluster, kept)).metadata.ownerReferences).toMatchObject([
      { kind: 'Account', uid: (await read<Live>(cluster, again)).metadata.uid },
    ])

    // The garbage collector, which looks for new kinds every 30 s, takes nothing off but the owner reference.
    await cluster.request('DELETE', again, { body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' } })
    await cluster.eventually(async () => !(await exists(cluster, again)), { describe: 'the Account is gone', timeout: 60_000 })
    const third = await createAccount(cluster)
    await untilCondition(cluster, third, { status: 'True' })
    expect(await valuesOf(cluster)).toEqual(before)
    const { uid } = (await read<Live>(cluster, third)).metadata
    const { managedFields } = (await read<KubernetesObject>(cluster, kept)).metadata
    expect(managedFields?.map(({ manager }) => manager).filter((manager) => manager.startsWith('fairlead/'))).toEqual([
      `fairlead/generated/${uid}`,
    ])
  })

  test('has the kind in its name where a custom resource of another kind has the same name, and keeps that', async ({
    cluster,
    operator,
  }) => {
    await install(cluster)
    await installDefinition(cluster, `${project}/charts/wallet/crds/wallet.yaml`)
    const process = await operator({ watches: `${project}/two-kinds.yaml` })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await textsOf(cluster, `${secrets(cluster)}/one-generated`)
    const wallet = `${collection(cluster, apiVersion, 'wallets')}/one`
    await create(cluster, collection(cluster, apiVersion, 'wallets'), { apiVersion, kind: 'Wallet', metadata: { name: 'one' }, spec: {} })
    await untilCondition(cluster, wallet, { status: 'True' })

    const kept = `${secrets(cluster)}/one-wallet.accounts.example.com-generated`
    const pin = (await textsOf(cluster, `${secrets(cluster)}/one-wallet`))['pin'] as string
    expect(await textsOf(cluster, kept)).toMatchObject({ pin: expect.stringMatching(/^\d{24}$/) as string })
    expect((await textsOf(cluster, kept))['pin']).toBe(pin)
    expect(await textsOf(cluster, `${secrets(cluster)}/one-generated`)).toEqual(before)

    // The first name is free, and the cache knows of none: what was begun goes on all the same.
    await remove(cluster, account)
    await cluster.eventually(async () => !(await exists(cluster, `${secrets(cluster)}/one-generated`)), { describe: 'the name is free' })
    await change(cluster, kept, { metadata: { labels: { 'fairlead.dev/primary-uid': null } } })
    await cluster.eventually(async () => (await read<Live>(cluster, kept)).metadata.labels !== undefined, { describe: 'the label is back' })
    await untilQuiet(cluster, process, wallet)
    expect((await textsOf(cluster, `${secrets(cluster)}/one-wallet`))['pin']).toBe(pin)
    expect(await exists(cluster, `${secrets(cluster)}/one-generated`)).toBe(false)
  })

  test('that somebody made immutable says how one value is made anew without the loss of the others', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const account = await createAccount(cluster)
    await untilCondition(cluster, account, { status: 'True' })
    const before = await valuesOf(cluster)
    const path = `${secrets(cluster)}/one-generated`
    await change(cluster, path, { immutable: true })
    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/rotate': 'password=1' } } })

    const { message } = await untilCondition(cluster, account, { status: 'False', message: /immutable/ })
    const command = `kubectl get secrets one-generated -n ${cluster.namespace} -o yaml`
    expect(message).toBe(
      `Secret/one-generated: PATCH secrets "one-generated" in namespace "${cluster.namespace}": 422 Invalid: data (FieldValueForbidden: field is immutable when \`immutable\` is set); ` +
        `with it all generated values end: "${command}", without the line "immutable: true", given to "kubectl replace --force -f -" keeps them, while fairlead.dev/suspend: "true" is on one`,
    )
    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } })
    await untilCondition(cluster, account, { status: 'False', message: /suspend/ })
    // As it stands in the message, through a file.
    const [, ...args] = command.split(' ')
    const { stdout } = await cluster.kubectl(args)
    const folder = mkdtempSync(join(tmpdir(), 'generated-'))
    try {
      const file = join(folder, 'secret.yaml')
      writeFileSync(file, stdout.replace(/^immutable: true\n/m, ''))
      const replaced = await cluster.kubectl(['replace', '--force', '-f', file])
      expect([replaced.exitCode, replaced.stderr]).toEqual([0, ''])
    } finally {
      rmSync(folder, { recursive: true })
    }
    await change(cluster, account, { metadata: { annotations: { 'fairlead.dev/suspend': null } } })
    await untilCondition(cluster, account, { status: 'True' })
    expect(changed(before, await valuesOf(cluster))).toEqual(['password', 'url'])
  })

  test('with the name of a stranger’s is not taken: the Account says so', async ({ cluster, operator }) => {
    await install(cluster)
    const foreign = await create(cluster, secrets(cluster), { metadata: { name: 'one-generated' }, stringData: { password: 'mine' } })
    const process = await operator({ watches })

    const ready = await untilCondition(cluster, await createAccount(cluster), { status: 'False', message: /not touched/ })
    expect(ready).toMatchObject({
      reason: 'Conflict',
      message:
        'Secret/one-generated: not touched: it was there before, or has lost the marks of this operator; ' +
        'where the watch says adoption: ifLabelled, the label or annotation fairlead.dev/adopt: one hands it over',
    })
    expect(await read(cluster, `${secrets(cluster)}/one-generated`)).toEqual(foreign)

    // Its own status, and the list of the new watch, are reasons to look; after them the Account itself would look again in five minutes.
    await untilStill(cluster, process)
    await remove(cluster, `${secrets(cluster)}/one-generated`)
    await untilCondition(cluster, `${accounts(cluster)}/one`, { status: 'True' })
    expect((await valuesOf(cluster))['password']).toMatch(/^[A-Za-z0-9]{24}$/)
  })
})

/** What ssh-keygen says of a private key. */
function publicKeyOf(privateKey: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-'))
  try {
    const file = join(folder, 'key')
    writeFileSync(file, privateKey)
    chmodSync(file, 0o600)
    return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}
