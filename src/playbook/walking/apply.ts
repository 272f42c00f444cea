/** `apply`: documents that the primary is to have, each with the mark of its step, by which it is known later what may be pruned. */
import { stepAnnotation } from '../../api/names.ts'
import { displayName } from '../../api/object.ts'
import { formatPosition } from '../../api/problem.ts'
import { identityOf, orderable } from '../../reconcile/order.ts'
import { type Course, type End, end, failed, type Place, type StepThat, unanswered } from './course.ts'

export function apply(step: StepThat<'apply'>, { scope }: Place, course: Course): End {
  const { does } = step
  const rendered = scope.attempt((within) => does.render(within))
  if (rendered.kind !== 'value') return unanswered(step, rendered)
  const { documents, problems } = rendered.value
  if (problems[0]) return failed(step, problems[0])
  course.decided.add(does.mark)
  for (const document of documents) {
    const identity = identityOf(orderable(document.object))
    const other = course.appliedBy.get(identity)
    if (other)
      return failed(step, {
        code: 'DOCUMENT_DUPLICATE',
        message: `${displayName(document.object)} is applied by the step "${other.title}" (${formatPosition(other.at)}) too`,
        at: document.position,
      })
    course.appliedBy.set(identity, step)
    const { metadata } = document.object
    metadata.annotations = { ...metadata.annotations, [stepAnnotation]: does.mark }
    course.documents.push(document)
  }
  return end
}
