import type { Part } from '../switch.ts'

const labelled = 'a watch with a namespaceSelector serves the namespaces that have the label, from when they have it until they lose it'

export const scope: Part = {
  title: 'Scope',
  switches: [
    {
      name: 'cluster-primary-owns-no-namespaced',
      off: 'A primary outside namespaces owns only what is outside too.',
      file: 'src/reconcile/ownership.ts',
      text: 'primary.metadata.namespace === undefined || primary.metadata.namespace === namespace',
      replacement: 'primary.metadata.namespace === namespace',
      scenario: 'cluster-scoped-primary',
      test: 'a custom resource outside namespaces owns dependents outside namespaces and in one, heals them, and takes them along',
    },
    {
      name: 'unplaced-is-sent',
      off: 'A dependent whose namespace nobody names is sent all the same.',
      file: 'src/reconcile/desired.ts',
      text: '  if (namespace === undefined)\n    return refuse(',
      replacement: "  if (namespace === '')\n    return refuse(",
      scenario: 'cluster-scoped-primary',
      test: 'a custom resource outside namespaces cannot have a dependent whose namespace nobody names',
    },
    {
      name: 'core-kinds-are-annotated',
      off: 'An object of a kind of Kubernetes itself is told its status, like any primary without room for one.',
      file: 'src/operator/operator.ts',
      text: 'statusProfile(live, kind.version) : readOnlyProfile',
      replacement: 'statusProfile(live, kind.version) : (readOnlyProfile && statusProfile(undefined, kind.version))',
      scenario: 'core-kind-primary',
      test: 'a Secret with the label is mirrored into a ConfigMap of its digests, follows it, and is itself never written',
    },
    {
      name: 'versions-are-kinds',
      off: 'A watch of another version of a kind is a watch of another kind.',
      file: 'src/operator/removed-watches.ts',
      text: 'definition.watches.map(({ kind }) => groupKind(kind))',
      replacement: "definition.watches.map(({ kind }) => (kind.version === 'v1' ? groupKind(kind) : kind.version))",
      scenario: 'several-versions',
      test: 'a definition with several versions is watched in one of them, whichever the objects were written in, and later in another',
    },
    {
      name: 'definitions-that-return-unsought',
      off: 'Nobody looks whether a kind of primaries that is gone is served again.',
      file: 'src/operator/operator.ts',
      text: 'void this.#awaitReturn(informer, signal)',
      replacement: 'this.#awaitReturn.name',
      scenario: 'primary-definition',
      test: 'the definition of the primaries goes when each has taken its leave: nothing is left, nothing is made for what is gone, and a new one is served',
    },
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
