import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AuditEvent, auditFile } from '../../../src/sandbox/server/audit.ts'
import { AuditLog } from '../../controlplane/audit.ts'
import { client, configMaps, take } from '../faults/request.ts'

const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' } }

describe('the audit log', () => {
  it('tells of a request in the form of audit.k8s.io/v1, before its answer is there', async () => {
    const events: AuditEvent[] = []
    await using test = client({ now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 67), audit: (event) => void events.push(event) })
    await test.send('POST', `${configMaps}?dryRun=All`, settings, { 'user-agent': 'me/1' })
    expect(events).toEqual([
      {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        stage: 'ResponseComplete',
        requestURI: `${configMaps}?dryRun=All`,
        verb: 'create',
        user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
        userAgent: 'me/1',
        objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
        responseStatus: { metadata: {}, code: 201 },
        requestReceivedTimestamp: '2026-01-02T03:04:05.067000Z',
        stageTimestamp: '2026-01-02T03:04:05.067000Z',
      },
    ])
  })

  it('knows refusals, and requests whose answer never arrived, but not those that never arrived themselves', async () => {
    const codes: string[] = []
    await using test = client({ audit: ({ verb, responseStatus }) => void codes.push(`${verb} ${responseStatus.code}`) })
    const { faults } = test.sandbox
    faults.add({ kind: 'error', code: 503, match: { verb: 'list' } })
    faults.add({ kind: 'forbid', match: { verb: 'get' } })
    faults.add({ kind: 'break', when: 'after', match: { verb: 'create' } })
    faults.add({ kind: 'break', when: 'before', match: { verb: 'delete' } })
    await test.send('GET', configMaps)
    await test.send('GET', `${configMaps}/shop`)
    await expect(test.send('POST', configMaps, settings)).rejects.toThrow()
    await expect(test.send('DELETE', `${configMaps}/shop`)).rejects.toThrow()
    expect(codes).toEqual(['list 503', 'get 403', 'create 201'])
  })

  it('is written to a file line by line, a watch when it begins and when it ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-audit-'))
    const file = auditFile(join(folder, 'audit.log'))
    try {
      await using test = client({ audit: file.sink })
      const log = new AuditLog(join(folder, 'audit.log'))
      await test.send('POST', configMaps, settings)
      const watch = await test.watch(`${configMaps}?watch=true`)
      await take(watch, 1)
      expect(log.requests().map(({ verb, resource, code, ended, user }) => ({ verb, resource, code, ended, user }))).toEqual([
        { verb: 'create', resource: 'configmaps', code: 201, ended: true, user: 'admin' },
        { verb: 'watch', resource: 'configmaps', code: 200, ended: false, user: 'admin' },
      ])
      await watch.return()
      expect(log.requests({ verb: 'watch' })[0]?.ended).toBe(true)
    } finally {
      file.close()
      rmSync(folder, { recursive: true })
    }
  })
})
