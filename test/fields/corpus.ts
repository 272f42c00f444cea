/**
 * The corpus: objects of many kinds as people write them, with the managed fields and live object that the API server made of them.
 *
 * `UPDATE_CORPUS=1 npx vitest run --project control-plane test/fields` makes corpus.json anew from kinds.yaml and crds.yaml.
 */
import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import type { JsonObject, KubernetesObject } from '../../src/api/object.ts'

export const corpusFile = new URL('corpus/corpus.json', import.meta.url)

export interface CorpusEntry {
  body: KubernetesObject & JsonObject
  /** The apply entry's fields in the answer to the apply. */
  fields: JsonObject
  /** The answer, without status and the marks of one run. */
  live: KubernetesObject & JsonObject
}

const documents = (file: string): (KubernetesObject & JsonObject)[] =>
  loadAll(readFileSync(new URL(`corpus/${file}`, import.meta.url), 'utf8').replaceAll('$NAMESPACE', namespace)) as (KubernetesObject &
    JsonObject)[]

/** Stands for the namespace of the run. */
export const namespace = 'corpus'

/** Stands for the UID of the namespace's default service account. */
export const ownerUid = '0d3f3c4e-0000-4000-8000-000000000000'

export const readKinds = (): (KubernetesObject & JsonObject)[] => documents('kinds.yaml')
export const readDefinitions = (): (KubernetesObject & JsonObject)[] => documents('crds.yaml')
export const readCorpus = (): CorpusEntry[] => JSON.parse(readFileSync(corpusFile, 'utf8')) as CorpusEntry[]
