/** What the engine cannot be told to do differently is said differently before a rule is checked: `matches` is that of RE2. */

interface Ast {
  readonly op: string
  readonly args: unknown
}

const renamed: Readonly<Record<string, string>> = { matches: 'matchesRe2' }

/** Changes the tree in place. */
export function rewrite(ast: unknown): void {
  if (Array.isArray(ast)) {
    for (const each of ast) rewrite(each)
    return
  }
  if (ast === null || typeof ast !== 'object') return
  const { op, args } = ast as Ast
  if (!Array.isArray(args)) return
  if ((op === 'rcall' || op === 'call') && typeof args[0] === 'string' && Object.hasOwn(renamed, args[0])) args[0] = renamed[args[0]]
  rewrite(args)
}
