import { describe, expect, it } from 'vitest'
import { SandboxClock } from '../../src/sandbox/clock.ts'

describe('the next wait of a clock', () => {
  it('is the nearest one, and none when nobody waits', () => {
    const clock = new SandboxClock(() => 1_000)
    expect(clock.next).toBeUndefined()
    clock.after(500, () => {})
    const cancel = clock.after(200, () => {})
    expect(clock.next).toBe(200)
    cancel()
    clock.advance(100)
    expect(clock.next).toBe(400)
    clock.stop()
  })
})
