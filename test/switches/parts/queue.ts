import type { Part } from '../switch.ts'

export const queue: Part = {
  title: 'Queue',
  switches: [
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
