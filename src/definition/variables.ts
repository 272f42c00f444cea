/**
 * `${NAME}` in overrideValues: values that the operator's environment gives, e.g. the image that an installer has chosen.
 *
 * A plain scalar that is nothing but `${NAME}` takes the variable's value with the type that YAML would read from it. In a longer or quoted
 * scalar the value is text. A value is never scanned again, and never becomes structure.
 */
import type { Position, Problem } from '../api/problem.ts'
import { nearest } from '../api/nearest.ts'
import { emptyMap, type Node, type PlainValue, type ScalarNode } from '../yaml/node.ts'
import { plainScalar } from '../yaml/scalars.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The plain value of a node with all variables filled in; the problems that this finds are added to `problems`. */
export function substitute(node: Node, environment: Environment, problems: Problem[]): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return substituteScalar(node, environment, problems)
    case 'sequence':
      return node.items.map((item) => substitute(item, environment, problems))
    case 'mapping': {
      const map = emptyMap()
      for (const { key, value } of node.entries) map[key.text] = substitute(value, environment, problems)
      return map
    }
  }
}

const whole = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}$/
const parts = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

function substituteScalar(node: ScalarNode, environment: Environment, problems: Problem[]): PlainValue {
  const alone = node.style === 'plain' ? whole.exec(node.text) : null
  if (alone) {
    const text = lookUp(alone[1] as string, alone[2], environment, node.at, problems)
    // A variable that is set to nothing is an empty string: as null it would delete the chart's own value.
    return text === '' ? '' : plainScalar(text)
  }
  if (!node.text.includes('${')) return node.value
  return node.text.replaceAll(parts, (match, name: string | undefined, fallback: string | undefined) => {
    if (match === '$${') return '${'
    if (name !== undefined) return lookUp(name, fallback, environment, node.at, problems)
    problems.push({
      code: 'WATCH_INVALID',
      message: '"${" does not begin a variable here',
      at: node.at,
      remedy: 'write ${NAME} or ${NAME:-default}, or $${ for the characters themselves',
    })
    return match
  })
}

function lookUp(name: string, fallback: string | undefined, environment: Environment, at: Position, problems: Problem[]): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined
  if (value !== undefined && (value !== '' || fallback === undefined)) return value
  if (fallback !== undefined) return fallback
  const near = nearest(name, Object.keys(environment))
  const defaulted = `set it, or give a default: \${${name}:-…}`
  problems.push({
    code: 'WATCH_UNSET_VARIABLE',
    message: `the environment variable ${name} is not set`,
    at,
    remedy: near ? `did you mean "${near}"? Otherwise ${defaulted}` : defaulted,
  })
  return ''
}
