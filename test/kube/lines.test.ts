import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BrokenStream, jsonLines } from '../../src/kube/lines.ts'

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? bytes.length)
    yield bytes.subarray(start, start + size)
    start += size
  }
}

async function collect(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const value of source) all.push(value)
  return all
}

describe('a stream of JSON lines', () => {
  it('gives the same values wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.string({ unit: 'binary' }), number: fc.integer() }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (values, sizes) => {
          const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
          expect(await collect(jsonLines(chunksOf(bytes, sizes)))).toEqual(JSON.parse(JSON.stringify(values)))
        },
      ),
    )
  })

  it('joins a line of 1.5 MB from chunks of 16 kB', async () => {
    const value = { text: '✓'.repeat(500_000) }
    expect(await collect(jsonLines(chunksOf(Buffer.from(`${JSON.stringify(value)}\n`), [16_384])))).toEqual([value])
  })

  it('skips empty lines', async () => {
    expect(await collect(jsonLines(chunksOf(Buffer.from('\n{"a":1}\n\n\n{"a":2}\n'), [3])))).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('hands out what came before a broken line, and does not quote the line', async () => {
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const value of jsonLines(chunksOf(Buffer.from('{"a":1}\n{"secret":hunter2}\n'), [5]))) seen.push(value)
    })()
    const error = await reading.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BrokenStream)
    expect(String(error)).not.toContain('hunter2')
    expect(seen).toEqual([{ a: 1 }])
  })

  it('is broken when it ends within a line', async () => {
    await expect(collect(jsonLines(chunksOf(Buffer.from('{"a":1}\n{"a":'), [64])))).rejects.toBeInstanceOf(BrokenStream)
  })

  it('reads the next chunk only when the values of the last one are taken', async () => {
    let read = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read++
        yield Buffer.from('{"n":1}\n{"n":2}\n')
      }
    }
    const lines = jsonLines(source())
    await lines.next()
    await lines.next()
    expect(read).toBe(1)
    await lines.next()
    expect(read).toBe(2)
    await lines.return()
  })
})
