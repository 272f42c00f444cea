/** What `generate` can make: rows of the reference, and the options of each. Run by template/generate.ts. */
import type { GeneratedSort } from '../../reconcile/generated.ts'
import type { InputFunction } from './inputs.ts'
import { isAddress } from './networks.ts'

interface OptionCheck {
  is: string
  accepts: (value: unknown) => boolean
}

const between = (least: number, most: number): OptionCheck => ({
  is: `a whole number from ${least} to ${most}`,
  accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
})
const text: OptionCheck = { is: 'a string', accepts: (value) => typeof value === 'string' && value !== '' }
/** (RFC 5280, appendix A.1: ub-common-name) */
const commonName: OptionCheck = {
  is: 'a text of 1 to 64 characters, none of them a control character',
  accepts: (value) => typeof value === 'string' && /^\P{C}{1,64}$/u.test(value),
}
/** It ends a line of `authorized_keys`: a second line would let in another key. */
const comment: OptionCheck = {
  is: 'one line of 1 to 255 characters, none of them a control character',
  accepts: (value) => typeof value === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u.test(value),
}
const listOf = (is: string, accepts: (item: string) => boolean): OptionCheck => ({
  is,
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && accepts(item)),
})
const dnsName = /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?$/i
const dnsNames = listOf(
  'a list of DNS names: letters, digits, - and _ between dots, and *. in front of them where it is for every name below; addresses stand in ipAddresses',
  (item) => dnsName.test(item) && !isAddress(item),
)
const addresses = listOf('a list of IP addresses', isAddress)
const adopt: OptionCheck = {
  is: 'a map of secret and key, both strings',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).sort().join() === 'key,secret' &&
    Object.values(value).every((item) => typeof item === 'string'),
}
const days = between(1, 36_500)

export const generateOptions: Readonly<Record<GeneratedSort, Readonly<Record<string, OptionCheck>>>> = {
  password: {
    length: between(4, 1024),
    alphabet: {
      is: 'a string of at least two different characters',
      accepts: (value) => typeof value === 'string' && new Set(value).size > 1,
    },
    adopt,
  },
  token: { bytes: between(8, 1024), adopt },
  uuid: { adopt },
  rsa: { bits: { is: '2048, 3072 or 4096', accepts: (value) => value === 2048 || value === 3072 || value === 4096 } },
  ssh: { comment },
  ca: { commonName, days },
  certificate: { ca: text, commonName, dnsNames, ipAddresses: addresses, days },
}

const row = (sort: GeneratedSort, summary: string, result: string, call: string, gives: unknown): InputFunction => ({
  name: `generate.${sort}`,
  summary: `${summary} Options: ${Object.entries(generateOptions[sort])
    .map(([name, { is }]) => `\`${name}\` (${is})`)
    .join(', ')}.`,
  parameters: [
    { name: 'name', type: 'string' },
    { name: 'options', type: 'map', optional: true },
  ],
  result,
  examples: [{ call, gives }],
})

export const generateSignatures: Readonly<Record<GeneratedSort, InputFunction>> = {
  password: row(
    'password',
    'A random text of letters and digits, 24 characters unless told otherwise.',
    'secret',
    "reveal(generate.password('db'))",
    'q3XbTz0mW8eYpLr5Kc1VnJ7d',
  ),
  token: row(
    'token',
    'Random bytes, 32 unless told otherwise, as base64 for URLs.',
    'secret',
    "reveal(generate.token('api', { bytes: 8 }))",
    'Zm9vYmFyLWI',
  ),
  uuid: row('uuid', 'A random UUID.', 'string', "generate.uuid('cluster')", '7f2c1f0e-52b6-4c25-9d3f-0d6b6a2f7a11'),
  rsa: row(
    'rsa',
    'An RSA key pair in PEM: `privateKey` is a secret, `publicKey` a string.',
    'map',
    "generate.rsa('signing').publicKey.slice(0, 26)",
    '-----BEGIN PUBLIC KEY-----',
  ),
  ssh: row(
    'ssh',
    'An Ed25519 key pair as OpenSSH has it: `privateKey` is a secret, `publicKey` a string.',
    'map',
    "generate.ssh('deploy').publicKey.slice(0, 11)",
    'ssh-ed25519',
  ),
  ca: row(
    'ca',
    'A certificate authority in PEM: `certificate` is a string, `privateKey` a secret. It is made anew when two thirds of its days, 3650 unless told otherwise, have passed.',
    'map',
    "generate.ca('root').certificate.slice(0, 27)",
    '-----BEGIN CERTIFICATE-----',
  ),
  certificate: row(
    'certificate',
    'A certificate in PEM, of an authority or signed by itself: `certificate` and `ca` are strings, `privateKey` a secret. It is made anew when two thirds of its days, 365 unless told otherwise, have passed, when its options change, and when its authority does.',
    'map',
    "generate.certificate('web', { ca: generate.ca('root'), dnsNames: ['web.eu.svc'] }).ca.slice(0, 27)",
    '-----BEGIN CERTIFICATE-----',
  ),
}
