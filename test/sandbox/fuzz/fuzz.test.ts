/**
 * Ten thousand requests that nobody should send. Every run sends the same ones: what failed once fails again.
 *
 * `FUZZ_SEED` begins elsewhere.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { bytesOf, exchanged } from './raw.ts'
import { ask, createSubject, faultsOf, fetched, type Subject, unstable } from './subject.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122)
const timeout = 60_000

let subject: Subject | undefined
afterEach(async () => await subject?.sandbox.close())

async function isWell(tested: Subject): Promise<void> {
  const created = await ask(tested, 'POST', '/api/v1/namespaces', { metadata: { name: 'after-all' } })
  expect(created).toMatchObject({ status: 201, body: { status: { phase: 'Active' } } })
  const { checked, changed } = await unstable(tested)
  expect(changed).toEqual([])
  expect(checked).toBeGreaterThan(30)
}

describe('a sandbox that is asked anything', () => {
  it('answers 8,000 requests as a server does, and keeps what it stores', { timeout }, async () => {
    const tested = (subject = await createSubject(seed, false))
    expect(await faultsOf(tested, 8000, (request) => fetched(tested, request))).toEqual([])
    await isWell(tested)
  })

  it('answers 1,000 more while controllers work on what they leave', { timeout }, async () => {
    const tested = (subject = await createSubject(seed + 1, true))
    expect(await faultsOf(tested, 1000, (request) => fetched(tested, request))).toEqual([])
    await isWell(tested)
  })

  it('answers 1,000 more that come as bytes on a socket', { timeout }, async () => {
    const tested = (subject = await createSubject(seed + 2, false))
    const { port } = await tested.sandbox.listen({ tls: false })
    expect(await faultsOf(tested, 1000, (request) => exchanged(port, bytesOf(request, tested.chance)))).toEqual([])
    await isWell(tested)
  })
})
