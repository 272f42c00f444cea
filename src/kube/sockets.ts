/** WebSockets to the API server. A module of its own, since what undici needs for them takes time to load, and few operators ever open one. */
import type { Dispatcher } from 'undici'
import { WebSocket as Socket } from 'undici/lib/web/websocket/websocket.js'

export interface SocketOptions {
  protocols: readonly string[]
  headers: Record<string, string>
  dispatcher: Dispatcher
  signal: AbortSignal
}

/** Undefined where it could not be opened: the reason is not told. */
export async function openSocket(url: string, { protocols, headers, dispatcher, signal }: SocketOptions): Promise<WebSocket | undefined> {
  if (signal.aborted) return undefined
  const socket = new Socket(url.replace(/^http/, 'ws'), { protocols: [...protocols], headers, dispatcher })
  socket.binaryType = 'arraybuffer'
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stop = (): void => {
    socket.close()
    resolve(false)
  }
  signal.addEventListener('abort', stop, { once: true })
  socket.addEventListener('open', () => resolve(true), { once: true })
  socket.addEventListener('error', () => resolve(false), { once: true })
  const isOpen = await promise
  signal.removeEventListener('abort', stop)
  return isOpen ? (socket as unknown as WebSocket) : undefined
}
