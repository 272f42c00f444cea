import { expect, test } from 'vitest'
import { duplicateFields } from '../../../src/sandbox/patch/duplicate-fields.ts'

const found = (text: string): string[] => duplicateFields(text, JSON.parse(text))

test('a field that is written twice is reported with its path', () => {
  expect(found('{"data":{"key":"1","key":"2"}}')).toEqual(['duplicate field "data.key"'])
  expect(found('[{"op":"add","path":"/a","path":"/b"}]')).toEqual(['duplicate field "[0].path"'])
})

test('fields of the same name in different objects are no duplicates', () => {
  expect(found('{"a":{"name":1},"b":[{"name":2},{"name":3.5}]}')).toEqual([])
})
