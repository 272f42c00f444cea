/**
 * Warnings about finalizers whose names may collide with those of others.
 *
 * (apiextensions-apiserver, registry/customresource/validator.go, validateKubeFinalizerName)
 */
import type { KubernetesObject } from '../../api/object.ts'
import { isQualifiedName } from '../kinds/names.ts'
import { quoted } from '../status/go-text.ts'

const wellKnown = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])
const advice = 'to avoid accidental conflicts with other finalizer writers'

/** For each finalizer that the write adds. */
export function finalizerWarnings(object: KubernetesObject, old: KubernetesObject | undefined): string[] {
  const { finalizers } = object.metadata
  if (finalizers === undefined || finalizers.length === 0) return []
  const known = new Set(old?.metadata.finalizers)
  return [...new Set(finalizers)]
    .filter((finalizer) => !known.has(finalizer))
    .sort()
    .flatMap(warningsOf)
}

function warningsOf(finalizer: string): string[] {
  const warn = (text: string): string => `metadata.finalizers: ${quoted(finalizer)}: ${text}`
  const warnings = isQualifiedName(finalizer).map(warn)
  if (!finalizer.includes('/') && !wellKnown.has(finalizer))
    warnings.push(
      warn(
        finalizer.includes('.')
          ? `prefer a domain-qualified finalizer name including a path (/) ${advice}`
          : `prefer a domain-qualified finalizer name ${advice}`,
      ),
    )
  return warnings
}
