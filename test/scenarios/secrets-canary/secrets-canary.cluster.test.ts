import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { change, collection, create, installDefinition, read, untilCondition } from '../objects.ts'
import { repository } from '../operator-process.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'canaries.example.com/v1'
const canary = 'swordfish-canary-41d6'

const base64 = (text: string) => Buffer.from(text).toString('base64')
/** Also its beginning: engines and libraries quote only so much. */
const spellings = (value: string) => [value.slice(0, 8), base64(value), base64(base64(value)), encodeURIComponent(base64(value))]

/** What the command prints, on either stream. */
const printed = async (args: readonly string[]): Promise<string> =>
  await new Promise((resolve) => {
    execFile(process.execPath, [`${repository}/bin/fairlead.js`, ...args], { cwd: repository }, (_error, out, error) =>
      resolve(out + error),
    )
  })

const mistakes: readonly [mistake: string, message: RegExp][] = [
  ['config-map', /vault\.yaml\.eta:32:14: the value of Secret .*\/seed, key value may stand only/],
  ['type', /the value of generated password made may stand only/],
  ['expression', /the value of Secret .*\/seed, key value is a secret/],
  ['json', /the value of generated password made is a secret/],
  ['parsed', /vault\.yaml\.eta:\d+:\d+: SyntaxError, whose message could hold what reveal\(\) gave and is left out/],
  ['named', /vault\.yaml\.eta:\d+:\d+: "\*\*\*!" is no name of Kubernetes/],
  ['key', /vault\.yaml\.eta:\d+:\d+: it(\.\*\*\*|\["\*\*\*"\]) is undefined/],
  ['kind', /what is looked up cannot be of a kind that reveal\(\) gave/],
  ['value', /generate\.password: a name cannot hold what reveal\(\) gave/],
  ['ordered', /ConfigMap\/one-ordered: "\*\*\*" names no object/],
  ['quoted', /vault\.yaml\.eta:54:\d+: the value of Secret .*\/seed, key value may stand only.*\(SECRET_EXPOSED\)/],
  ['of-kind', /vault\.yaml\.eta:59:\d+: a document cannot be of a kind that reveal\(\) gave \(SECRET_EXPOSED\)/],
  ['of-version', /vault\.yaml\.eta:58:\d+: a document cannot be of a kind that reveal\(\) gave/],
  ['key-of-data', /^ConfigMap\/one: .*422 Invalid/],
  ['refused', /^Secret\/one: .*422 Invalid/],
  ['status', /status\.yaml\.eta:3:12: the value of Secret .*\/one, key found may stand only/],
]

test('no secret value is in anything that the operator says, whatever is done wrong with it', { timeout: 150_000 }, async ({
  cluster,
  operator,
}) => {
  await installDefinition(cluster, `${project}/charts/vault/crds/vault.yaml`)
  await create(cluster, collection(cluster, 'v1', 'secrets'), { metadata: { name: 'seed' }, data: { value: base64(canary) } })
  const running = await operator({ watches, args: ['--log-level', 'trace'] })
  const vaults = collection(cluster, apiVersion, 'vaults')
  const vault = `${vaults}/one`
  await create(cluster, vaults, { apiVersion, kind: 'Vault', metadata: { name: 'one' }, spec: {} })
  await untilCondition(cluster, vault, { status: 'True' })

  const { data } = await read<{ data: Record<string, string> }>(cluster, `${collection(cluster, 'v1', 'secrets')}/one`)
  const made = Buffer.from(data['made'] ?? '', 'base64').toString()
  // The values are where they belong: otherwise there would be nothing to find.
  expect([data['found'], made]).toEqual([base64(canary), expect.stringMatching(/^\w{24}$/)])

  const said: string[] = []
  const statusSaid = async () => said.push(JSON.stringify(await read(cluster, vault)))
  await statusSaid()
  for (const [mistake, message] of mistakes) {
    await change(cluster, vault, { spec: { mistake } })
    await untilCondition(cluster, vault, { status: 'False', message })
    await statusSaid()
  }
  await change(cluster, `${collection(cluster, 'v1', 'secrets')}/one`, { data: { found: base64('edited') } })
  await change(cluster, vault, { spec: { mistake: null } })
  await untilCondition(cluster, vault, { status: 'True' })
  await statusSaid()

  const folder = mkdtempSync(join(tmpdir(), 'canary-'))
  try {
    const objects = join(folder, 'objects.json')
    const file = join(folder, 'vault.json')
    writeFileSync(objects, JSON.stringify(await read(cluster, `${collection(cluster, 'v1', 'secrets')}/seed`)))
    // What a template reveals into a document can be seen there.
    const inDocuments = ['ordered', 'key-of-data']
    for (const mistake of ['none', ...mistakes.map(([name]) => name).filter((name) => !inDocuments.includes(name))]) {
      const metadata = { name: 'one', namespace: cluster.namespace }
      writeFileSync(file, JSON.stringify({ apiVersion, kind: 'Vault', metadata, spec: { mistake } }))
      said.push(await printed(['render', file, '--watches', watches, '--objects', objects]))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(said.join('\n')).toContain("found: '***'")
  said.push(JSON.stringify(running.lines), running.other.join('\n'), await (await fetch(`${await running.metricsUrl()}/metrics`)).text())
  said.push(
    JSON.stringify(await read(cluster, collection(cluster, 'v1', 'events'))),
    JSON.stringify(await read(cluster, collection(cluster, 'v1', 'configmaps'))),
  )

  for (const value of [canary, made])
    for (const spelling of spellings(value)) expect(said.filter((text) => text.includes(spelling))).toEqual([])
})
