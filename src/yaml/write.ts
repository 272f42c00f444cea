/**
 * Writing YAML that every reader takes for the same value: kubectl, Helm, and readers of YAML 1.1 or 1.2.
 *
 * A string is quoted wherever some YAML would read it as another type. Keys keep their order; nothing becomes an anchor; long lines stay.
 */
import { dump } from 'js-yaml'

/** One document, ending in a line break. Undefined members are left out. */
export function writeYaml(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, skipInvalid: true })
}

/** Several documents, each but the first opened by `---`. */
export const writeYamlDocuments = (values: readonly unknown[]): string => values.map(writeYaml).join('---\n')
