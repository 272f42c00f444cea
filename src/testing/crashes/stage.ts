/** Where a history is played once: one cluster, and an operator on it that can be killed. */
import type { CallName } from './calls.ts'
import type { Action } from './history.ts'
import type { World } from '../world.ts'

export interface Stage extends AsyncDisposable {
  /** What the operator has asked for, in order. */
  readonly calls: readonly CallName[]
  /** Whether the operator has been killed. */
  readonly crashed: boolean
  /** Starts the operator. */
  start(): Promise<void>
  act(action: Action): Promise<void>
  /**
   * The state when the operator has nothing more to do, after it was started again if it was killed.
   * With a state that is expected it may be looked at as soon as it is reached; after the last step, only if it is there to stay.
   */
  rest(expected?: World, last?: boolean): Promise<World>
  /** Kills the operator and starts it again. */
  crash(): Promise<void>
}
