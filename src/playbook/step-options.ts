/** What steps of any kind can have beside the key of their kind, and for which of them it means something. */
import type { Problem } from '../api/problem.ts'
import type { Fields } from './fields.ts'
import type { StepKind } from './step.ts'

type Fits = (kind: StepKind, isRead: boolean) => boolean

const always: Fits = () => true
const acts: Fits = ({ promise }, isRead) => promise === 'acts' && !isRead
const requests: Fits = ({ promise, canRead }) => promise === 'acts' || canRead === true
const of =
  (...keys: string[]): Fits =>
  ({ key }) =>
    keys.includes(key)

interface Option {
  fits: Fits
  /** For the reference. */
  about: string
}

/** By key, in the order of the reference. */
export const stepOptions: Readonly<Record<string, Option>> = {
  name: { fits: always, about: 'What the step does, for people.' },
  id: { fits: always, about: 'By what its result is read (`it.steps.ID`) and what it has done is recorded. Letters, digits and dashes.' },
  when: { fits: always, about: 'An expression: the step is done while it is true.' },
  loop: { fits: always, about: 'A list, or an expression that gives one: the step is done for each item.' },
  as: { fits: always, about: 'The name of the item: `it.item` unless told otherwise.' },
  key: { fits: always, about: 'An expression over the item: what it is known by. Needed for maps without a name.' },
  read: { fits: ({ canRead }) => canRead === true, about: '`{ every: 10s }`: the step reads again and again, and records nothing.' },
  doneWhen: { fits: acts, about: 'An expression over observed objects: true without a record means that it was done before.' },
  until: { fits: requests, about: 'An expression over `it.response`: the step is tried again until it is true.' },
  retries: { fits: requests, about: 'How often it is tried again: 3 times with `until`, else not.' },
  delay: { fits: requests, about: 'Between two tries: 5s unless told otherwise.' },
  failedWhen: { fits: requests, about: 'An expression over `it.response`: true means that it has failed.' },
  changedWhen: { fits: acts, about: 'An expression over `it.response`: whether something was changed.' },
  timeout: {
    fits: (kind, isRead) => requests(kind, isRead) || kind.key === 'wait',
    about: 'How long it may take; of a wait, counted from a recorded start.',
  },
  ignoreErrors: { fits: always, about: 'The lane goes on where the step fails.' },
  secret: { fits: always, about: 'Nothing of it is shown.' },
  onUnknown: { fits: acts, about: 'What follows where nobody knows whether it was done: `fail`, or `retry`.' },
  onAbandon: { fits: acts, about: 'What becomes of it while it runs and its inputs change: `wait`, or `cancel`.' },
  register: { fits: acts, about: '`keep`: its result is kept whole, and not only up to 200 bytes.' },
  message: { fits: of('wait', 'assert'), about: 'What is waited for, or why the assertion fails.' },
  condition: { fits: of('wait', 'condition'), about: 'Of a wait: it is also told as this condition of the status.' },
  rescue: { fits: of('block'), about: 'Steps that are walked where the block has failed.' },
  always: { fits: of('block'), about: 'Steps that are walked after the block in any case.' },
}

export const stepKeys: readonly string[] = Object.keys(stepOptions)

/** Options that mean nothing for a step of this kind. */
export const optionProblems = (fields: Fields, kind: StepKind, isRead: boolean): Problem[] =>
  fields.names.flatMap((name): Problem[] => {
    const option = Object.hasOwn(stepOptions, name) ? stepOptions[name] : undefined
    if (!option || option.fits(kind, isRead)) return []
    const what = isRead && kind.promise === 'acts' ? `${kind.key} that reads` : kind.key
    return [{ code: 'PLAYBOOK_INVALID', message: `${name} means nothing for a step with ${what}`, at: fields.keyAt(name) }]
  })
