import type { Part } from '../switch.ts'

const migration =
  'a web server that waits for a migration, which waits for a database is made last, the status says what waits for what, and the next pass costs nothing'
const foreground =
  'a custom resource with deletionPolicy foreground loses what depends on something first, and what that is when the first is gone'

export const order: Part = {
  title: 'Order',
  switches: [
    {
      name: 'nothing-waits',
      off: 'An object is written whatever state those are in that it depends on.',
      file: 'src/operator/order-gate.ts',
      text: 'return names\n',
      replacement: 'return []\n',
      scenario: 'order',
      test: migration,
    },
    {
      name: 'a-running-job-will-do',
      off: 'What waits for a Job waits for its start.',
      file: 'src/reconcile/order.ts',
      text: " && condition(objectAt(observed, 'status'), 'Complete')?.status === 'True'",
      replacement: '',
      scenario: 'order',
      test: 'a web server that waits for a migration, which waits for a database waits for the work of the migration, and not for its start',
    },
    {
      name: 'drift-waits-for-its-turn',
      off: 'An edit by hand is undone only when all that the object depends on is ready.',
      file: 'src/operator/apply.ts',
      text: "(action.kind === 'update' && action.cause !== 'drift')",
      replacement: "action.kind === 'update'",
      scenario: 'order',
      test: 'a web server that waits for a migration, which waits for a database is put right at once when somebody edits it, whatever state the others are in',
    },
    {
      name: 'prune-before-the-new-is-there',
      off: 'What is no longer rendered goes before what replaces it is written.',
      file: 'src/operator/apply.ts',
      text: 'if (isPrune && !results.every(isDone)) break',
      replacement: '',
      scenario: 'order',
      test: 'a web server that waits for a migration, which waits for a database loses nothing that is no longer rendered until the new is written',
    },
    {
      name: 'circles-not-found',
      off: 'Objects that wait for each other in a circle are not told.',
      file: 'src/reconcile/order.ts',
      text: 'if (circle) problems.push(circular(circle))',
      replacement: '',
      scenario: 'order',
      test: 'a web server that waits for a migration, which waits for a database names its way out of a circle and of a name that nothing has, by the line of the template',
    },
    {
      name: 'gates-open',
      off: 'What a template asks of an object before it is ready is not asked.',
      file: 'src/reconcile/ready-when.ts',
      text: 'return holds(parse(text) ?? null, observed)',
      replacement: 'return holds(parse(text) ?? null, observed) || own',
      scenario: 'gates',
      test: 'an object with fairlead.dev/ready-when is not ready, and holds back what depends on it, until the rule holds; then an unchanged pass costs nothing',
    },
    {
      name: 'deletion-all-at-once',
      off: 'A foreground deletion deletes everything at a time.',
      file: 'src/operator/deletion.ts',
      text: 'return [...lastWave(others), ...kept]',
      replacement: 'return [...others, ...kept]',
      scenario: 'deletion-order',
      test: foreground,
    },
    {
      name: 'order-needs-no-finalizer',
      off: 'An ordered deletion is left to the garbage collector.',
      file: 'src/operator/preparation.ts',
      text: "(desired.length > 0 && deletionPolicyOf(primary, deletionPolicy) !== 'background')",
      replacement: 'false',
      scenario: 'deletion-order',
      test: foreground,
    },
    {
      name: 'stuck-deletions-untold',
      off: 'A deletion that takes too long is not told.',
      file: 'src/operator/deletion.ts',
      text: 'stuck: stuck.map((object) => wayOut(object, primary)),',
      replacement: '',
      scenario: 'deletion-order',
      test: 'a custom resource with deletionPolicy foreground that is held up says by what and how to go on, and goes on when it is told to',
    },
    {
      name: 'orphans-are-deleted',
      off: 'Under deletionPolicy orphan objects are deleted and not let go of.',
      file: 'src/operator/deletion.ts',
      text: "const stays = policy === 'orphan' || isKept(object)",
      replacement: 'const stays = isKept(object)',
      scenario: 'deletion-order',
      test: 'a custom resource with deletionPolicy orphan leaves its objects as they are, without a trace of the operator',
    },
  ],
}
