import { expect } from 'vitest'
import { test } from '../../controlplane/fixture.ts'
import { comparable } from './answers.ts'
import { definitionAnswer, definitionOfCase } from './definition-answers.ts'
import { definitionCases } from './definition-cases.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

test('definitions are taken and refused with the words of the real server', async ({ cluster }) => {
  let refused = 0
  for (const each of definitionCases) {
    const definition = definitionOfCase(each, `${cluster.namespace}.test`)
    const real = await cluster.request('POST', definitions, { query: { dryRun: 'All' }, body: definition })
    const { object } = definitionAnswer(definition)
    if (real.status === 201) expect((object as { kind: string }).kind, each.name).toBe('CustomResourceDefinition')
    else {
      refused += 1
      expect(comparable(object), each.name).toEqual(comparable(real.body))
    }
  }
  expect(refused).toBeGreaterThan(50)
})
