import type { Part } from '../switch.ts'

const labelled = 'a watch with a namespaceSelector serves the namespaces that have the label, from when they have it until they lose it'

export const scope: Part = {
  title: 'Scope',
  scenarios: ['cluster-scoped-primary', 'core-kind-primary', 'several-versions'],
  switches: [
    {
      name: 'namespace-labels-ignored',
      off: 'A watch with a namespaceSelector serves every namespace.',
      file: 'src/definition/routing.ts',
      text: "return labels === 'unknown' ? labels : matchesSelector(namespaceSelector, labels)",
      replacement: 'return true',
      scenario: 'namespace-selector',
      test: labelled,
    },
    {
      name: 'namespaces-wake-nobody',
      off: 'A namespace that gains the label is not noticed.',
      file: 'src/operator/operator.ts',
      text: 'for (const each of this.#controllers.values()) each.namespaceChanged(informer, before, after)',
      replacement: '',
      scenario: 'namespace-selector',
      test: labelled,
    },
  ],
}
