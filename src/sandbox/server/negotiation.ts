/**
 * In which form a client wants its answer.
 *
 * (apiserver, endpoints/handlers/negotiation)
 */
import { ApiError, notAcceptable } from '../status/api-error.ts'

export interface Representation {
  readonly format: 'json' | 'yaml'
  /** `object`: as it is. */
  readonly as: 'object' | 'table' | 'metadata'
  /** The metadata of a list was asked for. */
  readonly list?: boolean
}

export const asItIs: Representation = { format: 'json', as: 'object' }

const offered = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

/** The first form in the header that can be served; `many`: the answer may be a stream. Throws ApiError (406) where there is none. */
export function negotiate(accept: string | undefined, many = false): Representation {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return asItIs
  let known = false
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const format = formats.get(type.toLowerCase())
    if (type.toLowerCase() === 'application/vnd.kubernetes.protobuf') known = true
    if (!format) continue
    known = true
    const as = transformation(parameters)
    if (as) return { format, as, ...(parameters.includes('as=PartialObjectMetadataList') && { list: true }) }
  }
  if (known) throw notAcceptable(offered)
  throw new ApiError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${[...offered, ...(many ? streams : [])].join(', ')}`,
    {},
  )
}

/** The form of a watch: what cannot be a stream is refused. Throws ApiError (406). */
export function negotiateWatch(accept: string | undefined): Representation {
  const representation = negotiate(accept, true)
  if (representation.format === 'yaml') throw notAcceptable(streams)
  return representation
}

/** The format in which a client is told of an error: what it asked for, else JSON. */
export function errorFormat(accept: string | undefined): Representation['format'] {
  const known = (accept ?? '').split(',').map((clause) => clause.split(';').map((part) => part.trim().toLowerCase()))
  const [type = '', ...parameters] = known.find(([each = '']) => formats.has(each)) ?? []
  return transformation(parameters) === 'object' ? (formats.get(type) ?? 'json') : 'json'
}

const formats = new Map<string, Representation['format']>([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['*/*', 'json'],
])

function transformation(parameters: readonly string[]): Representation['as'] | undefined {
  const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]))
  const as = values.get('as')
  if (as === undefined) return 'object'
  const { g, v } = { g: values.get('g'), v: values.get('v') }
  if (g !== 'meta.k8s.io' || v !== 'v1') return undefined
  if (as === 'Table') return 'table'
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? 'metadata' : undefined
}
