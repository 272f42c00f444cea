/** Values of wrong types, odd texts of quantities, times and bytes, unknown and repeated fields: the bodies with which the decoder is tested. */
import { bodies, type Body } from '../../sandbox/schema/bodies.ts'
import { cases, differs } from '../case.ts'

const line = ({ collection }: Body, validation: string): string => {
  const path = collection.endsWith('customresourcedefinitions') ? `/apis/${collection}` : collection
  return `POST ${path}?dryRun=All&fieldValidation=${validation}`
}

const emptyLists = 'who sends an empty list of rules owns it on the real server, though null is stored'
const asked = (tried: readonly Body[]) => tried.map((body): [string, string] => [line(body, 'Strict'), body.text])

const repeated = '{"metadata":{"name":"a","labels":{"x":"1"}},"nope":1,"data":{"a":"1","a":"2"},"metadata":{"annotations":{"y":"2"}}}'

export default cases({
  ...Object.fromEntries(
    Object.entries(bodies).map(([title, tried]) => [
      `decoding ${title}`,
      title === 'empty lists and objects' ? differs(emptyLists, asked(tried)) : asked(tried),
    ]),
  ),
  'fields that are unknown or repeated are warned of': [['POST v1/configmaps?dryRun=All&fieldValidation=Warn', repeated]],
  'fields that are unknown or repeated are warned of if nothing is said': [['POST v1/configmaps?dryRun=All', repeated]],
  'fields that are unknown or repeated are ignored': [['POST v1/configmaps?dryRun=All&fieldValidation=Ignore', repeated]],
  'a number in another writing is refused, even if fields are ignored': [
    ['POST apps/v1/deployments?dryRun=All&fieldValidation=Ignore', '{"metadata":{"name":"a"},"spec":{"replicas":1.0}}'],
  ],
})
