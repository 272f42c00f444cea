/**
 * `node scripts/sandbox-tables.ts`: records the tables of src/sandbox/tables anew from a real API server.
 *
 * The server is the one of $KUBECONFIG if that is a file of test/controlplane, else one that is started for it and stopped afterwards.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startControlPlane } from '../test/controlplane/control-plane.ts'
import { Requester } from '../test/controlplane/request.ts'
import { recordDefaults } from './sandbox-defaults.ts'
import { recordResources } from './sandbox-resources.ts'
import { recordRoles } from './sandbox-roles.ts'
import { recordTypes } from './sandbox-types.ts'

const file = (name: string): string => fileURLToPath(new URL(`../src/sandbox/tables/${name}`, import.meta.url))

async function record(server: Requester): Promise<void> {
  const resources = await recordResources(server)
  write('resources.json', resources)
  const groupVersions = resources.groups.flatMap(({ name, versions }) =>
    versions.map(({ version }) => (name ? `${name}/${version}` : version)),
  )
  const types = await recordTypes(server, groupVersions)
  write('types.json', types)
  write('defaults.json', await recordDefaults(server, types))
  write('roles.json', await recordRoles(server))
}

function write(name: string, table: unknown): void {
  writeFileSync(file(name), JSON.stringify(table))
  const { status } = spawnSync('biome', ['format', '--write', file(name)], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`biome could not format ${name}`)
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { token: string } }]
}

if (process.env.KUBECONFIG) {
  const { clusters, users } = JSON.parse(readFileSync(process.env.KUBECONFIG, 'utf8')) as Kubeconfig
  const [{ cluster }] = clusters
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
  const server = new Requester({ server: cluster.server, ca, token: users[0].user.token })
  await record(server)
  server.close()
} else {
  const controlPlane = await startControlPlane({ say: (line) => console.error(line) })
  const server = new Requester(controlPlane.access)
  try {
    await record(server)
  } finally {
    server.close()
    await controlPlane.stop()
  }
}
