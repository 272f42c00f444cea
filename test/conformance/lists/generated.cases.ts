import fc from 'fast-check'
import { cases, generated } from '../case.ts'

const key = fc.constantFrom('a', 'b', 'example.com/c')
const value = fc.constantFrom('', '1', '2', '10', 'x')
const labels = fc.dictionary(key, value, { maxKeys: 3 })
const requirement = fc.oneof(
  key,
  key.map((name) => `!${name}`),
  fc.tuple(key, fc.constantFrom('=', '==', '!=', '>', '<'), value).map((parts) => parts.join('')),
  fc
    .tuple(key, fc.constantFrom('in', 'notin'), fc.array(value, { maxLength: 3 }))
    .map(([name, operator, values]) => `${name} ${operator} (${values.join(',')})`),
)
const selector = fc.array(requirement, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','))
const junk = fc.string({ unit: fc.constantFrom(...'ab/.=!<>(), in-'.split('')), maxLength: 12 })

export default cases({
  'any label selector over any labels': generated({
    values: fc.record({
      objects: fc.array(labels, { minLength: 3, maxLength: 6 }),
      selectors: fc.array(selector, { minLength: 4, maxLength: 8 }),
    }),
    run: async (api, { objects, selectors }) => {
      for (const [index, each] of objects.entries()) await api.prepare('POST v1/secrets', { metadata: { name: `s${index}`, labels: each } })
      for (const each of selectors) await api.request('GET', 'v1/secrets', { query: { labelSelector: each } })
    },
  }),
  'any text as a label selector': generated({
    values: fc.array(junk, { minLength: 10, maxLength: 20 }),
    run: async (api, texts) => {
      for (const labelSelector of texts) await api.request('GET', 'v1/secrets', { query: { labelSelector } })
    },
  }),
  'any text as a field selector': generated({
    values: fc.array(junk, { minLength: 10, maxLength: 20 }),
    run: async (api, texts) => {
      for (const fieldSelector of texts) await api.request('GET', 'v1/secrets', { query: { fieldSelector } })
    },
  }),
  'any walk in pages while others write': generated({
    values: fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      limit: fc.integer({ min: 1, max: 4 }),
      writes: fc.array(fc.record({ delete: fc.boolean(), index: fc.integer({ min: 0, max: 9 }) }), { maxLength: 4 }),
    }),
    run: async (api, { count, limit, writes }) => {
      for (let index = 0; index < count; index += 1) await api.prepare('POST v1/secrets', { metadata: { name: `s${index}` } })
      let next: string | undefined
      for (let page = 0; page === 0 || next; page += 1) {
        const { body } = await api.request('GET', 'v1/secrets', { query: { limit, ...(next && { continue: next }) } })
        next = body.metadata.continue
        const write = writes[page]
        if (write?.delete) await api.send(`DELETE v1/secrets/s${write.index}`)
        else if (write) await api.send('POST v1/secrets', { metadata: { name: `s${write.index}` } })
      }
    },
  }),
})
