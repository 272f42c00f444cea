/** Tells clients when the objects of a resource come to be stored in another version. (endpoints/discovery/storageversionhash.go) */
import { createHash } from 'node:crypto'
import type { GroupVersionKind } from '../../api/object.ts'

/** @param stored the version in which the objects are stored */
export const storageVersionHash = ({ group, version, kind }: GroupVersionKind): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')
