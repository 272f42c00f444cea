/** Base64 of texts, as UTF-8: `btoa` and `atob` alone know the first 256 characters only. */

export function encodeBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Undefined where it is not base64, or not of a text. */
export function decodeBase64(encoded: string): string | undefined {
  try {
    const binary = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(binary)
  } catch {
    return undefined
  }
}
