import { describe, expect, it } from 'vitest'
import type { Generated } from '../../src/reconcile/generated.ts'
import { lookupId } from '../../src/reconcile/lookup.ts'
import { bodyFiles, chartOf, inputsFor, render, renderErrors } from './sample.ts'

const uuid = '7f2c1f0e-52b6-4c25-9d3f-0d6b6a2f7a11'
const generated: Record<string, Generated> = {
  db: { sort: 'password', options: '{"length":8}', parts: { value: btoa('canary') } },
  id: { sort: 'uuid', options: '{}', parts: { value: btoa(uuid) } },
  root: { sort: 'ca', options: '{}', parts: { certificate: btoa('ROOT'), privateKey: btoa('canary') } },
  tls: { sort: 'certificate', options: '{"ca":"root"}', parts: { certificate: btoa('TLS'), privateKey: btoa('canary'), ca: btoa('ROOT') } },
}
const chart = (body: string) => chartOf(bodyFiles(body))
const needs = (body: string, values = generated) => {
  const answer = chart(body).next(inputsFor({}, { generated: values }))
  return answer.kind === 'needs' ? answer.generate : answer.kind
}
const errors = (body: string) =>
  renderErrors(chart(body), inputsFor({}, { generated })).map((error) => error.replace('charts/app/templates/web.yaml.eta:', ''))

