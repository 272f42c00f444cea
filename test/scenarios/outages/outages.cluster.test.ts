import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { kubeconfig } from '../../controlplane/kubeconfig.ts'
import { appPath, createApp, installAppDefinition } from '../app/apps.ts'
import { OperatorProcess, test } from '../fixture.ts'
import { collection, exists, read, untilCondition } from '../objects.ts'

const names = Array.from({ length: 20 }, (_, index) => `shop-${index}`)
const spec = { config: { GREETING: 'hello' } }

async function dependentsOf(cluster: Cluster): Promise<string[]> {
  const { stdout } = await cluster.kubectl([
    'get',
    'deployment,service,serviceaccount,configmap',
    '-l',
    'fairlead.dev/primary-uid',
    '-o',
    'name',
  ])
  return stdout.trim().split('\n').sort()
}

const complete = (apps: readonly string[]) =>
  apps.flatMap((name) => ['configmap', 'deployment.apps', 'service', 'serviceaccount'].map((kind) => `${kind}/${name}`)).sort()

const unreachable = (process: OperatorProcess) =>
  process.lines.filter(({ msg }) => /\((SERVER_UNREACHABLE|CREDENTIALS_REFUSED)\)$/.test(msg)).map(({ level, msg }) => `${level} ${msg}`)

describe('an operator whose API server is down when it starts', () => {
  test('stays up, says so once, is not ready, and begins when the server answers', { timeout: 120_000 }, async ({ ownControlPlane }) => {
    const controlPlane = await ownControlPlane({ controllers: false })
    const cluster = await controlPlane.cluster()
    await installAppDefinition(cluster)
    await createApp(cluster, 'shop', spec)
    await controlPlane.stopApiServer()
    const process = new OperatorProcess({ kubeconfig: cluster.kubeconfig, namespaces: [cluster.namespace] })
    try {
      await process.line(/SERVER_UNREACHABLE/)
      expect((await fetch(`${await process.healthUrl()}/healthz`)).status).toBe(200)
      const readyz = await fetch(`${await process.healthUrl()}/readyz`)
      expect({ status: readyz.status, text: await readyz.text() }).toEqual({
        status: 503,
        text: `[-] operator: ${cluster.server} has not been reached\nnot ready\n`,
      })
      // Long enough for several tries.
      await pause(4_000)
      expect(unreachable(process)).toEqual([
        expect.stringMatching(
          `^error ${cluster.server} cannot be reached: ConnectionRefused; see that it runs, and that context ".*" of ${cluster.kubeconfig} has its address; it is tried again until it answers \\(SERVER_UNREACHABLE\\)$`,
        ),
      ])

      await controlPlane.startApiServer()
      await process.ready()
      await cluster.eventually(async () => await exists(cluster, `${collection(cluster, 'v1', 'configmaps')}/shop`))
    } finally {
      await process.stop('SIGKILL')
    }
  })
})

describe('an API server that', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`is restarted by ${signal} while twenty Apps are made, is found again: the end is the same`, { timeout: 180_000 }, async ({
      ownControlPlane,
    }) => {
      const controlPlane = await ownControlPlane()
      const cluster = await controlPlane.cluster()
      await installAppDefinition(cluster)
      const process = new OperatorProcess({ kubeconfig: cluster.kubeconfig, namespaces: [cluster.namespace] })
      try {
        await process.ready()
        for (const name of names.slice(0, 10)) await createApp(cluster, name, spec)
        await controlPlane.stopApiServer(signal)
        await controlPlane.startApiServer()
        const restarted = performance.now()
        for (const name of names.slice(10)) await createApp(cluster, name, spec)

        for (const name of names) await untilCondition(cluster, appPath(cluster, name), { status: 'True', timeout: 90_000 })
        console.log(`${signal}: all twenty ready ${((performance.now() - restarted) / 1000).toFixed(1)} s after the server was back`)
        expect(await dependentsOf(cluster)).toEqual(complete(names))
        // What a restart leaves behind would show as something to repair, or as a fault.
        expect(process.lines.filter(({ level }) => level === 'error')).toEqual([])

        const { metadata } = await read<{ metadata: { uid: string } }>(cluster, `${collection(cluster, 'v1', 'services')}/shop-0`)
        await cluster.request('DELETE', `${collection(cluster, 'v1', 'services')}/shop-0`)
        await cluster.eventually(
          async () =>
            (await read<{ metadata: { uid: string } }>(cluster, `${collection(cluster, 'v1', 'services')}/shop-0`)).metadata.uid !==
            metadata.uid,
        )
      } finally {
        await process.stop('SIGKILL')
      }
    })
  }
})

