/** `lookup()` and `lookupAll()`: reading objects that are not the primary's own, from the snapshot of inputs. */
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import { type Lookup, lookupId, lookupName, type LookupResults } from '../reconcile/lookup.ts'
import type { InputFunctions } from './compile.ts'
import { NeedsError, TemplateError, UnknownError } from './error.ts'
import { lookupAllSignature, lookupSignature } from './functions/inputs.ts'
import { kindName } from '../reconcile/desired.ts'
import { checkArguments } from './functions/signature.ts'
import { withSecretHandles } from './secret.ts'
import { type ReadObserver, unwrap, view } from './view.ts'

export interface LookupOptions {
  results: LookupResults
  /** Told each lookup, whatever comes of it. */
  read: (lookup: Lookup) => void
  /** Told each lookup that the snapshot lacks. */
  need: (lookup: Lookup) => void
  /** Told each lookup that cannot be known now, in words. */
  readUnknown: (name: string) => void
  readSecret: () => void
  /** Whether the text holds what reveal() gave. */
  isRevealed: (text: string) => boolean
  observer: ReadObserver
  nullable: boolean
}

/** (apimachinery, validation: names are DNS subdomains, but for RBAC's, which are path segments) */
const nameSyntax = /^[A-Za-z0-9]([-A-Za-z0-9_.:]{0,251}[A-Za-z0-9])?$/
const namespaceSyntax = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const apiVersionSyntax = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/
const kindSyntax = /^[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
const labelKeySyntax = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const labelValueSyntax = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

export function lookupFunctions(options: LookupOptions): Pick<InputFunctions, 'lookup' | 'lookupAll'> {
  return {
    lookup: (...values) => {
      checkArguments(lookupSignature, values)
      const [apiVersion, kind, namespace, name] = values as [string, string, string | null, string]
      checkSyntax(nameSyntax, name, 'name')
      const [object] = objectsOf({ ...placeOf(apiVersion, kind, namespace), name }, options)
      return object ? viewOf(object, options) : null
    },
    lookupAll: (...values) => {
      checkArguments(lookupAllSignature, values)
      const [apiVersion, kind, namespace, labels = {}] = values as [string, string, string | null, Record<string, unknown>?]
      const wanted = unwrap(labels) as Record<string, unknown>
      for (const [key, value] of Object.entries(wanted)) {
        checkSyntax(labelKeySyntax, key, 'label')
        checkSyntax(labelValueSyntax, String(value), 'label value')
      }
      const texts = Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, String(value)]))
      const objects = objectsOf({ ...placeOf(apiVersion, kind, namespace), labels: texts }, options)
      return Object.freeze(objects.map((object) => viewOf(object, options)))
    },
  }
}

/** The Secret of this name, with its values; undefined if it is not there. Throws where it is not known. */
export function secretNamed(namespace: string | undefined, name: string, options: LookupOptions): KubernetesObject | undefined {
  checkSyntax(nameSyntax, name, 'name')
  return objectsOf({ ...placeOf('v1', 'Secret', namespace ?? null), name }, options)[0]
}

function placeOf(apiVersion: string, kind: string, namespace: string | null): Lookup {
  checkSyntax(apiVersionSyntax, apiVersion, 'apiVersion')
  checkSyntax(kindSyntax, kind, 'kind')
  if (namespace) checkSyntax(namespaceSyntax, namespace, 'namespace')
  return { kind: gvkOf({ apiVersion, kind }), ...(namespace ? { namespace } : {}) }
}

/** What a custom resource says goes into selectors and paths: it has to be a name, and not the syntax of these. */
function checkSyntax(syntax: RegExp, text: string, what: string): void {
  if (!syntax.test(text)) throw new TemplateError('TEMPLATE_VALUE', `${JSON.stringify(text.slice(0, 80))} is no ${what} of Kubernetes`)
}

/** The objects by namespace and name; throws what stops the render where they are not known. */
function objectsOf(lookup: Lookup, { results, read, need, readUnknown, isRevealed }: LookupOptions): readonly KubernetesObject[] {
  // A watch of the kind is told by its name, in the log and in metrics.
  if (isRevealed(kindName(lookup.kind)) || isRevealed(lookup.kind.version))
    throw new TemplateError('TEMPLATE_VALUE', 'what is looked up cannot be of a kind that reveal() gave')
  read(lookup)
  const id = lookupId(lookup)
  const result = Object.hasOwn(results, id) ? results[id] : undefined
  if (!result) {
    need(lookup)
    throw new NeedsError(`${id} is not in the snapshot`)
  }
  switch (result.state) {
    case 'found':
      return result.objects
    case 'unknown':
      readUnknown(`${lookupName(lookup)}: ${result.reason}`)
      throw new UnknownError(`${lookupName(lookup)} cannot be known now: ${result.reason}`)
    case 'denied':
      throw new TemplateError('LOOKUP_DENIED', `${lookupName(lookup)} cannot be looked up: ${result.reason}`, { remedy: result.remedy })
  }
}

const viewOf = (object: KubernetesObject, { observer, nullable, readSecret }: LookupOptions): unknown =>
  view(withSecretHandles(object, readSecret), { path: `${object.kind}/${object.metadata.name}`, observer, nullable })
