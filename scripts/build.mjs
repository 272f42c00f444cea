/**
 * `npm run build [FOLDER]`: bundles the sources into FOLDER (default dist). What comes out needs Node 22.19 and nothing else.
 *
 * What a command imports lazily becomes a chunk of its own, so that `render` or `--help` never reads the Kubernetes client.
 */
import { chmod, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const outdir = resolve(process.argv[2] ?? join(root, 'dist'))

await rm(outdir, { recursive: true, force: true })
await build({
  entryPoints: { fairlead: join(root, 'scripts/launcher.mjs') },
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
  logLevel: 'warning',
})
await chmod(join(outdir, 'fairlead.js'), 0o755)
