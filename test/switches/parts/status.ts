import type { Part } from '../switch.ts'

export const status: Part = {
  title: 'Status, events, metrics',
  scenarios: ['status'],
  switches: [
    {
      name: 'no-conditions-of-helm',
      off: 'The conditions of the Helm operator are not written beside ours.',
      file: 'src/reconcile/status.ts',
      text: 'const styled = report.style ? styledConditions(',
      replacement: 'const styled = report.style === undefined ? styledConditions(',
      scenario: 'conditions-helm',
      test: 'conditions: helm say installed, then upgraded; kubectl waits for them, and a restart changes nothing',
    },
    {
      name: 'no-conditions-of-ansible',
      off: 'A failure is not told in the conditions of the Ansible operator.',
      file: 'src/reconcile/condition-style.ts',
      text: "case 'ansible':\n      return ansibleConditions(told)",
      replacement: "case 'ansible':\n      return []",
      scenario: 'conditions-ansible',
      test: 'conditions: ansible tell a failure with its message, and no longer when it is put right',
    },
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
