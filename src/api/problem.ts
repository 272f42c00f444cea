/**
 * Problems: something wrong in what a user wrote, as data with a position.
 *
 * Functions that can find several return `Problem[]`; nothing is thrown for bad input. Only the command line turns
 * problems into text and exit codes.
 */

/** Where a user looks: a file and, where one is known, a 1-based line and column. */
export interface Position {
  file: string
  line?: number
  column?: number
}

export interface Problem {
  code: ProblemCode
  /** What is wrong, as one sentence without a full stop. */
  message: string
  at?: Position
  /** What to do about it: what is allowed, or what was probably meant. */
  remedy?: string
  severity?: 'error' | 'warning'
}

/**
 * The one table of problem codes. A code never changes its meaning; docs/reference/errors.md lists the same table, and a
 * test compares the two.
 */
export const problemCodes = {
  YAML_INVALID: 'A file is not valid YAML.',
  FILE_MISSING: 'A file or folder that a definition names is not there or cannot be read.',
  WATCH_INVALID: 'watches.yaml is not a list of watches, or a field has a wrong type.',
  WATCH_UNKNOWN_KEY: 'watches.yaml has a field that no watch has.',
  WATCH_DUPLICATE: 'Two watches claim the same kind in a way that cannot be told apart.',
  WATCH_OVERLAP: 'Two watches select the same objects.',
  WATCH_CIRCLE: 'Watched kinds render each other without end.',
  WATCH_REMOVED:
    'No watch takes custom resources any more that still have dependents: of a kind that is no longer watched, by other selectors, or in namespaces that are left out.',
  WATCH_UNSET_VARIABLE: 'A ${NAME} in overrideValues is not set in the environment.',
  WATCH_IGNORED_FIELD: 'A field is accepted for compatibility and has no effect.',
  PROTECTED_KIND_UNKNOWN: 'prune.protected names a kind that neither the cluster nor a chart has, so that it protects nothing.',
  CHART_INVALID: 'A chart lacks a part or has one of a wrong shape.',
  VALUES_INVALID: 'Values do not match values.schema.json.',
  TEMPLATE_SYNTAX: 'A template cannot be compiled.',
  TEMPLATE_FORBIDDEN: 'A template uses something that is not available in templates.',
  TEMPLATE_UNDEFINED: 'A template reads a name that does not exist.',
  TEMPLATE_VALUE: 'A value cannot stand where a template inserts it.',
  TEMPLATE_FAILED: 'A template threw an error or called fail().',
  PLAYBOOK_INVALID: 'A playbook has a step or a field that cannot be, or lacks one.',
  PLAYBOOK_UNKNOWN_KEY: 'A playbook or a step of it has a field that there is not.',
  STEP_UNGUARDED:
    'A step that destroys something or acts elsewhere says neither how one knows that it is done (doneWhen) nor what to do where nobody knows (onUnknown).',
  STEP_INVALID: 'What a step is given is not what its kind takes.',
  STEP_FAILED: 'A step of a playbook has failed.',
  STEP_UNKNOWN: 'It is not known whether a step of a playbook has acted, and it is not to act twice.',
  LOOKUP_DENIED: 'A template looks up what the operator may not read, or what cannot be read as it is asked for.',
  SECRET_EXPOSED: 'A template puts a secret value where anybody could read it.',
  TEMPLATE_LIMIT: 'A render went past one of its limits.',
  DOCUMENT_INVALID: 'A rendered document is not a Kubernetes object.',
  DOCUMENT_DUPLICATE: 'Two rendered documents are the same object.',
  DOCUMENT_OUT_OF_SCOPE: 'A rendered document has no namespace, or one that the operator does not watch.',
  ORDER_INVALID:
    'fairlead.dev/depends-on names an object that is not rendered or goes in a circle, or fairlead.dev/ready-when is not a rule.',
  STATUS_INVALID: 'status.yaml.eta renders something that the status cannot hold.',
  CR_INVALID: 'A custom resource does not match its schema.',
  ANNOTATION_INVALID: 'An annotation of a custom resource or a dependent that tells the operator something cannot be read.',
  CRD_INVALID: 'A CustomResourceDefinition file cannot be used.',
  CRD_NOT_IN_CHART: 'A chart has no CustomResourceDefinition file for the kind that it is watched for.',
  CRD_MISSING: 'The cluster has no CustomResourceDefinition for a watch.',
  CRD_DIFFERS: 'The CustomResourceDefinition in the cluster differs from the one in the project.',
  CRD_STATUS: 'A CustomResourceDefinition has no room for a part of the status, or lets other writers erase it.',
  NESTED_TOO_DEEP: 'Custom resources render each other to a greater depth than is allowed.',
  WRITE_REFUSED: 'The API server refuses a dependent, or the name is taken by an object of somebody else.',
  OBJECT_MISSING: 'A command names a kind or an object that the cluster does not have.',
  NOTHING_HELD: 'There is no held delete to approve.',
  APPROVAL_REFUSED: 'The API server did not take the approval of held deletes.',
  READ_REFUSED: 'The API server does not let a command read what it asks for.',
  STATUS_INCOMPLETE: 'A part of what a status shows could not be read, and may be missing in it.',
  CREDENTIALS_INVALID: 'The kubeconfig cannot be used.',
  CREDENTIALS_REFUSED: 'The API server does not accept the credentials.',
  SERVER_UNREACHABLE: 'The API server cannot be reached.',
  INVENTORY_UNUSABLE: 'The record of the kinds that the operator has applied cannot be read, or is not the operator’s own.',
  RECORDS_LOST: 'What was recorded of a custom resource’s steps is gone or cannot be read, so that it is not known what was done.',
  RECORDS_TOO_LARGE: 'What a playbook records for a custom resource does not fit into a Secret.',
  OPTION_INVALID: 'A command line option has a value that is not allowed.',
} as const

export type ProblemCode = keyof typeof problemCodes

/** `file:line:column`, as far as it is known. */
export function formatPosition({ file, line, column }: Position): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':')
}

/** One line: `watches.yaml:7:3: "x" is not a field of a watch; did you mean "y"? (WATCH_UNKNOWN_KEY)`. */
export function formatProblem({ at, message, remedy, code }: Problem): string {
  return `${at ? `${formatPosition(at)}: ` : ''}${message}${remedy ? `; ${remedy}` : ''} (${code})`
}
