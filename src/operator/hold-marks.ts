/** Writing the marks of held deletes; see reconcile/hold-mark.ts. */
import { fieldManager, pruneHeldAnnotation } from '../api/names.ts'
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import { isApiError } from '../kube/errors.ts'
import { patchMetadata } from '../kube/writes.ts'
import { heldBy, holdMark, type HeldBy } from '../reconcile/hold-mark.ts'
import type { PassContext } from './pass-context.ts'
import { sideBySide } from './side-by-side.ts'

interface Marks {
  primary: KubernetesObject
  /** Observed objects that are held. */
  held: readonly KubernetesObject[]
  why: HeldBy | undefined
  /** Observed objects that are rendered. */
  wanted: readonly KubernetesObject[]
}

/** Marks what is held, and takes the mark off what is rendered again. Sends nothing where it is so. Rejects with ApiError. */
export async function putMarks({ primary, held, why, wanted }: Marks, context: PassContext): Promise<void> {
  const marks = [
    ...(why ? held.filter((object) => heldBy(object) === undefined).map((object) => ({ object, mark: holdMark(why) })) : []),
    ...wanted.filter((object) => heldBy(object) !== undefined).map((object) => ({ object, mark: null })),
  ]
  await sideBySide(marks, ({ object, mark }) => write(object, mark, primary, context))
}

async function write(
  object: KubernetesObject,
  mark: string | null,
  primary: KubernetesObject,
  { client, resourceOf, dependentsOf }: PassContext,
): Promise<void> {
  const kind = gvkOf(object)
  const resource = resourceOf(kind)
  if (!resource) return
  try {
    const answer = await patchMetadata(client, resource, object.metadata, {
      uid: object.metadata.uid as string,
      metadata: { annotations: { [pruneHeldAnnotation]: mark } },
      manager: fieldManager('holds', primary.metadata.uid as string),
    })
    dependentsOf(kind).wrote(answer)
  } catch (error) {
    // It is gone by now, or another has its name: there is nothing to hold.
    if (!isApiError(error, 'notFound', 'uidMismatch')) throw error
  }
}
