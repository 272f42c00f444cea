/**
 * A stream of bytes, cut into the JSON values that stand one a line.
 *
 * Lines are cut before they are decoded: a newline byte is never part of a longer UTF-8 sequence, so a chunk may end anywhere. A line
 * of many chunks is joined once, at its end.
 */

/** A stream that is not what it should be: a line is not JSON, or the stream ends within one. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream'
}

/** The values, as they arrive. Reads no further chunk before the values of the last one are taken. Throws BrokenStream. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  let pending: Uint8Array[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end)
      start = end + 1
      const line = pending.length === 0 ? piece : Buffer.concat([...pending, piece])
      pending = []
      if (line.length > 0) yield parse(line)
    }
    if (start < chunk.length) pending.push(start === 0 ? chunk : chunk.subarray(start))
  }
  if (pending.some((piece) => piece.length > 0)) throw new BrokenStream('the stream ended within a line')
}

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'))
  } catch {
    // The parser's own message quotes the text.
    throw new BrokenStream(`a line of ${line.length} bytes is not JSON`)
  }
}
