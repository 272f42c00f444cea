/** A certificate for a sandbox that speaks HTTPS: made when it starts, good for this machine's names, its own authority. */

export interface Certificate {
  /** PEM, all three. */
  readonly key: string
  readonly cert: string
  /** What clients trust. */
  readonly ca: string
}

/** @param hostnames names and addresses beside `localhost` and the loopback addresses */
export async function makeCertificate(hostnames: readonly string[] = []): Promise<Certificate> {
  // A bundle gives a CommonJS module as its default export only.
  const {
    default: { generate },
  } = await import('selfsigned')
  const addresses = ['127.0.0.1', '::1', ...hostnames.filter(isAddress)]
  const names = ['localhost', 'kubernetes', 'kubernetes.default.svc', ...hostnames.filter((name) => !isAddress(name))]
  const made = await generate([{ name: 'commonName', value: 'fairlead-sandbox' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set(names)].map((value) => ({ type: 2 as const, value })),
          ...[...new Set(addresses)].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  return { key: made.private, cert: made.cert, ca: made.cert }
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':')
