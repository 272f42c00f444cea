/**
 * The inputs of requests, by the kind of step: what the pure half of a kind makes of a step, and what the half in the shell carries out.
 *
 * A value of a Secret is never in them. It stands as a reference wherever a text may stand, and is read when it is sent.
 */
import type { JsonObject, JsonValue } from '../api/object.ts'

/** One value of a Secret; the namespace is the primary's where it is left out. */
export interface SecretReference {
  secretRef: { namespace?: string; name: string; key: string }
}

/** A text in which values of Secrets are. */
export interface SecretText {
  secretText: readonly (string | SecretReference)[]
  /** The whole in base64, as the header of basic authentication has it. */
  base64?: boolean
}

export type Text = string | SecretReference | SecretText

/** One object. Without a UID it is whichever is there when the act begins. */
export interface ObjectReference {
  apiVersion: string
  kind: string
  /** Left out: the primary's. */
  namespace?: string
  name: string
  uid?: string
}

/**
 * `http`. The answer is `{ status, headers, json, text }`: `json` is null where the body is none, and of the headers it has content-type, etag,
 * last-modified, link, location and retry-after, those that say something of the answer and not of the moment.
 */
export interface HttpInputs {
  /** Upper case. */
  method: string
  url: Text
  headers?: Readonly<Record<string, Text>>
  /** A text is sent as it is, anything else as JSON. Texts in it may be those of Secrets. */
  body?: JsonValue
  /** Statuses that are no failure; default: 200 to 299. */
  expect?: readonly number[]
  tls?: {
    /** A Secret of the primary's namespace with any of ca.crt, tls.crt and tls.key. */
    secret?: string
    /** In PEM. */
    ca?: Text
    cert?: Text
    key?: Text
    /** The name that the server's certificate has, where that is another than the host. */
    serverName?: string
  }
}

/** `delete`: until they are gone. The answer is `{ deleted, gone }`, the names of the objects by what became of them. */
export interface DeleteInputs {
  objects: readonly ObjectReference[]
  /** Also what is not this primary's. */
  foreign?: boolean
  propagation?: 'Background' | 'Foreground' | 'Orphan'
}

/**
 * `patch`: fields of an object that somebody else has made, held until they are given back. The answer is the target with its UID, by which they
 * are: `{ target: <the answer>, patch: {} }`. It has to be kept whole for that.
 */
export interface PatchInputs {
  target: ObjectReference
  /** What is applied beside the object's name; empty gives everything back. */
  patch: JsonObject
  foreign?: boolean
}

/** `scale`. The answer is `{ replicas }`. */
export interface ScaleInputs {
  target: ObjectReference
  replicas: number
  foreign?: boolean
}

/** `exec`. The answer is `{ exitCode, stdout, stderr }`; another exit code than 0 is a failure that has it. */
export interface ExecInputs {
  pod: string
  namespace?: string
  container?: string
  command: readonly Text[]
  stdin?: Text
}

/** `logs`. The answer is `{ text }`. */
export interface LogsInputs {
  pod: string
  namespace?: string
  container?: string
  /** Lines from the end; default 100. */
  tail?: number
  previous?: boolean
}

/**
 * `job`. The answer is what the container has left as its termination message: `{ exitCode, reason, message, json }`; `json` is null where that
 * is none.
 */
export interface JobInputs {
  image: string
  command?: readonly string[]
  args?: readonly string[]
  /** Values of Secrets of the Job's namespace become references to them. */
  env?: Readonly<Record<string, string | SecretReference>>
  /** By the path where it is mounted. */
  volumes?: Readonly<Record<string, JobVolume>>
  serviceAccount?: string
  /** Of the container. */
  resources?: JsonObject
  /** Merged over the pod's spec: nodeSelector, tolerations, … */
  podSpec?: JsonObject
  /** What becomes of the Job when its outcome is recorded: `never`, `failed` (the default) or `always` kept, or for a duration. */
  keep?: string
}

/** One of the first four. With `key` the file of that key alone is mounted. */
export interface JobVolume {
  claim?: string
  secret?: string
  configMap?: string
  emptyDir?: boolean | JsonObject
  key?: string
  subPath?: string
  readOnly?: boolean
}

/** `command`. The answer is `{ exitCode, stdout, stderr, json }`; another exit code than 0 is a failure that has it. */
export interface CommandInputs {
  /** The program, and its arguments. */
  command: readonly Text[]
  env?: Readonly<Record<string, Text>>
  stdin?: Text
}
