import type { Part } from '../switch.ts'

export const unknown: Part = {
  title: 'Unknown is not absent',
  scenarios: ['dependent-definition', 'lost-events', 'missing-definition', 'missing-namespace', 'primary-definition', 'unavailable-api'],
  switches: [
    {
      name: 'one-namespace-holds-up-all',
      off: 'What cannot be read in one namespace is unknown in all of them.',
      file: 'src/operator/observation.ts',
      text: 'return metadata.namespace === undefined ? cache : cache.within([metadata.namespace])',
      replacement: 'return cache',
      more: [
        {
          file: 'src/operator/observation.ts',
          text: 'if (elsewhere.includes(anyNamespace)) return cache',
          replacement: 'if (elsewhere.length >= 0) return cache',
        },
      ],
      scenario: 'namespace-withdrawn',
      test: 'the permission to see one kind in one of two namespaces, withdrawn while the operator runs holds up what is in that namespace, says so there, and nothing else',
    },
    {
      name: 'prune-in-the-dark',
      off: 'What is no longer rendered is deleted although a kind cannot be read.',
      file: 'src/operator/observation.ts',
      text: 'return unknown && `${kindName(unknown.kind)} cannot be read now',
      replacement: 'return !unknown && undefined && `${kindName(unknown.kind)} cannot be read now',
      scenario: 'permission-withdrawn',
      test: 'the permission to see one kind of dependents, withdrawn while the operator runs leaves what the kind had, goes on with the others, says what is missing, and is made up for when it is back',
    },
    {
      name: 'a-slow-list-is-a-failure',
      off: 'A first list that takes its time is told in every status.',
      file: 'src/operator/pass.ts',
      text: 'if (isPatient(primary, unsettled, context)) return',
      replacement: 'if (unsettled.some(({ state, reason }) => state === "starting" && reason === undefined)) return',
      scenario: 'slow-list',
      test: 'a first list that takes its time is waited for: nothing of the kind is made or deleted, what changed says so, and what did not is not written',
    },
    {
      name: 'capabilities-wake-nobody',
      off: 'A change of what the cluster offers wakes nobody.',
      file: 'src/operator/kind-controller.ts',
      text: 'for (const uid of this.#memory.capabilitiesChanged()) this.#wake(uid)',
      replacement: '',
      scenario: 'capabilities',
      test: 'a kind that the cluster offers from some time on, and then no longer wakes the custom resources whose templates have read what it offers',
    },
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
