import { describe, expect, it } from 'vitest'
import { printTable } from '../../../scripts/demo/tables.ts'

const columnDefinitions = [
  { name: 'Name', priority: 0 },
  { name: 'Replicas', priority: 0 },
  { name: 'Node', priority: 1 },
  { name: 'Age', priority: 0 },
]

describe('a table of the server', () => {
  it('is aligned under its headings, without the columns of -o wide', () => {
    const rows = [{ cells: ['shop', 2, 'node-1', '5s'] }, { cells: ['a-longer-name', null, 'node-2', '12m'] }]
    expect(printTable({ columnDefinitions, rows })).toEqual([
      'NAME            REPLICAS   AGE',
      'shop            2          5s',
      'a-longer-name              12m',
    ])
  })

  it('names the kind before each name where there are several', () => {
    expect(printTable({ columnDefinitions, rows: [{ cells: ['shop', 2, '', '5s'] }] }, 'deployment.apps/')).toEqual([
      'NAME                   REPLICAS   AGE',
      'deployment.apps/shop   2          5s',
    ])
  })

  it('without rows is nothing', () => {
    expect(printTable({ columnDefinitions, rows: null })).toEqual([])
    expect(printTable({ columnDefinitions, rows: [] })).toEqual([])
  })
})
