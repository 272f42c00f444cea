/**
 * How objects get from one version to another, as the definition asks for it. (Webhooks are accepted here and refused when they are needed.)
 *
 * (apiextensions-apiserver, apis/apiextensions/validation/validation.go, validateCustomResourceConversion)
 */
import { isDns1035Label } from '../../kinds/names.ts'
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import type { DefinitionSpec } from '../definition.ts'

const path = 'spec.conversion'
const strategies = ['None', 'Webhook']
const reviewVersions = ['v1', 'v1beta1']

export function conversionErrors({ conversion, preserveUnknownFields }: DefinitionSpec): FieldError[] {
  if (conversion === undefined) return []
  const { strategy, webhook } = conversion
  const errors: FieldError[] = []
  if (strategy !== 'None' && preserveUnknownFields === true)
    errors.push(invalidValue(`${path}.strategy`, strategy, 'must be None if spec.preserveUnknownFields is true'))
  if (!strategy) errors.push(required(`${path}.strategy`))
  else if (!strategies.includes(strategy)) errors.push(notSupported(`${path}.strategy`, strategy, strategies))
  if (strategy !== 'Webhook') {
    if (webhook?.clientConfig !== undefined)
      errors.push(forbidden(`${path}.webhookClientConfig`, 'should not be set when strategy is not set to Webhook'))
    if (webhook?.conversionReviewVersions?.length)
      errors.push(forbidden(`${path}.conversionReviewVersions`, 'should not be set when strategy is not set to Webhook'))
    return errors
  }
  const client = webhook?.clientConfig
  if (client === undefined) errors.push(required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook'))
  else if ((client.url === undefined) === (client.service === undefined))
    errors.push(required(`${path}.webhookClientConfig`, 'exactly one of url or service is required'))
  errors.push(...reviewVersionErrors(webhook?.conversionReviewVersions ?? []))
  return errors
}

function reviewVersionErrors(versions: readonly string[]): FieldError[] {
  const at = `${path}.conversionReviewVersions`
  if (versions.length === 0) return [required(at)]
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalidValue(`${at}[${index}]`, version, 'duplicate version'))
    else for (const detail of isDns1035Label(version)) errors.push(invalidValue(`${at}[${index}]`, version, detail))
  }
  if (!versions.some((version) => reviewVersions.includes(version)))
    errors.push(invalidValue(at, versions, `must include at least one of ${reviewVersions.join(', ')}`))
  return errors
}
