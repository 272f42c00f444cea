import { expect, test } from 'vitest'
import { conversionError } from '../../../src/sandbox/patch/conversion-error.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'

const schema = createTypes(typesTable).type('io.k8s.api.apps.v1.Deployment')
const said = (given: string, path: string, type: string): string =>
  conversionError(`json: cannot unmarshal ${given} into Go struct field T.${path} of type ${type}`, schema)

test.each([
  ['string', 'spec.replicas', 'int32', 'unrecognized type: int32'],
  ['number 1.5', 'spec.replicas', 'int32', 'cannot convert float64 to int32'],
  ['number', 'spec.paused', 'bool', 'unrecognized type: bool'],
  ['number', 'spec.strategy.type', 'v1.DeploymentStrategyType', 'cannot convert int64 to v1.DeploymentStrategyType'],
  ['object', 'spec.strategy.type', 'v1.DeploymentStrategyType', 'unrecognized type: string'],
  ['string', 'spec', 'v1.DeploymentSpec', 'cannot restore struct from: string'],
  ['string', 'metadata.labels', 'map[string]string', 'cannot restore map from string'],
  ['bool', 'spec.strategy.rollingUpdate.maxSurge', 'int32', 'json: cannot unmarshal bool into Go value of type int32'],
])('%s for %s of type %s', (given, path, type, expected) => {
  expect(said(given, path, type)).toBe(expected)
})

test('another message stays as it is', () => {
  expect(conversionError('strict decoding error: unknown field "x"', schema)).toBe('strict decoding error: unknown field "x"')
})
