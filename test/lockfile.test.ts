import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  version?: string
  inBundle?: boolean
  optionalDependencies?: Record<string, string>
}

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, LockedPackage>
}

describe('package-lock.json', () => {
  // npm leaves out what the machine that wrote the lock could not install. npm 11.21 refuses such a lock everywhere, and
  // older ones install tools without their program on the platforms that are missing.
  it('locks the binaries of every platform', () => {
    const missing = Object.entries(packages)
      .filter(([, { inBundle }]) => !inBundle)
      .flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies)
          .filter((name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`])
          .map((name) => `${name}, wanted by ${path}`),
      )
    expect(missing).toEqual([])
  })

  it('locks one exact version of everything', () => {
    const loose = Object.entries(packages).filter(([path, { version }]) => path !== '' && !/^\d+\.\d+\.\d+/.test(version ?? ''))
    expect(loose).toEqual([])
  })
})
