/**
 * The types of what the package exports, for consumers in TypeScript: the declarations that can be reached from the entry, and no others.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const options = {
  target: 'es2024',
  lib: ['es2024', 'esnext.collection', 'esnext.iterator', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  rewriteRelativeImportExtensions: true,
  declaration: true,
  emitDeclarationOnly: true,
  // The sources are checked by `npm run check`; here only their types are written down.
  noCheck: true,
}

/** Writes `folder`/sandbox/index.d.ts and what it needs. Throws where the compiler does. */
export function writeDeclarations(folder) {
  const all = mkdtempSync(join(tmpdir(), 'fairlead-types-'))
  try {
    const config = join(all, 'tsconfig.json')
    const compilerOptions = { ...options, rootDir: join(root, 'src'), outDir: join(all, 'types') }
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [join(root, 'src/sandbox/index.ts')] }))
    const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`tsc failed: ${error?.message ?? stdout + stderr}`)
    copyReachable(join(all, 'types'), 'sandbox/index.d.ts', folder)
  } finally {
    rmSync(all, { recursive: true, force: true })
  }
}

const specifier = /((?:from|import)\s*\(?\s*['"])(\.[^'"]+)\.ts(['"])/g

function copyReachable(from, entry, to) {
  const waiting = [entry]
  const copied = new Set(waiting)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = readFileSync(join(from, path), 'utf8')
    mkdirSync(dirname(join(to, path)), { recursive: true })
    writeFileSync(join(to, path), text.replace(specifier, '$1$2.js$3'))
    for (const [, , name] of text.matchAll(specifier)) {
      const target = join(dirname(path), `${name}.d.ts`)
      if (!copied.has(target)) waiting.push(target)
      copied.add(target)
    }
  }
}
