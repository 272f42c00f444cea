/** The names of `it`, for one set of inputs. */
import type { IncidentalPart, Inputs } from '../reconcile/program.ts'
import type { Values } from './merge.ts'
import type { Render } from './render.ts'
import { contentOf } from './content.ts'
import { resourcesView } from './resources.ts'
import { withSecretHandles } from './secret.ts'
import { type ContextMembers, type ReadObserver, type Schema, toldOfReads, view } from './view.ts'

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

const minute = 60_000

/** RFC 3339, UTC, cut to the minute. */
export const minuteOf = (milliseconds: number): string =>
  `${new Date(Math.floor(milliseconds / minute) * minute).toISOString().slice(0, 19)}Z`

export function contextMembers(options: ContextOptions): ContextMembers {
  const { inputs, values, schema, valuesSchema, chart, files, render, readNow, readCapabilities, read, readUnknown, readSecret, nullable } =
    options
  const primary = withSecretHandles(inputs.primary, readSecret)
  const see = (name: string, value: unknown, names?: Schema, observer: ReadObserver = render): unknown =>
    view(value ?? {}, { path: `it.${name}`, schema: names, observer })
  const propertySchema = (name: string): Schema | undefined => schema?.properties?.[name]
  const content = Object.entries(contentOf(primary, schema)).map(([name, value]): [string, () => unknown] => [
    name,
    () => view(value, { path: `it.${name}`, schema: propertySchema(name), observer: render }),
  ])
  return {
    ...Object.fromEntries(content),
    metadata: () =>
      view(primary.metadata, { path: 'it.metadata', schema: metadataSchema, observer: render, told: (key) => readMetadata(key, read) }),
    spec: () => see('spec', primary.spec, propertySchema('spec')),
    // These two are taken along by { ...it }: what counts is whether something in them is read.
    status: () =>
      see(
        'status',
        primary.status,
        propertySchema('status'),
        toldOfReads(render, () => read('status')),
      ),
    capabilities: () => see('capabilities', inputs.capabilities, onlyOwnNames, toldOfReads(render, readCapabilities)),
    values: () => see('values', values, valuesSchema),
    name: () => primary.metadata.name,
    namespace: () => primary.metadata.namespace ?? null,
    resources: () => {
      read('resources')
      return resourcesView({ resources: inputs.resources, unknown: inputs.unknown, readUnknown, readSecret, observer: render, nullable })
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
