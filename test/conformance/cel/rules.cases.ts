import type { Api } from '../api.ts'
import { cases, differs } from '../case.ts'
import { definition } from '../objects.ts'
import { comparable } from '../../sandbox/definitions/answers.ts'
import { ruleCases } from '../../sandbox/definitions/rule-cases.ts'
import { definitions, install, schemaOf, widget, widgets } from '../custom-resources/widgets.ts'

const compared = { pick: comparable }
const dryRun = '?dryRun=All&fieldValidation=Strict'

/** A value, or one with what it was before. */
async function write(api: Api, value: unknown, index: number): Promise<void> {
  const pair = Array.isArray(value) ? (value as [unknown, { __old: unknown }]) : undefined
  if (!pair) return void (await api.send(`POST ${widgets}${dryRun}`, widget('a', value), compared))
  const name = `changed-${index}`
  const { body } = await api.prepare(`POST ${widgets}`, widget(name, pair[1].__old))
  await api.send(`PUT ${widgets}/${name}?dryRun=All`, { ...body, spec: pair[0] }, compared)
}

const text = { type: 'string' }
const rules = (...texts: string[]): object => ({ 'x-kubernetes-validations': texts.map((rule) => ({ rule })) })
/** A definition with one property of the spec. */
const withProperty = (schema: object) => [`POST ${definitions}?dryRun=All`, definition(schemaOf({ a: schema })), compared] as const
const tooExpensive = 'the cost of rules is not estimated: a rule that could take too long is taken'

/** Rules that do not compile, or whose values the schema does not bound. */
const refused: Readonly<Record<string, object>> = {
  'a rule of the wrong type': { type: 'integer', ...rules('self + 1') },
  'a rule about a field that is not there': { type: 'object', properties: { x: text }, ...rules('self.y == "a"') },
  'a rule with a wrong function': { type: 'integer', ...rules('nothing(self) == 1') },
  'a rule with a wrong operand': { type: 'integer', ...rules("self + 'x' == 'y'") },
  'a rule that ends early': { type: 'integer', ...rules('self >') },
  'an empty rule': { type: 'integer', ...rules(' ') },
  'a rule with a bound': { ...text, maxLength: 20, ...rules('self.size() < 10') },
  'a rule about items with a bound': {
    type: 'array',
    maxItems: 5,
    items: { ...text, maxLength: 5 },
    ...rules("self.all(x, x.startsWith('a'))"),
  },
  'an old value in a list': { type: 'array', maxItems: 3, items: { type: 'integer', ...rules('self == oldSelf') } },
}
const expensive: Readonly<Record<string, object>> = {
  'a loop in a loop': { type: 'array', items: text, ...rules('self.all(x, self.all(y, x == y || x != y))') },
  'a loop over many texts': { type: 'array', items: text, ...rules("self.all(x, x.contains('abc'))") },
  'a rule at each item': { type: 'array', items: { type: 'array', items: { ...text, ...rules("self.matches('^a.*b$')") } } },
}

export default cases({
  ...Object.fromEntries(
    ruleCases.map(({ name, schema, values }) => [
      `rules about ${name}`,
      async (api: Api) => {
        await install(api, { type: 'object', properties: { spec: schema } })
        // Of two operands that fail, each server names another one.
        for (const [index, value] of values.entries())
          if (!['comparison {}', 'lists {"l":[],"n":[]}'].includes(`${name} ${JSON.stringify(value)}`)) await write(api, value, index)
      },
    ]),
  ),
  ...Object.fromEntries(Object.entries(refused).map(([name, schema]) => [name, [withProperty(schema)]])),
  ...Object.fromEntries(Object.entries(expensive).map(([name, schema]) => [name, differs(tooExpensive, [withProperty(schema)])])),
})
