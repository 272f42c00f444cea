/** Paths of files within volumes, which must not lead out of them. (core/validation, validateLocalDescendingPath) */
import { type Errors, invalidValue } from '../checks.ts'

export function noBacksteps(errors: Errors, path: string, target: string): void {
  if (target.split('/').includes('..')) errors.push(invalidValue(path, target, "must not contain '..'"))
}

export function descendingPath(errors: Errors, path: string, target: string): void {
  if (target.startsWith('/')) errors.push(invalidValue(path, target, 'must be a relative path'))
  noBacksteps(errors, path, target)
}

/** Names with two dots in front are kept for the kubelet. */
export function nonReservedPath(errors: Errors, path: string, target: string): void {
  descendingPath(errors, path, target)
  if (target.startsWith('..') && !target.startsWith('../')) errors.push(invalidValue(path, target, "must not start with '..'"))
}
