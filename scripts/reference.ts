/**
 * `node scripts/reference.ts`: writes the pages of docs/reference and the schemas that are made from the sources. A test compares them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { conditionsAnnotation, eventController, reconcileAnnotation, statusAnnotation } from '../src/api/names.ts'
import { problemCodes } from '../src/api/problem.ts'
import { createProgram } from '../src/commands/program.ts'
import { metricNames } from '../src/operator/metric-names.ts'
import { playbookSchema } from '../src/playbook/schema.ts'
import { eventReasons } from '../src/reconcile/event-reasons.ts'
import { passingConditions, statusReasons } from '../src/reconcile/status-reasons.ts'
import { inputFunctions } from '../src/template/functions/inputs.ts'
import { knownSignature } from '../src/template/functions/known.ts'
import { holdReasons } from '../src/reconcile/hold-record.ts'
import { libraryTable } from '../src/template/functions/library.ts'
import { type LibraryFunction, type Parameter, signature, typeNames } from '../src/template/functions/signature.ts'
import { playbooksPage } from './reference-playbooks.ts'

const folder = fileURLToPath(new URL('../docs/reference/', import.meta.url))
const schemas = fileURLToPath(new URL('../schema/', import.meta.url))
const source = '<!-- Made by scripts/reference.ts. -->'

/** The text of each page by its file name. */
export const referencePages = (): Readonly<Record<string, string>> => ({
  'cli.md': commandLinePage(),
  'errors.md': errorsPage(),
  'events.md': eventsPage(),
  'functions.md': functionsPage(),
  'metrics.md': metricsPage(),
  'playbooks.md': playbooksPage(source),
  'status.md': statusPage(),
})

/** The text of each schema by its file name. */
export const schemaFiles = (): Readonly<Record<string, string>> => ({ 'playbook.json': `${JSON.stringify(playbookSchema(), null, 2)}\n` })

function commandLinePage(): string {
  const silent = {
    out: () => {},
    error: () => {},
    input: async () => '',
    environment: {},
    colours: false,
    interactive: false,
    now: () => 0,
  }
  const program = createProgram(silent, () => {})
  const commands = [program, ...program.commands]
  const sections = commands.map((command) => {
    let help = ''
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
    const title = command === program ? 'fairlead' : `fairlead ${command.name()}`
    return `## ${title}\n\n\`\`\`\n${help.trimEnd()}\n\`\`\`\n`
  })
  return `# Command line\n\n${source}\n\nExit codes: 0 done, 1 something is wrong with what was read or done, 2 the command line cannot be understood, 3 (of status) a custom resource is not ready.
Problems go to standard error, one line each: where, what, what to do, and a code that [errors.md](errors.md) explains.\n\n${sections.join('\n')}`
}

function errorsPage(): string {
  const rows = Object.entries(problemCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  return `# Problem codes\n\n${source}\n\nEach problem ends in its code. A code never changes its meaning, so that it can be searched for and matched on.\n
| code | meaning |\n| --- | --- |\n${rows.join('\n')}\n`
}

function eventsPage(): string {
  const rows = Object.entries(eventReasons).map(([reason, { type, action, doc }]) => `| \`${reason}\` | ${type} | \`${action}\` | ${doc} |`)
  return `# Events\n\n${source}\n\nThe operator writes Events about custom resources (events.k8s.io/v1, \`reportingController: ${eventController}\`); \`kubectl describe\`,
\`kubectl events --for app/shop\` and [\`fairlead status\`](cli.md#fairlead-status) show them. Each names the custom resource (\`regarding\`), the dependent where it is about
one (\`related\`), action and reason, and the note says what was done and why, without a value of an object or a word of the server.\n
They are few. Writes of one sort in one pass are one Event. An Event that is seen again with the same note within six minutes is only counted, and after that its series is made longer. What is in the way is told when
the status begins to say it, so a restart tells nothing again, and a pass that changes nothing writes none. One custom resource gets 25 at once and one more every five minutes; all together
50 of each type at once and ten a second. What is over that, or cannot be sent, is dropped and counted in \`fairlead_events_total\`: no pass waits for an Event.\n
They need the verbs \`create\` and \`patch\` on \`events\` of \`events.k8s.io\`; those about cluster-scoped custom resources stand in the namespace \`default\`. Without the permission the log says so once, and nothing else is different.\n
| reason | type | action | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function metricsPage(): string {
  const rows = Object.values(metricNames).map(
    ({ name, help, labels }) => `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return `# Metrics\n\n${source}\n\n\`/metrics\` serves these, and those of the process and of Node.js, in Prometheus' text format. Times are in seconds.\n
| name | labels | what it says |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

function statusPage(): string {
  const holds = Object.entries(holdReasons).map(([reason, doc]) => `| \`${reason}\` | ${doc} |`)
  const rows = Object.entries(statusReasons).map(([reason, { outcome, doc }]) => `| \`${reason}\` | ${conditionOf[outcome]} | ${doc} |`)
  const passing = Object.entries(passingConditions).map(([type, doc]) => `| \`${type}\` | ${doc} |`)
  return `# Status\n\n${source}\n\nEvery custom resource has three conditions, of which exactly one is True: \`Ready\`, \`Reconciling\` when it goes on by itself, \`Stalled\` when
somebody has to act; while a custom resource is suspended none is, and \`Ready\` is Unknown. Each tells the generation that it is about. \`observedGeneration\` and \`observedRevision\` are those of the last pass that
brought everything about; behind a \`#\` of the latter stands which of the kind's watches had it, if not the first, behind an \`@\` the time, if it was read, and behind a \`+\` digests of what else that pass read besides the spec. What \`status.yaml.eta\` renders is beside them; its conditions are merged by type.
\`lastHandledReconcileAt\` is the text of the annotation \`${reconcileAnnotation}\` that the last pass ran for, where the schema declares it.\n
All three conditions have the reason of the one that is True:\n\n| reason | True | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n
These stand in the list only while they are True:\n\n| condition | meaning |\n| --- | --- |\n${passing.join('\n')}\n
Where the CustomResourceDefinition has no room for conditions, they stand as JSON in the annotation \`${statusAnnotation}\`, and the log says what to
change in the definition. A status that the server refuses, by a rule of the definition or for its size, is sent without what
\`status.yaml.eta\` says; where that is refused too it stands in the annotation, and what the status said before is taken off. The annotation is
gone as soon as the status is taken again.\n
A list of conditions that does not merge by type belongs to whoever writes it: what others wrote there is carried over. So that ours go when
the chart or the watch no longer says them, the annotation \`${conditionsAnnotation}\` names their types; for that the operator needs \`patch\` on the custom
resources, and says so where it lacks it.\n
## PruneHeld\n
A further condition is there while deletes wait for approval (True) or are carried out as approved (False, \`Approved\`). It changes nothing of the other
three, but where no document was rendered at all. \`observedGeneration\` and \`observedRevision\` stay until the deletes are done. See [the guide](../guides/pruning.md).\n
| reason | meaning |\n| --- | --- |\n${holds.join('\n')}\n\n${styles}`
}

