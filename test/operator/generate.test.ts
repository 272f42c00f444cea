import { createPrivateKey, X509Certificate } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import type { makeCertificate } from '../../src/operator/certificate.ts'
import { generate } from '../../src/operator/generate.ts'
import type { Generated, GenerateNeed } from '../../src/reconcile/generated.ts'

type MakeCertificate = typeof makeCertificate

const now = Date.parse('2026-06-01T00:00:00Z')
const day = 86_400_000
const decode = (text = '') => Buffer.from(text, 'base64').toString()

async function made(need: Omit<GenerateNeed, 'name'>, values: Record<string, Generated> = {}) {
  const { parts, renew } = await generate({ name: 'x', ...need }, values, now)
  return { parts: Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, decode(value)])), renew }
}

describe('a generated value', () => {
  it('is a password of this length and these characters, another one each time', async () => {
    const passwords = new Set<string>()
    for (let count = 0; count < 50; count++)
      passwords.add((await made({ sort: 'password', options: { length: 12, alphabet: 'ab€' } })).parts['value'] as string)
    expect(passwords.size).toBe(50)
    for (const password of passwords)
      expect([...password].every((character) => 'ab€'.includes(character)) && [...password]).toHaveLength(12)
  })

  it('is a password in which no character is likelier for standing twice in the alphabet', async () => {
    const alphabet = `${'a'.repeat(1_000)}b`
    expect((await made({ sort: 'password', options: { length: 64, alphabet } })).parts['value']).toContain('b')
  })

  it('is what is adopted, whatever its length', async () => {
    expect(await made({ sort: 'password', options: {}, adopt: btoa('old') })).toEqual({ parts: { value: 'old' }, renew: undefined })
  })

  it('is a certificate that signs itself where there is no authority, and is renewed after two thirds of its days', async () => {
    const { parts, renew } = await made({ sort: 'certificate', options: { days: 30, commonName: 'web' } })
    const certificate = new X509Certificate(parts['certificate'] as string)
    expect({ subject: certificate.subject, signs: certificate.verify(certificate.publicKey), ca: certificate.ca }).toEqual({
      subject: 'CN=web',
      signs: true,
      ca: false,
    })
    expect(Date.parse(certificate.validTo)).toBe(now + 30 * day)
    expect(renew).toBe(now + 20 * day)
    expect(parts['ca']).toBe(parts['certificate'])
  })

  it('is a certificate that names the key which signs it, as strict readers ask for', async () => {
    const { default: x509 } = await import('@peculiar/x509')
    const root = await made({ sort: 'ca', options: {} })
    const encoded = Object.fromEntries(Object.entries(root.parts).map(([part, text]) => [part, Buffer.from(text).toString('base64')]))
    const leaf = await made({ sort: 'certificate', options: { ca: 'root' } }, { root: { sort: 'ca', options: '{}', parts: encoded } })
    const [authority, certificate] = [root, leaf].map(({ parts }) => new x509.X509Certificate(parts['certificate'] as string))
    const key = authority?.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
    expect(key).toMatch(/^[0-9a-f]{40}$/)
    expect(certificate?.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(key)
    expect(certificate?.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId).not.toBe(key)
    if (spawnSync('openssl', ['version']).error) return
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
    try {
      for (const [name, { parts }] of Object.entries({ root, leaf })) writeFileSync(join(folder, name), parts['certificate'] as string)
      const flags = ['verify', '-x509_strict', '-attime', String(now / 1_000), '-CAfile', 'root', 'leaf']
      expect(spawnSync('openssl', flags, { cwd: folder, encoding: 'utf8' }).stdout).toBe('leaf: OK\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    ['is not there', {}],
    ['is a password', { root: { sort: 'password', options: '{}', parts: { value: btoa('x') } } }],
    ['has another key', 'other'],
  ] as const)('is no certificate of an authority that %s', async (_title, given) => {
    const [root, other] = [
      await generate({ sort: 'ca', name: 'root', options: {} }, {}, now),
      await generate({ sort: 'ca', name: 'root', options: {} }, {}, now),
    ]
    const parts = { ...root.parts, privateKey: other.parts['privateKey'] as string }
    const values = given === 'other' ? { root: { sort: 'ca' as const, options: '{}', parts } } : given
    await expect(made({ sort: 'certificate', options: { ca: 'root' } }, values)).rejects.toThrow('what is kept of "root" is no authority')
  })

  it.each(['alice, O=system:masters', 'a+b"<>;', '#0c0161', '\\2C \\0a', '"quoted" not', ' köln = '])(
    'is a certificate for exactly this name, whatever stands in it: %j',
    async (commonName) => {
      const root = await made({ sort: 'ca', options: { commonName } })
      const encoded = Object.fromEntries(Object.entries(root.parts).map(([part, text]) => [part, Buffer.from(text).toString('base64')]))
      const { parts } = await made(
        {
          sort: 'certificate',
          options: { ca: 'root', commonName, dnsNames: ['*.example.com', 'db'], ipAddresses: ['10.0.0.1', '::1', '::ffff:1.2.3.4'] },
        },
        { root: { sort: 'ca', options: '{}', parts: encoded } },
      )
      const [authority, certificate] = [root.parts, parts].map((each) => new X509Certificate(each['certificate'] as string))
      // The attributes of the name as another reader finds them.
      for (const { subject, issuer } of [authority, certificate].map((each) => (each as X509Certificate).toLegacyObject()))
        expect([{ ...subject }, { ...issuer }]).toEqual([{ CN: commonName }, { CN: commonName }])
      expect(certificate?.verify((authority as X509Certificate).publicKey) && certificate.checkIssued(authority as X509Certificate)).toBe(
        true,
      )
      expect(certificate?.checkPrivateKey(createPrivateKey(parts['privateKey'] as string))).toBe(true)
      expect(certificate?.subjectAltName).toBe(
        'DNS:*.example.com, DNS:db, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:0:0:0:0:0:FFFF:102:304',
      )
    },
  )

  it('is a certificate in a bundle too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
    try {
      const outfile = join(folder, 'certificate.mjs')
      const entryPoints = [fileURLToPath(new URL('../../src/operator/certificate.ts', import.meta.url))]
      await build({
        entryPoints,
        outfile,
        bundle: true,
        format: 'esm',
        platform: 'node',
        minify: true,
        logLevel: 'silent',
        banner: { js: withRequire },
      })
      const bundled = (await import(outfile)) as { makeCertificate: MakeCertificate }
      const names = { commonName: 'web', dnsNames: [], ipAddresses: [], isAuthority: true }
      const { certificate } = await bundled.makeCertificate({ ...names, notBefore: new Date(now), notAfter: new Date(now + day) })
      expect(new X509Certificate(certificate).subject).toBe('CN=web')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const withRequire = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
