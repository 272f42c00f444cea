import type { Part } from '../switch.ts'

export const unknown: Part = {
  title: 'Unknown is not absent',
  scenarios: ['missing-definition', 'missing-namespace'],
  switches: [
    {
      name: 'unknown-is-absent',
      off: 'An object of a kind that cannot be read counts as missing.',
      file: 'src/operator/observation.ts',
      text: "return state === 'synced' ? { kind: 'absent' }",
      replacement: "return state !== 'starting' ? { kind: 'absent' }",
      scenario: 'permissions',
      test: 'an operator that may not list one kind applies the others, says which and why, and goes on when it may',
    },
    {
      name: 'deletion-in-the-dark',
      off: 'A deletion takes a kind that cannot be read for one without objects.',
      file: 'src/operator/remaining.ts',
      text: "if (!isApiError(error, 'kindUnknown', 'notFound')) throw error",
      replacement:
        "if (!isApiError(error, 'kindUnknown', 'notFound', 'forbidden')) throw error\n      if (isApiError(error, 'forbidden')) continue",
      scenario: 'other-namespaces',
      test: 'a dependent in another namespace, and one outside of namespaces of a kind that may not be read holds its primary, which says why, until it may',
    },
  ],
}
