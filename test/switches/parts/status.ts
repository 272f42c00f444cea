import type { Part } from '../switch.ts'

export const status: Part = {
  title: 'Status, events, metrics',
  switches: [
    {
      name: 'status-always-sent',
      off: 'A status that is as it should be is sent all the same.',
      file: 'src/operator/status-writer.ts',
      text: 'if (holds(primary, status, sent, manager)) {',
      replacement: 'if (false) {',
      scenario: 'app',
      test: 'fifty ready Apps cost nothing when they are touched, nor when the operator starts again',
    },
  ],
}
