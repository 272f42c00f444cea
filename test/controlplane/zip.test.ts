import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unzip } from './zip.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zip-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An archive with a local header, an entry in the directory and the content for each file. */
function archive(files: { name: string; method: number; content: Buffer }[]): string {
  const local: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, method, content } of files) {
    const header = Buffer.alloc(30 + name.length)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(name.length, 26)
    header.write(name, 30)
    const entry = Buffer.alloc(46 + name.length + 3)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(content.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt16LE(3, 32)
    entry.writeUInt32LE(offset, 42)
    entry.write(`${name}abc`, 46)
    local.push(header, content)
    directory.push(entry)
    offset += header.length + content.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(offset, 16)
  const path = join(folder, 'archive.zip')
  writeFileSync(path, Buffer.concat([...local, ...directory, end]))
  return path
}

describe('unzip', () => {
  it('takes the named files out, stored or deflated', () => {
    const path = archive([
      { name: 'a/plain', method: 0, content: Buffer.from('as it is') },
      { name: 'skipped', method: 99, content: Buffer.from('?') },
      { name: 'a/small', method: 8, content: deflateRawSync('again '.repeat(100)) },
    ])
    const files = unzip(path, ['a/small', 'a/plain'])
    expect(files.get('a/plain')?.toString()).toBe('as it is')
    expect(files.get('a/small')?.toString()).toBe('again '.repeat(100))
    expect(files.size).toBe(2)
  })

  it('says which file is missing', () => {
    const path = archive([{ name: 'there', method: 0, content: Buffer.from('x') }])
    expect(() => unzip(path, ['there', 'absent'])).toThrow(`${path} has no file absent`)
  })

  it('refuses what is no archive, or packed another way', () => {
    const path = join(folder, 'text')
    writeFileSync(path, 'hello')
    expect(() => unzip(path, [])).toThrow('is not a ZIP archive')
    expect(() => unzip(archive([{ name: 'odd', method: 99, content: Buffer.from('?') }]), ['odd'])).toThrow('compression method 99')
  })
})
