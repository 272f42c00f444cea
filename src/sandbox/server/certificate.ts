/** A certificate for a sandbox that speaks HTTPS: made when it starts, good for this machine's names, signed by an authority of its own. */

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
  const shape = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const
  const authority = await generate([{ name: 'commonName', value: 'fairlead-sandbox-ca' }], {
    ...shape,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
    ],
  })
  const made = await generate([{ name: 'commonName', value: 'fairlead-sandbox' }], {
    ...shape,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
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
  return { key: made.private, cert: made.cert, ca: authority.cert }
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':')
