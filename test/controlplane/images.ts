/**
 * What stands for container images on a node that runs real processes: folders with programs.
 *
 * etcd, etcdctl and etcdutl are built from their modules (images/etcd) when a test asks for them, and kept in the cache: about half a
 * minute and 0.2 GB of modules for each release.
 */
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOf, runGo } from './binary.ts'
import { cached, type Say } from './cache.ts'

/** One image. `entrypoint` and `command` are used as those of a container image: a container's `command` and `args` replace them. */
export interface Image {
  /** Folders with its programs, absolute. A command is looked up by its name, wherever it lies in the real image. */
  path: readonly string[]
  entrypoint?: readonly string[]
  command?: readonly string[]
}

/** By image name; one without a tag stands for all its tags. */
export type Images = Readonly<Record<string, Image>>

/** The shell and tools of this machine. */
export const busybox: Images = { busybox: { path: ['/usr/bin', '/bin'], command: ['sh'] } }

const etcdFolder = fileURLToPath(new URL('images/etcd/', import.meta.url))
const moduleFiles = { '3.5': 'go-3.5.mod', '3.6': 'go.mod' } as const

export type EtcdRelease = keyof typeof moduleFiles

/** The version that stands for a release, such as 3.6.16. */
export function etcdVersion(release: EtcdRelease): string {
  const version = /go\.etcd\.io\/etcd\/server\/v3 v(\S+)/.exec(readFileSync(join(etcdFolder, moduleFiles[release]), 'utf8'))?.[1]
  if (version === undefined) throw new Error(`${moduleFiles[release]} in ${etcdFolder} names no version of etcd`)
  return version
}

export const etcdImage = (release: EtcdRelease): string => `quay.io/coreos/etcd:v${etcdVersion(release)}`

/** The images of these releases, built if needed. Like the real ones they have no shell. */
export async function etcdImages(releases: readonly EtcdRelease[], say: Say): Promise<Images> {
  const images: Record<string, Image> = {}
  for (const release of releases) images[etcdImage(release)] = { path: [await built(release, say)], command: ['/usr/local/bin/etcd'] }
  return images
}

async function built(release: EtcdRelease, say: Say): Promise<string> {
  const make = async (folder: string): Promise<void> => {
    say(`building etcd ${etcdVersion(release)}, about half a minute`)
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', join(folder, 'etcd')]
    await runGo(etcdFolder, ['build', `-modfile=${moduleFiles[release]}`, ...flags, '.'], () => {})
    for (const name of ['etcdctl', 'etcdutl']) symlinkSync('etcd', join(folder, name))
  }
  return await cached(`etcd-${etcdVersion(release)}-${hashOf(etcdFolder, ['.'])}`, make, say)
}
