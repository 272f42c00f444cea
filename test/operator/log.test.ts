import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLogger, silentLogger, type LogOptions } from '../../src/operator/log.ts'

async function open(options: Partial<LogOptions> = {}) {
  const destination = new PassThrough()
  const log = await createLogger({ level: 'info', format: 'json', destination, ...options })
  const text = (): string => String(destination.read() ?? '')
  return {
    log,
    text,
    lines: () =>
      text()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

describe('JSON lines', () => {
  it('have level, time, fields and message, and nothing else', async () => {
    const { log, lines } = await open()
    log.warn({ primary: 'App/shop', tries: 3, last: false, gone: undefined }, '100% %s done')
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        primary: 'App/shop',
        tries: 3,
        last: false,
        msg: '100% %s done',
      },
    ])
  })

  it('are written from the level on', async () => {
    const { log, lines } = await open({ level: 'warn' })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) log[level]({}, level)
    expect(lines().map(({ msg }) => msg)).toEqual(['warn', 'error'])
  })

  it('are none when silent', async () => {
    const { log, text } = await open({ level: 'silent' })
    log.error({}, 'nobody hears it')
    expect(text()).toBe('')
  })

  it('of a child have its fields', async () => {
    const { log, lines } = await open()
    log.child({ watch: 'App' }).child({ worker: 1 }).info({ primary: 'App/shop' }, 'hello')
    expect(lines()).toMatchObject([{ watch: 'App', worker: 1, primary: 'App/shop' }])
  })

  it('are one line each, whatever the text is', async () => {
    const { log, text } = await open()
    log.info({ primary: 'a\nb' }, 'c\nd')
    expect(text().trimEnd().split('\n')).toHaveLength(1)
  })

  it('tell an error with its stack', async () => {
    const { log, lines } = await open()
    log.error({ error: new TypeError('not a function') }, 'a bug')
    expect(lines()).toMatchObject([
      { error: { type: 'TypeError', message: 'not a function', stack: expect.stringContaining('log.test.ts') } },
    ])
  })
})

describe.each(['json', 'pretty'] as const)('%s lines', (format) => {
  it('never contain data of objects', async () => {
    const { log, text } = await open({ format })
    const secret = { data: { password: 'aHVudGVyMg==' } }
    log.child({ object: secret as never }).info({ object: secret as never, list: ['aHVudGVyMg=='] as never }, 'applied')
    const written = text()
    expect(written).toContain('applied')
    expect(written).not.toContain('aHVudGVyMg==')
  })

  it('cannot steer a terminal', async () => {
    const { log, text } = await open({ format })
    log.info({ primary: '\u001b[2J\u009b31m' }, '\u001b]0;title\u0007')
    expect(text()).not.toMatch(/(?!\n)\p{Cc}|\\u001b|\\u0007/u)
  })
})

describe('pretty lines', () => {
  it('are for the eye: time, level, message and fields on one line', async () => {
    const { log, text } = await open({ format: 'pretty' })
    log.info({ primary: 'App/shop' }, 'created Deployment/web (spec)')
    expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: created Deployment\/web \(spec\) \{"primary":"App\/shop"\}\n$/)
  })

  it('have colours only where asked for', async () => {
    const { log, text } = await open({ format: 'pretty', colors: true })
    log.info({}, 'hello')
    expect(text()).toContain('\u001b[')
  })
})

it('the silent log takes everything and says nothing', () => {
  expect(silentLogger.child({ a: 1 }).info({}, 'x')).toBeUndefined()
})
