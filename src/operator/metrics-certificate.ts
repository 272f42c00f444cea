/**
 * The certificate with which /metrics is served: tls.crt and tls.key of a folder, read again when they change, as a mounted Secret does; or
 * one that the process makes for itself, which nobody can verify, but which keeps a token from whoever only listens.
 * (controller-runtime, pkg/metrics/server and pkg/certwatcher)
 */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Milliseconds } from '../api/clock.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import { makeCertificate } from './certificate.ts'
import type { Logger } from './log.ts'

/** Both in PEM. */
export interface KeyPair {
  cert: string
  key: string
}

export interface ServingCertificate {
  current: KeyPair
  /** Tells each later one, until what it gives back is called. */
  follow: (changed: (pair: KeyPair) => void) => () => void
}

/** As long as the longest-lived process. */
const years = 10

/** Between two looks at the files; a kubelet takes about a minute to bring a changed Secret. */
const interval: Milliseconds = 5_000

/** @param folder left out: one is made. @returns a problem where there is none that can be used */
export async function servingCertificate(folder: string | undefined, log: Logger): Promise<ServingCertificate | Problem> {
  if (folder === undefined) return { current: await selfSigned(), follow: () => () => undefined }
  const first = await readPair(folder)
  if ('code' in first) return first
  let current = first
  let told: string | undefined
  const look = async (changed: (pair: KeyPair) => void): Promise<void> => {
    const found = await readPair(folder)
    if ('code' in found) {
      // The one that is served stays: both files may be on their way.
      if (told !== found.message) log.warn({ code: found.code }, formatProblem(found))
      told = found.message
      return
    }
    told = undefined
    if (found.cert === current.cert && found.key === current.key) return
    current = found
    changed(found)
    log.info({}, `/metrics has the new certificate of ${folder}`)
  }
  return {
    current,
    follow(changed) {
      const timer = setInterval(() => void look(changed), interval).unref()
      return () => clearInterval(timer)
    },
  }
}

async function readPair(folder: string): Promise<KeyPair | Problem> {
  try {
    const [cert, key] = await Promise.all(['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')))
    const pair = { cert: cert as string, key: key as string }
    // Rejects what is no certificate, and a key of another one.
    createSecureContext(pair)
    return pair
  } catch (error) {
    return {
      code: 'OPTION_INVALID',
      message: `--metrics-certificate ${folder}: ${(error as Error).message}`,
      remedy: 'it is a folder with tls.crt and tls.key, in PEM, as a Secret of type kubernetes.io/tls has them',
    }
  }
}

async function selfSigned(): Promise<KeyPair> {
  const now = new Date()
  const { certificate, privateKey } = await makeCertificate({
    commonName: 'fairlead-metrics',
    dnsNames: [...new Set(['localhost', hostname()])],
    ipAddresses: ['127.0.0.1', '::1'],
    isAuthority: false,
    // Clocks differ.
    notBefore: new Date(now.getTime() - 3_600_000),
    notAfter: new Date(now.getTime() + years * 365 * 86_400_000),
  })
  return { cert: certificate, key: privateKey }
}