describe('generate', () => {
  it('is a need with its options where the value is not there', () => {
    expect(needs("a: <%= generate.password('new', { length: 10 }) %>\n")).toEqual([
      { sort: 'password', name: 'new', options: { length: 10 } },
    ])
  })

  it('reads a value of another length, and not one of another sort or a certificate for other names', () => {
    expect(needs("a: <%= omit %><% generate.password('db', { length: 10 }) %>\n")).toBe('rendered')
    expect(needs("a: <%= generate.token('db') %>\n")).toEqual([{ sort: 'token', name: 'db', options: {} }])
    expect(needs("a: <%= generate.ca('root').certificate %>\nb: <%= generate.certificate('tls', { ca: 'root' }).certificate %>\n")).toBe(
      'rendered',
    )
    expect(needs("a: <%= generate.certificate('tls', { ca: generate.ca('root'), dnsNames: ['x'] }).certificate %>\n")).toEqual([
      { sort: 'certificate', name: 'tls', options: { ca: 'root', dnsNames: ['x'] } },
    ])
  })

  it('is used in the status as in the documents', () => {
    const files = {
      ...bodyFiles("a: <%= generate.ca('root').certificate %>\n"),
      'status.yaml.eta': "a: <%= generate.ca('root', it.spec.other ? { days: 9 } : {}).name %>\n",
    }
    const both = chartOf(files)
    const statusOf = (spec: object) => {
      const rendered = both.next(inputsFor(spec, { generated }))
      return both.status(inputsFor(spec, { generated, names: rendered.kind === 'rendered' ? rendered.names : undefined }))
    }
    expect(statusOf({})).toMatchObject({ kind: 'status', status: { a: 'root' } })
    expect(statusOf({ other: true })).toMatchObject({
      problems: [{ message: 'generate.ca("root"): the name stands for another value already', at: { file: 'charts/app/status.yaml.eta' } }],
    })
  })

  it('is a value that is there, whatever it was made for, where nothing is to be made anew', () => {
    const body = "a: <%= generate.ca('root', { days: 9 }).certificate %>\n"
    expect(needs(body)).toHaveLength(1)
    expect(chart(body).next(inputsFor({}, { generated, asKept: true })).kind).toBe('rendered')
  })

  it('needs another certificate when its authority is another', () => {
    const other = { ...generated, root: { ...generated['root'], parts: { certificate: btoa('NEW'), privateKey: '' } } as Generated }
    expect(needs("a: <%= generate.certificate('tls', { ca: generate.ca('root') }).certificate %>\n", other)).toEqual([
      { sort: 'certificate', name: 'tls', options: { ca: 'root' } },
    ])
  })

  it('inserts what is no secret anywhere', () => {
    const body = "data: { a: <%= generate.uuid('id') %>, b: <%= generate.ca('root').certificate %> }\n"
    expect(render(chart(body), inputsFor({}, { generated }))[0]?.object['data']).toEqual({ a: uuid, b: 'ROOT' })
  })

  it.each([
    ["<%= generate.password('db') %>", '4:8: the value of generated password db may stand only in the data or stringData of a Secret'],
    ["<%= generate.ca('root').privateKey %>", '4:8: the value of generated ca root may stand only in the data or stringData of a Secret'],
    ["<%= generate.ca('root').privatekey %>", 'generate.ca("root").privatekey is undefined; did you mean "privateKey"?'],
    ["<%= generate.password('Db') %>", 'generate.password: a name has lower-case letters, digits and dashes'],
    ["<%= generate.password('db', { lenght: 9 }) %>", 'generate.password: there is no option lenght; did you mean length?'],
    ["<%= generate.password('db', { length: 1 }) %>", 'generate.password: length has to be a whole number from 4 to 1024'],
    ["<%= generate.pasword('db') %>", 'generate.pasword is not a function'],
    ["<%= generate.uuid('db') %><% generate.token('db') %>", 'generate.token("db"): the name stands for another value already'],
    ["<%= generate.certificate('web', { ca: 'none' }).ca %>", 'generate.certificate("web"): there is no generate.ca("none") before it'],
  ])('%s is refused', (call, message) => {
    const values = call.includes('uuid')
      ? { ...generated, db: { sort: 'uuid', options: '{}', parts: { value: btoa(uuid) } } as Generated }
      : generated
    const found = renderErrors(chart(`a: ${call}\n`), inputsFor({}, { generated: values }))
    expect(found.join()).toContain(message)
    expect(found.join()).not.toContain('canary')
  })

  it('takes nothing for a UUID that is none: it would be a secret that anybody can read', () => {
    const adopting = chart("a: <%= generate.uuid('new', { adopt: { secret: 'db', key: 'pw' } }) %>\n")
    const answerFor = (text: string) => {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'market' }, data: { pw: btoa(text) } }
      const lookup = { kind: { group: '', version: 'v1', kind: 'Secret' }, namespace: 'market', name: 'db' }
      const inputs = inputsFor({}, { lookups: { [lookupId(lookup)]: { state: 'found', objects: [secret] } } })
      return adopting.next({ ...inputs, generated: {} })
    }
    for (const text of ['canary', `canary-${uuid}`, `${uuid}\ncanary`, ''])
      expect(answerFor(text)).toMatchObject({
        kind: 'problems',
        problems: [{ message: 'generate.uuid("new"): key pw of Secret/db is no UUID', at: { line: 4, column: 8 } }],
      })
    expect(answerFor(uuid.toUpperCase())).toMatchObject({ kind: 'needs', generate: [{ adopt: btoa(uuid.toUpperCase()) }] })
    const kept = { id: { sort: 'uuid', options: '{}', parts: { value: btoa('canary') } } } as const
    const [error] = renderErrors(chart("a: <%= generate.uuid('id') %>\n"), inputsFor({}, { generated: kept }))
    expect(error).toContain('generate.uuid("id"): what is kept is no UUID')
    expect(error).not.toContain('canary')
  })

  it('keeps its values in a Secret that no template can render', () => {
    const files = { 'templates/web.yaml.eta': 'apiVersion: v1\nkind: Secret\nmetadata: { name: shop-generated }\n' }
    expect(renderErrors(chartOf(files), inputsFor({}, { generated }))).toEqual([
      'charts/app/templates/web.yaml.eta:1:1: Secret/shop-generated keeps the generated values and cannot be rendered; use another name (DOCUMENT_DUPLICATE)',
    ])
    const second = { 'templates/web.yaml.eta': 'apiVersion: v1\nkind: Secret\nmetadata: { name: shop-app.app.company.com-generated }\n' }
    expect(renderErrors(chartOf(second), inputsFor({}, { generated }))[0]).toContain('keeps the generated values')
    expect(renderErrors(chartOf(files), inputsFor())).toEqual(['rendered'])
  })

  const certificate = (options: string) => `generate.certificate('tls', ${options}).certificate`
  it.each([
    ...["''", "'a b'", "'x\\ny'", "'a,DNS:b'", "'a.'", "'.a'", "'a..b'", "'-a'", "'a.*.b'", "'*'", "'10.0.0.1'", "'x'.repeat(64)", '7'].map(
      (name) => [certificate(`{ dnsNames: ['db', ${name}] }`), 'dnsNames has to be a list of DNS names'],
    ),
    ...["'10.0.0.300'", "'fe80::1%eth0'", "'10.0.0.0/8'", "'db'", "''"].map((address) => [
      certificate(`{ ipAddresses: ['fd00::1', ${address}] }`),
      'ipAddresses has to be a list of IP addresses',
    ]),
    ...["''", "'a\\nb'", "'\\u0000'", "'x'.repeat(65)", '5'].map((name) => [
      certificate(`{ commonName: ${name} }`),
      'commonName has to be a text of 1 to 64 characters, none of them a control character',
    ]),
    ["generate.ca('root', { commonName: 'a\\rb' }).certificate", 'commonName has to be a text of 1 to 64 characters'],
    ...["''", "'a\\nssh-ed25519 AAAA'", "'a\\r'", "'a\\u2028b'", "'x'.repeat(256)"].map((comment) => [
      `generate.ssh('key', { comment: ${comment} }).publicKey`,
      'comment has to be one line of 1 to 255 characters, none of them a control character',
    ]),
    ...["'a'", "'aa'", "''"].map((alphabet) => [
      `generate.password('db', { alphabet: ${alphabet} })`,
      'alphabet has to be a string of at least two different characters',
    ]),
  ])('%s is refused, and the message says what is allowed', (call, message) => {
    expect(errors(`a: <%= ${call} %>\n`)).toEqual([expect.stringContaining(message as string)])
  })

  it.each([
    certificate("{ dnsNames: ['*.example.com', 'a_b.Example-1.com', 'xn--bcher-kva.example', '1.2'], ipAddresses: ['::', '10.0.0.1'] }"),
    certificate("{ commonName: 'alice, O=system:masters' }"),
    "generate.ssh('key', { comment: 'me@köln \"<>' }).publicKey",
  ])('%s is allowed', (call) => {
    expect(needs(`a: <%= ${call} %>\n`)).toHaveLength(1)
  })

  it('names the place of an error', () => {
    expect(errors("a: <%= generate.password('db') %>\n")[0]).toMatch(/^4:8: /)
  })
})
