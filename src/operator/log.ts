/**
 * The log: one line for each thing that happened, as JSON or for the eye.
 *
 * Fields are names, counts and reasons, never data of objects: only strings, numbers, booleans and errors are written, and a map or list
 * that slips through a type is replaced by a note. Writing is synchronous, so the last line before an exit is there, and there is no
 * worker thread that a bundle could lose.
 */
import { pino } from 'pino'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export const logFormats = ['json', 'pretty'] as const
export type LogFormat = (typeof logFormats)[number]

/** `level`, `time` and `msg` are the log's own. */
export type LogFields = Readonly<Record<string, string | number | boolean | Error | undefined>>

type Write = (fields: LogFields, message: string) => void

export interface Logger {
  trace: Write
  debug: Write
  info: Write
  warn: Write
  error: Write
  /** A log whose every line has these fields too. */
  child(fields: LogFields): Logger
}

export interface LogOptions {
  level: LogLevel
  format: LogFormat
  /** Where lines go: a file descriptor, or a stream. Default: standard error. */
  destination?: number | NodeJS.WritableStream
  /** Colours in pretty lines; the caller asks the terminal. Default: none. */
  colors?: boolean
}

/** Opens the log. Asynchronous because what makes lines pretty is loaded only where it is asked for. */
export async function createLogger({ level, format, destination = 2, colors = false }: LogOptions): Promise<Logger> {
  const options = {
    level,
    // Neither process id nor host name: the pod is known to whoever reads its log.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return wrap(pino(options, format === 'pretty' ? await prettyStream(destination, colors) : jsonStream(destination)))
}

/** A log that nobody reads. */
export const silentLogger: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger }

/** A log whose messages are rewritten first. */
export const rewriting = (log: Logger, rewrite: (message: string) => string): Logger => ({
  trace: (fields, message) => log.trace(fields, rewrite(message)),
  debug: (fields, message) => log.debug(fields, rewrite(message)),
  info: (fields, message) => log.info(fields, rewrite(message)),
  warn: (fields, message) => log.warn(fields, rewrite(message)),
  error: (fields, message) => log.error(fields, rewrite(message)),
  child: (fields) => rewriting(log.child(fields), rewrite),
})

function jsonStream(destination: number | NodeJS.WritableStream): pino.DestinationStream {
  if (typeof destination !== 'number') return destination
  const stream = pino.destination({ fd: destination, sync: true })
  // Whoever read the log is gone (`fairlead run | head`): that is no reason to stop operating.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return stream
}

async function prettyStream(destination: number | NodeJS.WritableStream, colorize: boolean): Promise<pino.DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination, colorize, sync: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true })
}

function wrap(target: pino.Logger): Logger {
  const write =
    (level: Exclude<LogLevel, 'silent'>): Write =>
    (fields, message) => {
      if (target.isLevelEnabled(level)) target[level](safeFields(fields), printable(message))
    }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(target.child(safeFields(fields))),
  }
}

function safeFields(fields: LogFields): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) safe[name] = { type: value.name, message: printable(value.message), stack: printable(value.stack ?? '') }
    else if (typeof value === 'string') safe[name] = printable(value)
    else if (typeof value === 'object' && value !== null) safe[name] = '(data is not logged)'
    else safe[name] = value
  }
  return safe
}

/** Without control characters but line breaks and tabs: a name or an error text cannot steer the terminal that shows the log. */
const printable = (text: string): string => text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