describe('a server that cannot be used is named with the reason, and tried again:', () => {
  const wrong: { title: string; of: (cluster: Cluster) => { server: string; ca: string; token: string }; says: RegExp }[] = [
    {
      title: 'a host that nobody knows',
      of: ({ ca, token }) => ({ server: 'https://nowhere.invalid:6443', ca, token }),
      says: /cannot be reached: HostNotFound; see that it runs, and that .* has its address; .*\(SERVER_UNREACHABLE\)$/,
    },
    {
      title: 'a port that nobody listens on',
      of: ({ ca, token }) => ({ server: 'https://127.0.0.1:1', ca, token }),
      says: /^error https:\/\/127\.0\.0\.1:1 cannot be reached: ConnectionRefused; see that it runs, and that .*\(SERVER_UNREACHABLE\)$/,
    },
    {
      title: 'a token that the server does not know',
      of: ({ server, ca }) => ({ server, ca, token: randomBytes(8).toString('hex') }),
      says: /does not accept the credentials: 401 Unauthorized; renew those of context .*; it is tried again .*\(CREDENTIALS_REFUSED\)$/,
    },
    {
      title: 'a server whose certificate another authority signed',
      of: ({ server, token }) => ({ server, token, ca: otherAuthority }),
      says: /cannot be reached: TLS: UNABLE_TO_VERIFY_LEAF_SIGNATURE; see that .* has the authority that signed its certificate; .*\(SERVER_UNREACHABLE\)$/,
    },
  ]
  for (const { title, of, says } of wrong) {
    test.concurrent(title, async ({ cluster, operator }) => {
      const path = `${cluster.kubeconfig}.wrong`
      writeFileSync(path, kubeconfig(of(cluster)), { mode: 0o600 })
      const process = await operator({ kubeconfig: path, wait: false })
      await process.line(/it is tried again until it answers/)
      expect(unreachable(process)).toEqual([expect.stringMatching(says)])
      expect((await fetch(`${await process.healthUrl()}/readyz`)).status).toBe(503)
      expect(await process.stop('SIGTERM')).toBe(0)
    })
  }
})

/** A self-signed authority that has signed nothing here. */
const otherAuthority = `-----BEGIN CERTIFICATE-----
MIIBizCCATGgAwIBAgIUZ0G5diVM44sdOo5hBvJG7DnhakMwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPb3RoZXItYXV0aG9yaXR5MCAXDTI2MTEyMjE3MzcwM1oYDzIx
MjYxMDI5MTczNzAzWjAaMRgwFgYDVQQDDA9vdGhlci1hdXRob3JpdHkwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATJZiRlbUE28iEq4yX0pXzOhVmyNzmwRVEwGznY
AX8nDyvtKHuaPwEHofIlBnU07mWuL5/Ob/QTLsEaB9/pyxz3o1MwUTAdBgNVHQ4E
FgQU6+HShh/Kf5DucGwFmnaPd9B9gFIwHwYDVR0jBBgwFoAU6+HShh/Kf5DucGwF
mnaPd9B9gFIwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBrIMbD
3s1+jTt5vfEyZPBGDlLOhVIh0QV+8FG3UQ8pZQIhAPzqBanSOa+pyZ56Relg/HE5
PS6CsbiMA8koHKFVdOEz
-----END CERTIFICATE-----
`
