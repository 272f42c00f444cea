/**
 * Reading a project from disk: the one place of this folder that touches files.
 *
 * Whatever stands there instead of a readable text file is a problem with the file's name, never an exception. Links are followed, since a
 * ConfigMap that is mounted into a pod consists of them.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../api/problem.ts'

/** No text file of a project is larger: the API server's own limit for an object is 3 MiB. */
const largestFile = 5 * 1024 * 1024

/** The text of a file without a byte order mark, or why it cannot be read. `file` is also the name in the problem. */
export function readText(file: string): { text: string; problem?: undefined } | { text?: undefined; problem: Problem } {
  const content = readBytes(file)
  if ('problem' in content) return content
  const text = decode(content.bytes)
  if (text === undefined)
    return { problem: { code: 'YAML_INVALID', message: 'the file is not UTF-8 text', at: { file }, remedy: 'save it as UTF-8' } }
  return { text }
}

/** What a folder holds. */
export interface Folder {
  /** By path relative to the folder, with `/`, in the order of their names. What is not UTF-8 text is bytes. */
  files: ReadonlyMap<string, string | Uint8Array>
  problems: Problem[]
}

/** Every file below a folder but hidden ones. */
export function readFolder(folder: string): Folder {
  const files = new Map<string, string | Uint8Array>()
  const problems: Problem[] = []
  walk(folder, '', [], files, problems)
  return { files, problems }
}

function walk(
  folder: string,
  prefix: string,
  parents: readonly string[],
  files: Map<string, string | Uint8Array>,
  problems: Problem[],
): void {
  let names: string[]
  try {
    const real = realpathSync(folder)
    // A link to a folder above itself would never end.
    if (parents.includes(real)) return
    parents = [...parents, real]
    names = readdirSync(folder).sort()
  } catch (error) {
    problems.push(unreadable(folder, error, 'folder'))
    return
  }
  for (const name of names) {
    // Hidden files are an editor's or version control's; `..data` is how a mounted ConfigMap keeps its versions.
    if (name.startsWith('.')) continue
    const file = join(folder, name)
    if (isFolder(file)) {
      walk(file, `${prefix}${name}/`, parents, files, problems)
      continue
    }
    const content = readBytes(file)
    if ('problem' in content) {
      problems.push(content.problem)
      continue
    }
    const text = decode(content.bytes)
    files.set(`${prefix}${name}`, text ?? content.bytes)
    if (text === undefined && /\.(eta|ya?ml|json)$/.test(name)) {
      problems.push({ code: 'CHART_INVALID', message: 'the file is not UTF-8 text', at: { file }, remedy: 'save it as UTF-8' })
    }
  }
}

function readBytes(file: string): { bytes: Uint8Array } | { problem: Problem } {
  try {
    const { size } = statSync(file)
    if (size > largestFile) {
      const message = `the file has ${size} bytes; a file of a project has at most ${largestFile}`
      return { problem: { code: 'FILE_MISSING', message, at: { file }, remedy: 'is it the right file?' } }
    }
    return { bytes: readFileSync(file) }
  } catch (error) {
    return { problem: unreadable(file, error, 'file') }
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Reading it says what is wrong with it.
    return false
  }
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function unreadable(file: string, error: unknown, expected: 'file' | 'folder'): Problem {
  const code = (error as NodeJS.ErrnoException).code
  const message = reasons[code ?? '']?.(expected) ?? `the ${expected} cannot be read: ${code ?? String(error)}`
  return { code: 'FILE_MISSING', message, at: { file } }
}

const reasons: Readonly<Record<string, (expected: string) => string>> = {
  ENOENT: (expected) => `there is no such ${expected}`,
  EISDIR: () => 'this is a folder, not a file',
  ENOTDIR: (expected) => (expected === 'folder' ? 'this is a file, not a folder' : 'a part of the path is not a folder'),
  EACCES: (expected) => `the ${expected} may not be read by this user`,
  ELOOP: () => 'the link points to itself',
}
