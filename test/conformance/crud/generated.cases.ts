import fc from 'fast-check'
import { cases, generated } from '../case.ts'

const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'.split(''))
const odd = fc.constantFrom(...'aZ0-._/ :é%'.split(''))
const word = fc.string({ unit: letters, minLength: 1, maxLength: 8 })
const oddWord = fc.string({ unit: odd, minLength: 0, maxLength: 10 })
const map = (value: fc.Arbitrary<unknown>) => fc.dictionary(word, value, { maxKeys: 4 })

export default cases({
  'any name': generated({
    values: oddWord,
    run: async (api, name) => await api.send('POST v1/configmaps', { metadata: { name } }),
  }),
  'any labels, annotations and finalizers': generated({
    values: fc.record({
      labels: fc.dictionary(oddWord, oddWord, { maxKeys: 3 }),
      annotations: fc.dictionary(oddWord, oddWord, { maxKeys: 3 }),
      finalizers: fc.array(oddWord, { maxLength: 2 }),
    }),
    run: async (api, metadata) => {
      await api.send('POST v1/configmaps', { metadata: { name: 'a', ...metadata } })
      await api.prepare('JSONPATCH v1/configmaps/a', [{ op: 'add', path: '/metadata/finalizers', value: [] }]).catch(() => {})
    },
  }),
  'any sequence of writes by several managers': generated({
    values: fc.array(
      fc.record({
        verb: fc.constantFrom('PUT', 'MERGE', 'DELETE', 'POST'),
        manager: fc.constantFrom('one', 'two', 'three'),
        data: fc.option(map(word), { nil: undefined }),
        labels: fc.option(map(word), { nil: undefined }),
      }),
      { minLength: 2, maxLength: 7 },
    ),
    run: async (api, writes) => {
      for (const { verb, manager, data, labels } of writes) {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...(labels && { labels }) }, ...(data && { data }) }
        const path = verb === 'POST' ? 'v1/configmaps' : 'v1/configmaps/a'
        await api.send(`${verb} ${path}?fieldManager=${manager}`, verb === 'DELETE' ? undefined : body)
      }
    },
  }),
  'any JSON as a body': generated({
    values: fc.json({ maxDepth: 3 }),
    run: async (api, text) => await api.send('POST v1/configmaps', text),
  }),
})
