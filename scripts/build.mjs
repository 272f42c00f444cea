/**
 * `npm run build [FOLDER]`: bundles the sources into FOLDER (default dist): the command, and `fairlead/sandbox` with its types. What comes
 * out needs Node 22.19 and nothing else.
 *
 * What a command imports lazily becomes a chunk of its own, so that `render` or `--help` never reads the Kubernetes client.
 */
import { chmod, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeDeclarations } from './declarations.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const outdir = resolve(process.argv[2] ?? join(root, 'dist'))

/** Node parses JSON several times faster than the same data as JavaScript. */
const jsonAsText = {
  name: 'json-as-text',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.json$/ }, async ({ path }) => {
      const text = JSON.stringify(JSON.parse(await readFile(path, 'utf8')))
      return { contents: `export default JSON.parse(${JSON.stringify(text)})`, loader: 'js' }
    }),
}

/**
 * pino finds out which files it was called from, for loggers in threads, which there are none of. Under `--enable-source-maps` Node reads
 * the maps for that, and keeps 10 MB for as long as the process runs.
 */
const callersOfNobody = {
  name: 'callers-of-nobody',
  setup: ({ onLoad }) => onLoad({ filter: /[/\\]pino[/\\]lib[/\\]caller\.js$/ }, () => ({ contents: 'module.exports = () => []' })),
}

await rm(outdir, { recursive: true, force: true })
await build({
  entryPoints: { fairlead: join(root, 'scripts/launcher.mjs'), sandbox: join(root, 'src/sandbox/index.ts') },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  // Dependencies in CommonJS ask for Node's modules by require(), which an ES module does not have by itself.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  plugins: [jsonAsText, callersOfNobody],
  logLevel: 'warning',
})
writeDeclarations(join(outdir, 'types'))
await chmod(join(outdir, 'fairlead.js'), 0o755)
