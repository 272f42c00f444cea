import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuditLog } from './audit.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-test-'))
  path = join(folder, 'audit.log')
  writeFileSync(path, '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const line = (auditID: string, more: object = {}): string =>
  `${JSON.stringify({
    auditID,
    stage: 'ResponseComplete',
    verb: 'patch',
    requestURI: '/apis/apps/v1/namespaces/shop/deployments/web',
    userAgent: 'fairlead/0.1.0 (linux)',
    user: { username: 'administrator' },
    objectRef: { resource: 'deployments', apiGroup: 'apps', namespace: 'shop', name: 'web' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-01-02T03:04:05.678901Z',
    ...more,
  })}\n`

describe('the reader of the audit log', () => {
  it('starts where the log ends', () => {
    appendFileSync(path, line('before'))
    const audit = new AuditLog(path)
    appendFileSync(path, line('after', { verb: 'get' }))
    expect(audit.requests().map(({ verb }) => verb)).toEqual(['get'])
    expect(new AuditLog(path, { fromStart: true }).requests()).toHaveLength(2)
  })

  it('reads a line that was cut in the middle of a character when the rest is there', () => {
    const audit = new AuditLog(path)
    const bytes = Buffer.from(line('a', { userAgent: 'schöner/1' }))
    const cut = bytes.indexOf(Buffer.from('ö')) + 1
    appendFileSync(path, bytes.subarray(0, cut))
    expect(audit.requests()).toEqual([])
    appendFileSync(path, bytes.subarray(cut))
    expect(audit.requests().map(({ userAgent }) => userAgent)).toEqual(['schöner/1'])
  })

  it('gives a path that is no resource empty names', () => {
    const audit = new AuditLog(path)
    appendFileSync(path, line('a', { verb: 'get', requestURI: '/openapi/v3?hash=1', objectRef: undefined }))
    expect(audit.requests()).toEqual([
      {
        verb: 'get',
        resource: '',
        group: '',
        subresource: '',
        namespace: '',
        name: '',
        userAgent: 'fairlead/0.1.0 (linux)',
        user: 'administrator',
        code: 200,
        time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
        requestURI: '/openapi/v3?hash=1',
        ended: true,
      },
    ])
    expect(audit.count()).toEqual({ 'get /openapi/v3': 1 })
  })

  it('matches each part of a filter', () => {
    const audit = new AuditLog(path)
    appendFileSync(
      path,
      line('a') + line('b', { verb: 'update', objectRef: { resource: 'deployments', subresource: 'status', name: 'web' } }),
    )
    expect(audit.count({ userAgent: 'fairlead/' })).toEqual({ 'patch deployments': 1, 'update deployments/status': 1 })
    for (const filter of [
      { userAgent: 'lead' },
      { userAgent: /^lead/ },
      { verb: ['get', 'list'] },
      { namespace: 'other' },
      { name: 'web2' },
      { user: 'x' },
    ])
      expect(audit.requests(filter)).toEqual([])
    expect(audit.requests({ subresource: '' }).map(({ verb }) => verb)).toEqual(['patch'])
    expect(audit.requests({ verb: ['update', 'get'], resource: 'deployments', subresource: 'status' })).toHaveLength(1)
  })

  it('does not count the end of a watch that began before a mark', () => {
    const audit = new AuditLog(path)
    appendFileSync(path, line('a', { verb: 'watch', stage: 'ResponseStarted' }))
    const since = audit.mark()
    appendFileSync(path, line('a', { verb: 'watch' }))
    expect(audit.requests({ since })).toEqual([])
    expect(audit.requests()).toEqual([expect.objectContaining({ verb: 'watch', ended: true })])
  })
})
