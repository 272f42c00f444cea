/** The names of `it`, for one set of inputs. */
import type { IncidentalPart, Inputs } from '../reconcile/program.ts'
import type { Values } from './merge.ts'
import type { Render } from './render.ts'
import { contentOf } from './content.ts'
import { resourcesView } from './resources.ts'
import { withSecretHandles } from './secret.ts'
import { type ContextMembers, type ReadNote, type ReadObserver, type Schema, toldOfReads, view } from './view.ts'

export interface ContextOptions {
  inputs: Inputs
  values: Values
  /** The structural schema of the custom resource, if it is known. */
  schema: Schema | undefined
  valuesSchema: Schema | undefined
  chart: Values
  files: Values
  render: Render
  readNow: () => void
  readCapabilities: () => void
  /** Told each incidental part of the inputs that is read, though it be for a moment. */
  read: (part: IncidentalPart) => void
  /** Told what is read of that which can change while the primary's spec and the definition stay, but for lookups and the time. */
  noted: ReadNote
  readUnknown: (kind: string) => void
  readSecret: () => void
  nullable: boolean
}

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'object', additionalProperties: text }

/** (meta/v1 ObjectMeta) */
const metadataSchema: Schema = {
  type: 'object',
  properties: {
    ...Object.fromEntries(
      ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'generateName', 'selfLink'].map((name) => [
        name,
        text,
      ]),
    ),
    ...Object.fromEntries(
      ['generation', 'deletionGracePeriodSeconds', 'finalizers', 'ownerReferences', 'managedFields'].map((name) => [name, {}]),
    ),
    labels: texts,
    annotations: texts,
  },
}

const onlyOwnNames: Schema = { type: 'object', properties: {} }

/** The names of metadata that change while a custom resource stays as it is. */
const incidentalMetadata: Readonly<Record<string, IncidentalPart>> = {
  annotations: 'annotations',
  resourceVersion: 'version',
  managedFields: 'version',
}

/** Those that stay as they are, or change with the spec alone. */
const declaredMetadata = new Set(
  ['name', 'namespace', 'uid', 'generation', 'creationTimestamp', 'generateName', 'selfLink'].map((name) => `it.metadata.${name}`),
)

/** The record of what was read would always be another than the one that was read. */
const withoutRecord =
  (noted: ReadNote): ReadNote =>
  (path, value) => {
    if (path === 'it.status=') noted(path, { ...(value as Values), observedRevision: null })
    else if (path !== 'it.status.observedRevision') noted(path, value)
  }

const minute = 60_000

/** RFC 3339, UTC, cut to the minute. */
export const minuteOf = (milliseconds: number): string =>
  `${new Date(Math.floor(milliseconds / minute) * minute).toISOString().slice(0, 19)}Z`

export function contextMembers(options: ContextOptions): ContextMembers {
  const { inputs, values, schema, valuesSchema, chart, files, render, readNow, readCapabilities, read, noted, readUnknown } = options
  const { readSecret, nullable } = options
  const primary = withSecretHandles(inputs.primary, readSecret)
  const see = (name: string, value: unknown, names?: Schema, told?: { observer: ReadObserver; noted?: ReadNote }): unknown =>
    view(value ?? {}, { path: `it.${name}`, schema: names, observer: render, ...told })
  const propertySchema = (name: string): Schema | undefined => schema?.properties?.[name]
  const content = Object.entries(contentOf(primary, schema)).map(([name, value]): [string, () => unknown] => [
    name,
    () => view(value, { path: `it.${name}`, schema: propertySchema(name), observer: render }),
  ])
  return {
    ...Object.fromEntries(content),
    metadata: () =>
      view(primary.metadata, {
        path: 'it.metadata',
        schema: metadataSchema,
        observer: render,
        told: (key) => readMetadata(key, read),
        noted: (path, value) => void (declaredMetadata.has(path) || noted(path, value)),
      }),
    spec: () => see('spec', primary.spec, propertySchema('spec')),
    // These two are taken along by { ...it }: what counts is whether something in them is read.
    status: () =>
      see('status', primary.status, propertySchema('status'), {
        observer: toldOfReads(render, () => read('status')),
        noted: withoutRecord(noted),
      }),
    capabilities: () => see('capabilities', inputs.capabilities, onlyOwnNames, { observer: toldOfReads(render, readCapabilities) }),
    values: () => see('values', values, valuesSchema),
    name: () => primary.metadata.name,
    namespace: () => primary.metadata.namespace ?? null,
    resources: () => {
      read('resources')
      return resourcesView({
        resources: inputs.resources,
        unknown: inputs.unknown,
        readUnknown,
        readSecret,
        observer: render,
        noted,
        nullable,
      })
    },
    now: () => {
      readNow()
      return minuteOf(inputs.now)
    },
    chart: () => see('chart', chart, onlyOwnNames),
    files: () => see('files', files, onlyOwnNames),
  }
}

/** A name that was read, or all of them at once. */
function readMetadata(key: string | undefined, read: (part: IncidentalPart) => void): void {
  if (key === undefined) for (const part of Object.values(incidentalMetadata)) read(part)
  else if (Object.hasOwn(incidentalMetadata, key)) read(incidentalMetadata[key] as IncidentalPart)
}
