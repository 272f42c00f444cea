/** Templates of pods, in the kinds that make pods. (core/validation, ValidatePodTemplateSpec) */
import { validateAnnotations, validateLabels } from '../../../registry/object-meta.ts'
import { type Errors, forbidden, invalidValue, notSupported } from '../checks.ts'
import { sortedTexts } from '../selectors.ts'
import type { PodTemplate } from '../shapes.ts'
import { validatePodAnnotations, validateProfilesAgree } from './annotations.ts'
import { validatePodSpec } from './spec.ts'

export function validatePodTemplate(errors: Errors, path: string, template: PodTemplate): void {
  const { labels = {}, annotations = {} } = template.metadata ?? {}
  const spec = template.spec ?? {}
  errors.push(...validateLabels(labels, `${path}.labels`))
  errors.push(...validateAnnotations(annotations, `${path}.annotations`))
  validatePodAnnotations(errors, `${path}.annotations`, annotations, spec)
  validatePodSpec(errors, `${path}.spec`, spec, { name: undefined })
  validateProfilesAgree(errors, `${path}.spec`, annotations, spec)
  if ((spec.ephemeralContainers?.length ?? 0) > 0)
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
}

/** The labels of a template that its owner does not select. */
export const labelsNotSelected = (path: string, { metadata }: PodTemplate) =>
  invalidValue(
    `${path}.metadata.labels`,
    metadata?.labels ? sortedTexts(metadata.labels) : null,
    '`selector` does not match template `labels`',
  )

/** Pods that have to be there always are restarted always. `owner`: the kind as the server names it. */
export function validateAlwaysRunning(errors: Errors, path: string, { spec = {} }: PodTemplate, owner: string): void {
  if (spec.restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, spec.restartPolicy ?? '', ['Always']))
  if (spec.activeDeadlineSeconds !== undefined)
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`))
}
