/** Tables as `kubectl get` prints them: the server says the columns and cells, the client aligns them. (meta.k8s.io/v1 Table) */

export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows?: readonly { readonly cells: readonly unknown[] }[] | null
}

/** @param prefix stands before each name: `pod/`. Lines without columns that only `-o wide` shows; none for a table without rows. */
export function printTable({ columnDefinitions, rows }: Table, prefix = ''): string[] {
  if (!rows?.length) return []
  const shown = columnDefinitions.flatMap(({ priority }, index) => (priority === 0 ? [index] : []))
  const cells = [
    shown.map((index) => columnDefinitions[index]?.name.toUpperCase() ?? ''),
    ...rows.map((row) => shown.map((index, column) => (column === 0 ? prefix : '') + text(row.cells[index]))),
  ]
  const widths = shown.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}

const text = (cell: unknown): string => (cell === null || cell === undefined ? '' : String(cell))
