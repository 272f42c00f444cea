/**
 * Answers about ownership made comparable: entries are sorted by time in seconds, and the server walks through managers in any order,
 * so that what is next to each other is no more than chance.
 */
import { canonicalJson } from '../../../src/api/canonical.ts'

type Managed = { managedFields?: object[] }
type Answered = { metadata?: Managed; items?: { metadata?: Managed }[]; message?: string; details?: { causes?: object[] } }

const byText = (left: unknown, right: unknown): number => (canonicalJson(left) < canonicalJson(right) ? -1 : 1)
type Entry = Readonly<Record<string, unknown>>
const whose = ({ operation, manager, apiVersion, subresource }: Entry): unknown[] => [operation, manager, apiVersion, subresource]

/** The whole answer; entries, causes and their messages in one order. */
export function inAnyOrder(body: Answered): unknown {
  const { metadata, details, message } = body
  return {
    ...body,
    ...(metadata?.managedFields && {
      metadata: {
        ...metadata,
        managedFields: metadata.managedFields.toSorted((left, right) => byText(whose(left as Entry), whose(right as Entry))),
      },
    }),
    ...(details?.causes && {
      message: message?.split(/: \[|, |\]$/).toSorted(),
      details: { ...details, causes: details.causes.toSorted(byText) },
    }),
  }
}
