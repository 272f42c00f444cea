/**
 * A program is what a watch runs: a chart of templates, or a playbook of steps, behind one interface.
 *
 * A program is pure. It reads one immutable, serialisable snapshot (`Inputs`) and answers with data; it touches no network, clock or
 * randomness, so `render`, `diff`, `plan`, `test` and the running operator get the same bytes from the same inputs.
 */
import type { GroupVersionKind, JsonObject, KubernetesObject } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { Generated, GenerateNeed } from './generated.ts'
import type { Lookup, LookupResults } from './lookup.ts'
import type { Reading, RecordId, RecordsState, Response, Walk } from './walk.ts'

/** What a render may read. Everything is frozen, and `JSON.parse(JSON.stringify(inputs))` renders the same. */
export interface Inputs {
  /** The primary as the cache holds it: defaulted and pruned by its schema, managed fields reduced. */
  primary: KubernetesObject
  /** The primary's observed dependents, in no particular order. */
  resources: readonly KubernetesObject[]
  /** Kinds (`Deployment.apps`) whose dependents cannot be known now, and why: a template that reads one of them is not evaluated. */
  unknown: Readonly<Record<string, string>>
  /** What was looked up so far; a render that needs more says so. */
  lookups?: LookupResults | undefined
  /** The values that were made for the primary and still hold, by name. */
  generated?: Readonly<Record<string, Generated>> | undefined
  /** The name of the Secret that has them; left out: the first of those that it can have. */
  generatedIn?: string | undefined
  /** A value that is there holds, whatever it was made for. */
  asKept?: boolean
  /** For the status: what the names of generated values stand for in the documents of this pass. */
  names?: Readonly<Record<string, string>> | undefined
  /** What a playbook has recorded for the primary; left out: nothing is to be had by this program. */
  records?: RecordsState
  /** What acts of this process have answered, and no record has yet, by record. */
  responses?: Readonly<Record<RecordId, Response>> | undefined
  /** Acts that run in this process. */
  running?: readonly RecordId[] | undefined
  /** What reads have answered, by their id. */
  readings?: Readonly<Record<string, Reading>> | undefined
  capabilities: Capabilities
  /** Milliseconds since the epoch. A render that reads it is repeated a minute later. */
  now: number
}

/** What the cluster offers, as templates see it in `it.capabilities`. */
export interface Capabilities {
  kubeVersion: { version: string; major: string; minor: string }
  /** `apps/v1` and `apps/v1/Deployment`, as Helm's `.Capabilities.APIVersions` has them. */
  apiVersions: readonly string[]
}

/** One object that a program wants to exist. */
export interface RenderedDocument {
  /** A fresh tree: the caller may keep it, and nothing else refers to it. */
  object: KubernetesObject
  /** Where the document begins. */
  position: Position
  /** The template position that a field came from; the nearest enclosing field's where the exact one is not known. */
  positionOf(path: readonly (string | number)[]): Position
  /** Whether the value at a path stands in the template's own text, whole: nothing was inserted into it. Left out: everything does. */
  isLiteral?(path: readonly (string | number)[]): boolean
  /** What `fairlead.dev/ready-when` asks of the object, where that is an expression and stands in the template's own text. */
  gate?: Gate
}

/** A compiled condition over an observed object, or what is wrong with its text. */
export type Gate = { judge: (object: KubernetesObject) => Judgement; problem?: undefined } | { problem: string }

/** Whether an expression holds; `error` where it does not because it ended in one. */
export interface Judgement {
  holds: boolean
  error?: string
}

/**
 * Parts of the inputs that change again and again while a custom resource stays as it is: what anybody notes on it, what is told in its status,
 * and how its dependents are. `version` is the resourceVersion and the managed fields of the primary.
 */
export const incidentalParts = ['version', 'annotations', 'status', 'resources'] as const
export type IncidentalPart = (typeof incidentalParts)[number]

/** What a render read besides its primary and its dependents, whatever came of it: its change is a reason to render again. */
interface Reads {
  /** None where it is left out. */
  lookups?: readonly Lookup[]
  /** It read what the cluster offers. */
  readCapabilities?: boolean
  /** A text with a mask in the place of what the render revealed of secrets; nothing was where it is left out. */
  masked?: (text: string) => string
}

export type Answer = Reads &
  (
    | {
        kind: 'rendered'
        documents: readonly RenderedDocument[]
        /** The render read `it.now`. */
        readNow: boolean
        /** The documents depend on something that can change while the primary's spec and the definition stay. Left out: they do not. */
        readInputs?: boolean
        /** What they depend on of that beside lookups and the time: each value by its path. Left out: nothing. */
        values?: ReadonlyMap<string, unknown>
        /** What the documents do not depend on, since the render has not read it. Left out: they may depend on all of it. */
        unread?: readonly IncidentalPart[]
        /** What the names of generated values stand for in them; none where it is left out. */
        names?: Readonly<Record<string, string>>
        /** What the primary says and what does not count, as paths: `spec.image.tag`. */
        overridden?: readonly string[]
        /** Of a playbook: how far it came, and what it asks for beside its documents. */
        walk?: Walk
      }
    | { kind: 'unknown' /** The kinds of `Inputs.unknown` and the lookups, as words, that were read. */; reads: readonly string[] }
    | { kind: 'problems'; problems: readonly Problem[] }
    /** The render stopped where the snapshot lacks what it reads. */
    | { kind: 'needs'; needs: readonly Lookup[]; generate?: readonly GenerateNeed[] }
  )

export type StatusAnswer = Reads &
  (
    | { kind: 'status'; status: JsonObject; readNow: boolean }
    | { kind: 'unknown'; reads: readonly string[] }
    | { kind: 'problems'; problems: readonly Problem[] }
    | { kind: 'needs'; needs: readonly Lookup[]; generate?: readonly GenerateNeed[] }
  )

/** What a program may ask while it runs: as pure as its inputs. */
export interface World {
  /** Whether the cluster holds these documents as they are rendered. */
  isInPlace(documents: readonly RenderedDocument[]): boolean
}

export interface Program {
  /** Kinds that the program can render whatever its inputs are, as far as its text shows them: they are watched from the start. */
  readonly kinds: readonly GroupVersionKind[]
  /** Those of them that every render has, and where they are written; left out: none is known. */
  readonly always?: readonly { readonly kind: GroupVersionKind; readonly at: Position }[]
  /** The documents for these inputs. Never throws for anything that a definition or a custom resource contains. */
  next(inputs: Inputs, world?: World): Answer
  /** It is a playbook: its inputs have records, and what acts and reads have answered. */
  readonly walks?: boolean
  /** Whether the program has something to do before the dependents of a deleted primary go. */
  readonly removes?: boolean
  /** The walk of that lane; `stop` is undefined when the dependents may go. */
  remove?(inputs: Inputs, world?: World): Answer
  /** What is merged into status, rendered after the applies with the dependents as they are then. An empty status if the program declares none. */
  status(inputs: Inputs): StatusAnswer
}
