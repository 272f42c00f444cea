import type { Part } from '../switch.ts'

export const queue: Part = {
  title: 'Queue',
  switches: [
    {
      name: 'namespaces-in-one-line',
      off: 'A namespace keeps its turn until it has nothing to do.',
      file: 'src/queue/turns.ts',
      text: 'this.#namespaces.delete(namespace)\n    // Behind all others now: its next turn comes after theirs.\n    if (line.size > 0) this.#namespaces.add(namespace)\n    else this.#keys.delete(namespace)',
      replacement: 'if (line.size === 0) {\n      this.#namespaces.delete(namespace)\n      this.#keys.delete(namespace)\n    }',
      scenario: 'fairness',
      test: '500 Drops that wait at once do not hold up another namespace of the same watch',
    },
    {
      name: 'watches-in-one-line',
      off: 'A watch keeps its turn until it has nothing to do.',
      file: 'src/queue/work-queue.ts',
      text: 'this.#turns.delete(lane)\n      const key = lane.take()',
      replacement: 'const key = lane.take()',
      more: [
        {
          file: 'src/queue/work-queue.ts',
          text: '      if (lane.open) this.#turns.add(lane)\n      const taker',
          replacement: '      if (!lane.open) this.#turns.delete(lane)\n      const taker',
        },
      ],
      scenario: 'fairness',
      test: '500 Drops that wait at once do not hold up another watch',
    },
    {
      name: 'refusals-without-pause',
      off: 'Every event starts another try of what the server has refused.',
      file: 'src/operator/settle.ts',
      text: 'return queue.refused(key, outcome.retryAfter)',
      replacement: 'return queue.addAfter(key, outcome.retryAfter)',
      scenario: 'refusals',
      test: 'what was refused is sent again less and less often, however many events its siblings have',
    },
    {
      name: 'suspend-ignored',
      off: 'A suspended custom resource is reconciled.',
      file: 'src/operator/pass.ts',
      text: 'if (readInstructions(primary).suspended)',
      replacement: 'if (false)',
      scenario: 'suspend',
      test: 'a suspended custom resource is not reconciled, says so, and is caught up with at once when it is resumed',
    },
    {
      name: 'requests-unheard',
      off: 'A custom resource that asks for a full pass gets none.',
      file: 'src/operator/requests.ts',
      text: 'if (request === undefined || request === memory.request) return memory',
      replacement: 'if (memory) return memory',
      scenario: 'suspend',
      test: 'a custom resource that asks for a pass gets one for each new text, also after a restart only one',
    },
    {
      name: 'own-period-ignored',
      off: 'A period that a custom resource sets for itself is not heeded.',
      file: 'src/operator/kind-controller.ts',
      text: 'return reconcilePeriod === undefined ? context : {',
      replacement: 'return reconcilePeriod !== -1 ? context : {',
      scenario: 'suspend',
      test: 'a custom resource with a period of its own is looked at in that time, and one with a text that is no duration says so',
    },
  ],
}
