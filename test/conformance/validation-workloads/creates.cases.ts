/** New workloads with one thing changed: the bodies whose recorded answers the kinds are tested with, asked of both servers. */
import { bases, type BaseName, collections } from '../../sandbox/kinds/workloads/bases.ts'
import { cases as tried } from '../../sandbox/kinds/workloads/cases.ts'
import { changed } from '../../sandbox/kinds/workloads/exchange.ts'
import { cases } from '../case.ts'

interface Answer {
  kind: string
  reason?: string
  code?: number
  details?: { causes?: { field: string; message: string }[] }
}

/** Accepted bodies are compared by the other tests of them; several causes come in any order, and the message is made of them. */
const refusal = ({ kind, reason, code, details }: Answer): unknown =>
  kind === 'Status' ? { reason, code, causes: details?.causes?.map(({ field, message }) => `${field}: ${message}`).sort() } : kind

const creates = Object.groupBy(
  tried.filter(({ stored, subresource }) => stored === undefined && subresource === undefined),
  ({ base }) => base,
)

function collectionOf(base: BaseName): string {
  const { apiVersion, kind } = bases[base] as unknown as { apiVersion: string; kind: string }
  return (collections[kind] as string).replace('{namespace}', '{ns}').replace('{version}', apiVersion.split('/').at(-1) as string)
}

export default cases(
  Object.fromEntries(
    (Object.keys(creates) as BaseName[]).map((base) => [
      `a new ${base}`,
      (creates[base] ?? []).map(({ changes }): [string, object, { pick: typeof refusal }] => [
        `POST ${collectionOf(base)}?dryRun=All`,
        changed<object>({ ...bases[base], metadata: { name: 'a' } }, changes),
        { pick: refusal },
      ]),
    ]),
  ),
)
