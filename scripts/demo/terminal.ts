/** How the demo looks: plain text, with colours where the output is a terminal that wants them. */
import { stripVTControlCharacters, styleText } from 'node:util'
import { Failed } from './failed.ts'

const styled = (format: Parameters<typeof styleText>[0], text: string): string => styleText(format, text, { stream: process.stdout })

export const line = (text: string): void => console.log(text)

export const heading = (text: string): void => console.log(`\n${styled('bold', text)}`)

/** A command as a person would type it. */
export const command = (text: string): void => console.log(styled('cyan', `$ ${text}`))

/** What came of it, and after how long. */
export const outcome = (text: string, milliseconds: number): void =>
  console.log(`${styled('green', `→ ${text}`)} ${styled('dim', `(${(milliseconds / 1000).toFixed(2)} s)`)}`)

/** A line of the operator's log. What it quotes cannot colour or move anything here. */
export const logged = (level: string, text: string): void =>
  console.log(styled(level === 'info' ? 'dim' : 'yellow', `  operator: ${stripVTControlCharacters(text)}`))

/** Why the demo ends with 1, on stderr: a sentence for what was foreseen, everything for what was not. */
export function complain(error: unknown): void {
  console.error('\nfairlead:', error instanceof Failed ? error.message : error)
}
