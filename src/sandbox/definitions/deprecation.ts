/**
 * The warning that comes with every answer of a deprecated version.
 *
 * (apiextensions-apiserver, apiserver/customresource_handler.go, defaultDeprecationWarning)
 */
import { compareVersions } from '../discovery/version-order.ts'
import type { DefinitionSpec, Version } from './definition.ts'

/** Undefined for a version that is not deprecated. */
export function deprecationWarning({ group, names, versions }: DefinitionSpec, version: Version): string | undefined {
  if (version.deprecated !== true) return undefined
  if (version.deprecationWarning !== undefined) return version.deprecationWarning
  const better = versions
    .filter((each) => each.served && each.deprecated !== true && compareVersions(each.name, version.name) < 0)
    .map((each) => each.name)
    .sort(compareVersions)
  const text = `${group}/${version.name} ${names.kind} is deprecated`
  return better.length === 0 ? text : `${text}; use ${group}/${better[0]} ${names.kind}`
}
