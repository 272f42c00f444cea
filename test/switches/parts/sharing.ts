import type { Part } from '../switch.ts'

export const sharing: Part = {
  title: 'Sharing and leaving',
  switches: [
    {
      name: 'controllers-take-turns',
      off: 'An object that another primary controls counts as ours.',
      file: 'src/reconcile/plan.ts',
      text: 'if (controller && controller.uid !== primary.metadata.uid) return',
      replacement: 'if (false) return',
      scenario: 'pruning',
      test: 'two custom resources that render one name do not take turns: the second one says who has it, and gets it when the first one lets go',
    },
    {
      name: 'selectors-ignored',
      off: 'The first watch of a kind takes every object.',
      file: 'src/definition/routing.ts',
      text: 'if (selector && !matchesSelector(selector, metadata.labels)) return false',
      replacement: '',
      scenario: 'field-policies',
      test: 'under the policy fail an item in a list of ours is left where somebody put it',
    },
  ],
}
