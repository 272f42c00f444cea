/** The examples of docs/guides/playbooks.md compile. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compileFiles } from '../playbook/sample.ts'

const guide = readFileSync(fileURLToPath(new URL('../../docs/guides/playbooks.md', import.meta.url)), 'utf8')
const blocks = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text).filter((text) => !text.includes('watches.yaml'))
const templates = ['database', 'shop', 'app'].map((name): [string, string] => [
  `templates/${name}.yaml.eta`,
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`,
])

/** A part of a playbook as a whole one. */
function whole(text: string): string {
  if (text.includes('name: shop\n')) return text
  return text.startsWith('schedules:') ? `name: part\nsteps:\n  - set: { one: '1' }\n${text}` : `name: part\nsteps:\n${text}`
}

describe('the guide to playbooks', () => {
  it('has examples', () => expect(blocks.length).toBeGreaterThan(3))

  it.each(blocks)('%s', (text) => {
    expect(compileFiles(new Map([['p.yaml', whole(text)], ...templates])).errors).toEqual([])
  })
})
