/** Makes X.509 certificates with EC keys. Every name in them is data all the way: no text is put together that something reads again. */
import { isIPv6 } from 'node:net'

export interface CertificateRequest {
  commonName: string
  dnsNames: readonly string[]
  ipAddresses: readonly string[]
  isAuthority: boolean
  notBefore: Date
  notAfter: Date
  /** In PEM; left out: the certificate signs itself. */
  issuer?: { certificate: string; privateKey: string } | undefined
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Both in PEM. Rejects where the issuer's are none. */
export async function makeCertificate(request: CertificateRequest): Promise<{ certificate: string; privateKey: string }> {
  // A bundle gives a CommonJS module as its default export only.
  const { default: x509 } = await import('@peculiar/x509')
  const { subtle } = globalThis.crypto
  const { isAuthority, issuer, notBefore, notAfter } = request
  const keys = await subtle.generateKey(curve, true, ['sign', 'verify'])
  const { KeyUsageFlags: use } = x509
  const altNames = [
    ...request.dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...request.ipAddresses.map((address) => ({ type: 'ip' as const, value: inHexadecimal(address) })),
  ]
  // Given as an object, the value is taken as it is; a string would be unquoted, and one that begins with # decoded.
  const subject = new x509.Name([{ CN: [{ utf8String: request.commonName }] }])
  const { AuthorityKeyIdentifierExtension: AuthorityKey, SubjectKeyIdentifierExtension: SubjectKey } = x509
  const authority = issuer && new x509.X509Certificate(issuer.certificate)
  // As its own certificate calls it: a strict reader looks for the key of that name.
  const named = authority?.getExtension(SubjectKey)?.keyId
  const signer = authority && (named === undefined ? await AuthorityKey.create(authority.publicKey) : new AuthorityKey(named))
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: authority?.subjectName ?? subject,
    notBefore,
    notAfter,
    signingAlgorithm: signing,
    publicKey: keys.publicKey,
    signingKey: issuer
      ? await subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(issuer.privateKey), curve, false, ['sign'])
      : keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.KeyUsagesExtension(use.digitalSignature | (isAuthority ? use.keyCertSign | use.cRLSign : 0), true),
      ...(isAuthority ? [] : [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth])]),
      await SubjectKey.create(keys.publicKey),
      ...(signer ? [signer] : []),
      ...(altNames.length > 0 ? [new x509.SubjectAlternativeNameExtension(altNames)] : []),
    ],
  })
  const key = x509.PemConverter.encode(await subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { certificate: made.toString('pem'), privateKey: `${key}\n` }
}

/** An address of version 6 without the decimal form of its end, which the library does not read. */
const inHexadecimal = (address: string): string => (isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address)
