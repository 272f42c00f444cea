/** `exec`: a command in a container of a pod. The answer is `{ exitCode, stdout, stderr }`. */
import type { StepKind } from '../step.ts'
import { map, text, texts } from './schema.ts'

export const exec: StepKind = {
  key: 'exec',
  promise: 'acts',
  essentials: ['exitCode', 'json'],
  canRead: true,
  about: 'A command in a container of a pod, at least once; another exit code than 0 is a failure.',
  schema: map(
    { pod: text, namespace: text, container: text, command: { ...texts, minItems: 1 }, stdin: { type: 'string' } },
    'pod',
    'command',
  ),
}

/** `logs`: what a container has written. The answer is `{ text }`. */
export const logs: StepKind = {
  key: 'logs',
  promise: 'reads',
  canRead: true,
  about: 'The last lines of what a container has written.',
  schema: map(
    { pod: text, namespace: text, container: text, tail: { type: 'integer', minimum: 1, maximum: 10_000 }, previous: { type: 'boolean' } },
    'pod',
  ),
}

/** `command`: a program in the operator's own container. The answer is `{ exitCode, stdout, stderr, json }`. */
export const command: StepKind = {
  key: 'command',
  promise: 'acts',
  canRead: true,
  about: "A program in the operator's own container, at least once; the operator has to allow it.",
  schema: {
    anyOf: [
      { ...texts, minItems: 1 },
      map(
        {
          command: { ...texts, minItems: 1 },
          env: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
          stdin: { type: 'string' },
        },
        'command',
      ),
    ],
  },
  request: (value) => (Array.isArray(value) ? { command: value } : (value as never)),
}
