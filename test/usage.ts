/** `--help` of the programs below test/: the comment that their file begins with. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The comment at the head of a source, without its marks. */
export const headOf = (source: string): string =>
  (/^\/\*\*(.*?)\*\//s.exec(source)?.[1] ?? '')
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n')
    .trim()

/** Prints the head of the program at this URL, and ends the process. */
export function printUsage(url: string): never {
  console.log(headOf(readFileSync(fileURLToPath(url), 'utf8')))
  process.exit()
}
