/** What the certificate says, for the terminal and for the page in docs/. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Certificate, Failure } from '../../src/testing/crashes/certificate.ts'

export interface Part {
  title: string
  certificate: Certificate
  seconds: number
  seed: string
}

export const pageFile = fileURLToPath(new URL('../../docs/reference/crash-certificate.md', import.meta.url))

export const writePage = (text: string): void => writeFileSync(pageFile, text)

export function failureText({ history, point, step, lines }: Failure): string {
  const where = point ? `killed ${point.moment} ${point.call}` : 'not killed'
  return [`✗ ${history}, ${where}: ${step}`, ...lines.map((line) => `    ${line}`)].join('\n')
}

/** A row for each history, and the sum: `812/812`. */
export function table({ certificate: { results }, seconds, title, seed }: Part): string {
  const rows = results.map(({ history, calls, points, played, equal, unmet }) => [
    history.name,
    history.title,
    String(calls),
    String(points),
    `${equal}/${played}`,
    String(unmet),
  ])
  const sum = (key: 'calls' | 'points' | 'played' | 'equal' | 'unmet'): number => results.reduce((all, result) => all + result[key], 0)
  const total = ['**all**', '', String(sum('calls')), String(sum('points')), `**${sum('equal')}/${sum('played')}**`, String(sum('unmet'))]
  const head = ['scenario', 'what happens in it', 'calls', 'points', 'equal', 'other call']
  const lines = [head, head.map(() => '---'), ...rows, total].map((cells) => `| ${cells.join(' | ')} |`)
  return [`### On ${title}`, '', ...lines, '', `In ${seconds} s, with the seed ${seed}.`].join('\n')
}

/** @param tables as `table` makes them */
export const page = (tables: readonly string[]): string => `# The crash certificate

An operator that is killed at any moment and started again comes to the state that it would have come to. This page is the last output of
\`npm run certificate\`, which tries that out.

## What is done

A scenario's \`crashes.yaml\` (in \`test/scenarios/\`) tells a history: objects are applied, changed and deleted around a small operator, and its
charts change. It is played twice without a crash, to learn which calls the operator makes (every request to the API server, also the
discovery, lists and watches of its start) and to see that its states do not depend on chance. Then it is played again for each call and
each of three moments, on a cluster or in a namespace of its own:

- **before**: the operator is killed when it sends the call, and the server never sees it;
- **during**: the server carries it out, and the operator is killed before the answer arrives;
- **after**: the operator is killed when it has the answer.

It is started again, and the history goes on. After each step the cluster has to come to the state of the run without a crash, and at the
end it has to stay there.

**Compared** is every object that the operator or the history has written, with all of its fields: metadata, managed fields, status, the
operator's own inventory. Another thing in each run, and therefore replaced by what it stands for, are UIDs (and the hashes that they go
into), times, names of namespaces, addresses that the server picks, how many templates a Deployment has had, what its ReplicaSets are
named, and generated values. A generated value is compared all the same: with the first one that this run has shown at its place, looked at
once more when the operator was killed, so that a password that is made a second time is found. Left out are resource versions, Events, and
what only the cluster's own controllers write, such as Pods.

**Killed** means, in the simulations, where every point is played: operator and sandbox are in one process and have a time of their own; at
the point the operator is cut off from its server, nothing that it does after that reaches anybody, and another one is made. In the other
runs it is the real binary in a process of its own: a proxy between it and the server cuts it off at the point, and SIGKILL ends it. Those
points are a sample, chosen by the seed. A history whose operator works in all namespaces needs a cluster for itself, and is played on the
sandbox alone.

Not tried are two crashes in one run, and a process that is started again only when the history has gone on.

Calls are made side by side, so that not every run makes the very same ones. Where the call at which the operator was to be killed did not
come, it was killed at the end; the last column counts these runs. A process that is alive for longer makes more calls: in a simulation each
step takes minutes, so that audits and new watches are among them.

## Its last output

${tables.join('\n\n')}
`