const styles = `## Conditions of other operators

With \`conditions: helm\` or \`conditions: ansible\` in watches.yaml the status has the conditions of that operator too, with its reasons, so that what was
written for it goes on: \`kubectl wait --for=condition=Deployed\`, \`kubectl wait --for=condition=Running\`. Ours stay, and tell more: \`Deployed\` and \`Successful\` mean that everything is
applied, \`Ready\` that it works. A condition of these types in \`status.yaml.eta\` is left out.

| \`helm\` | status | reason | when |
| --- | --- | --- | --- |
| \`Initialized\` | True | \`Initialized\` | From the first pass on. |
| \`Deployed\` | True | \`InstallSuccessful\`, \`UpgradeSuccessful\` | Everything was applied, for the first time or for another generation or definition, whether or not deletes are held; it stays while a later change fails. |
| \`Deployed\` | False | \`InstallError\` | It has never been applied whole, and was refused. |
| \`Deployed\` | False | \`UninstallSuccessful\` | The custom resource is being deleted. |
| \`ReleaseFailed\` | True | \`InstallError\`, \`UpgradeError\`, \`UninstallError\` | Our reason is \`ApplyFailed\`, \`Conflict\` or \`DeletionStuck\`. |
| \`Irreconcilable\` | True | \`ReconcileError\` | Anything else for which somebody has to act, such as \`RenderFailed\` or \`Fighting\`. |
| \`Paused\` | True | \`PauseReconcileAnnotationTrue\` | \`fairlead.dev/suspend\` is there. |

| \`ansible\` | \`Running\` | \`Successful\` | \`Failure\` |
| --- | --- | --- | --- |
| on its way | True, \`Running\` | False, \`Running\` | as it was |
| everything is applied | True, \`Successful\` | True, \`Successful\` | False |
| somebody has to act | False, \`Failed\` | False, \`Failed\` | True, \`Failed\` |

What is different from those operators: a condition that does not hold is there with False, and then has our reason where theirs is empty; \`Failure\` and \`ReleaseFailed\` carry our
message, not the server's; there are no \`deployedRelease\` and no \`ansibleResult\`; and a status is written once a pass, only where it differs.
`

const conditionOf = { ready: '`Ready`', suspended: 'none', reconciling: '`Reconciling`', stalled: '`Stalled`' }

function functionsPage(): string {
  const subjects: [string, readonly Omit<LibraryFunction, 'create'>[]][] = [
    ['Inputs', [...inputFunctions, knownSignature]],
    ...Object.entries(libraryTable),
  ]
  const sections = subjects.map(([title, functions]) => `## ${title}\n\n${functions.map(functionSection).join('\n')}`)
  return `# Functions of templates\n\n${source}\n\nThey can be called in every expression of a template. None of them changes its arguments, and the same arguments
always give the same result; those of Inputs read what is not the custom resource's own, and are explained in
[the guide](../guides/inputs.md). A wrong argument is an error that names function, parameter and what is allowed.\n
\`include(name, data)\`, \`omit\` and \`fail(message)\` belong to the template language itself and are not listed here.\n
JavaScript's own methods of strings, lists and numbers are there as well, e.g. \`it.name.toUpperCase()\` or \`list.map((item) => item.name)\`.\n
${subjects.map(([title, functions]) => `- **${title}**: ${functions.map(({ name }) => `[${name}](#${anchorOf(name)})`).join(', ')}`).join('\n')}\n\n${sections.join('\n')}`
}

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string => heading.toLowerCase().replace(/[^\w-]/g, '')

function functionSection({ name, summary, parameters, result, examples }: Omit<LibraryFunction, 'create'>): string {
  const lines = examples.map(({ call, gives, refused }) =>
    refused === undefined ? `${call}  // ${JSON.stringify(gives)}` : `${call}  // error: ${refused}`,
  )
  return `### ${name}\n\n\`${signature(name, parameters)}\` → ${result}\n\n${summary}\n\n${parameters.map(parameterLine).join('\n')}\n\n\`\`\`js\n${lines.join('\n')}\n\`\`\`\n`
}

const parameterLine = ({ name, type, optional, rest }: Parameter): string =>
  `- \`${name}\`: ${typeNames[type]}${optional ? ', may be left out' : ''}${rest ? ', any number of them' : ''}`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(folder, name), text)
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(schemas, name), text)
}
