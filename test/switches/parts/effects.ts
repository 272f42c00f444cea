import type { Part } from '../switch.ts'

export const effects: Part = {
  title: 'What playbooks do beside applying',
  scenarios: ['playbook-acts', 'playbook-jobs', 'playbook-changes'],
  switches: [
    {
      name: 'lost-records-are-none',
      off: 'Records that the custom resource names and that are not there count as none.',
      file: 'src/operator/records-store.ts',
      text: "lost(named, 'is not there')",
      replacement: "{ kind: 'none' }",
      scenario: 'playbook-acts',
      test: 'the records that are lost stop the playbook, until they are restored or a person says to begin anew',
    },
    {
      name: 'acts-without-a-key',
      off: 'A request that is repeated carries no key by which the server could tell.',
      file: 'src/operator/requests/http.ts',
      text: "sent['idempotency-key'] = idempotencyKey",
      replacement: 'sent',
      scenario: 'playbook-acts',
      test: 'an act that was under way when the process was killed is repeated under the same key, where it may be',
    },
    {
      name: 'a-job-for-each-asking',
      off: 'The name of a Job does not tell which try of which act it is.',
      file: 'src/operator/requests/job-body.ts',
      text: '${idempotencyKey} ${attempt}`',
      replacement: '${Math.random()}`',
      scenario: 'playbook-jobs',
      test: 'a job is one Job, also when the operator is killed while it runs, and goes when its outcome is on record',
    },
    {
      name: 'jobs-stay',
      off: 'Jobs are not tidied up when their outcome is on record.',
      file: 'src/operator/requests/job.ts',
      text: 'if (!resource || job.metadata.deletionTimestamp !== undefined) return',
      replacement: 'if (resource) return',
      scenario: 'playbook-jobs',
      test: 'a job is one Job, also when the operator is killed while it runs, and goes when its outcome is on record',
    },
    {
      name: 'anybodys-objects-are-taken',
      off: 'A step deletes what is not its custom resource’s.',
      file: 'src/operator/requests/target.ts',
      text: 'if (isForeign || ',
      replacement: 'if (!isForeign || ',
      scenario: 'playbook-changes',
      test: 'a playbook deletes nothing of others, and says so, unless the step is told to',
    },
  ],
}
