/** Tables as kubectl prints them: columns as wide as their longest cell, two spaces apart. */

/** @param paint a cell's text as it is shown, which takes as much room as the text */
export function table(
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const widths = rows[0]?.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (cells: readonly string[], row: number): string => {
    const last = cells.findLastIndex((cell) => cell !== '')
    const shown = cells.slice(0, last + 1)
    return shown.map((cell, at) => paint(cell, row, at) + (at < last ? ' '.repeat((widths[at] ?? 0) - cell.length) : '')).join('  ')
  }
  return `${rows.map(line).join('\n')}\n`
}
