/** Takes single files out of a ZIP archive, with nothing but Node's inflate. (APPNOTE.TXT 6.3.10, 4.3.7 and 4.3.12; no ZIP64) */
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50

/** The contents of the named files. Throws when one is not in the archive or the archive is damaged or larger than 4 GB. */
export function unzip(archivePath: string, names: readonly string[]): Map<string, Buffer> {
  const archive = readFileSync(archivePath)
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || archive.readUInt32LE(end) !== endOfDirectory) throw new Error(`${archivePath} is not a ZIP archive`)
  const found = new Map<string, Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error(`${archivePath} is damaged at byte ${at}`)
    const method = archive.readUInt16LE(at + 10)
    const compressedSize = archive.readUInt32LE(at + 20)
    const nameLength = archive.readUInt16LE(at + 28)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    if (names.includes(name)) found.set(name, content(archive, archive.readUInt32LE(at + 42), compressedSize, method))
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  for (const name of names) if (!found.has(name)) throw new Error(`${archivePath} has no file ${name}`)
  return found
}

function content(archive: Buffer, header: number, compressedSize: number, method: number): Buffer {
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const compressed = archive.subarray(start, start + compressedSize)
  switch (method) {
    case 0:
      return compressed
    case 8:
      return inflateRawSync(compressed)
    default:
      throw new Error(`compression method ${method} is neither stored (0) nor deflate (8)`)
  }
}
