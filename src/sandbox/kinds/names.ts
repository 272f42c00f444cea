/**
 * The forms of names: each check answers with what the server would say is wrong, nothing if all is well.
 *
 * (apimachinery, util/validation/validation.go and api/validate/content; the texts are part of the API)
 */

export type NameCheck = (name: string) => readonly string[]
/** `prefix`: more characters will follow, so a dash at the end is fine. */
export type ObjectNameCheck = (name: string, prefix: boolean) => readonly string[]

const none: readonly string[] = []

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const underscoredLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const underscoredSubdomain = `${underscoredLabel}(\\.${underscoredLabel})*`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const wildcard = `\\*\\.${subdomain}`
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const configKey = '[-._a-zA-Z0-9]+'
const percent = '[0-9]+%'
const headerName = '[-A-Za-z0-9]+'
const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

const whole = (source: string, flags = ''): RegExp => new RegExp(`^${source}$`, flags)
const labelPattern = whole(label)
const subdomainPattern = whole(subdomain)
const underscoredPattern = whole(underscoredSubdomain)
const dns1035Pattern = whole(dns1035)
const wildcardPattern = whole(wildcard)
const qualifiedPattern = whole(qualified)
const labelValuePattern = whole(labelValue)
const configKeyPattern = whole(configKey)
const percentPattern = whole(percent)
const headerNamePattern = whole(headerName)
const httpPathPattern = whole(httpPath)

/** Length as the server counts it: bytes of UTF-8. */
export const byteLength = (text: string): number => Buffer.byteLength(text)

const longerThan = (text: string, bytes: number): boolean => text.length > bytes || (text.length * 3 > bytes && byteLength(text) > bytes)

/** `… (e.g. 'a', or 'b', regex used for validation is '…')` */
export const patternMessage = (message: string, pattern: string, ...examples: string[]): string =>
  examples.length === 0
    ? `${message} (regex used for validation is '${pattern}')`
    : `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`

export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`

const maxCharacters = (count: number): string => `must be no more than ${count} characters`
const maxBytes = (count: number): string => `must be no more than ${count} bytes`

const labelMessage = patternMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  'my-name',
  '123-abc',
)
const subdomainMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain,
  'example.com',
)
const underscoredMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  underscoredSubdomain,
  'example.com',
)
const dns1035Message = patternMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035,
  'my-name',
  'abc-123',
)
const wildcardMessage = patternMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  wildcard,
  '*.example.com',
)
const qualifiedMessage = patternMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualified,
  'MyName',
  'my.name',
  '123-abc',
)
const labelValueMessage = patternMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValue,
  'MyValue',
  'my_value',
  '12345',
)
const relaxedEnvNameMessage = "a valid environment variable name must consist only of printable ASCII characters other than '='"
const configKeyMessage = patternMessage(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKey,
  'key.name',
  'KEY_NAME',
  'key-name',
)
const percentMessage = patternMessage("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%')
const headerNameMessage = patternMessage("a valid HTTP header must consist of alphanumeric characters or '-'", headerName, 'X-Header-Name')

/** The shape that most checks have: a limit of length and a pattern. */
const limited =
  (pattern: RegExp, message: string, limit: number, tooLongMessage: string): NameCheck =>
  (value) => {
    const long = longerThan(value, limit)
    const matches = pattern.test(value)
    if (!long && matches) return none
    return [...(long ? [tooLongMessage] : []), ...(matches ? [] : [message])]
  }

export const isDns1123Label: NameCheck = (value) => {
  const long = longerThan(value, 63)
  if (labelPattern.test(value)) return long ? [maxCharacters(63)] : none
  return [...(long ? [maxCharacters(63)] : []), subdomainPattern.test(value) ? 'must not contain dots' : labelMessage]
}
export const isDns1123Subdomain = limited(subdomainPattern, subdomainMessage, 253, maxCharacters(253))
export const isDns1123SubdomainWithUnderscore = limited(underscoredPattern, underscoredMessage, 253, maxCharacters(253))
export const isDns1035Label = limited(dns1035Pattern, dns1035Message, 63, maxCharacters(63))
export const isWildcardDns1123Subdomain = limited(wildcardPattern, wildcardMessage, 253, maxCharacters(253))
export const isLabelValue = limited(labelValuePattern, labelValueMessage, 63, maxBytes(63))

const qualifiedPrefix = limited(subdomainPattern, subdomainMessage, 253, maxBytes(253))

/** `name` or `prefix/name`: the keys of labels, the names of finalizers and of much else. */
export const isQualifiedName: NameCheck = (value) => {
  const slash = value.indexOf('/')
  if (slash >= 0 && value.includes('/', slash + 1))
    return [`a valid label key ${qualifiedMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const name = slash < 0 ? value : value.slice(slash + 1)
  const problems: string[] = []
  if (slash === 0) problems.push('prefix part must be non-empty')
  else if (slash > 0) for (const message of qualifiedPrefix(value.slice(0, slash))) problems.push(`prefix part ${message}`)
  if (name === '') problems.push('name part must be non-empty')
  else if (longerThan(name, 63)) problems.push(`name part ${maxBytes(63)}`)
  if (!qualifiedPattern.test(name)) problems.push(`name part ${qualifiedMessage}`)
  return problems
}

/** Names that a file in a volume gets must not lead out of it. */
const climbing: NameCheck = (value) => {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : none
}

export const isRelaxedEnvVarName: NameCheck = (value) => {
  if (value === '') return ['environment variable name must be non-empty']
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value) ? none : [relaxedEnvNameMessage]
}

/** The keys of a ConfigMap's or Secret's data. */
export const isConfigMapKey: NameCheck = (value) => {
  const long = longerThan(value, 253)
  if (!long && !value.startsWith('.') && configKeyPattern.test(value)) return none
  return [...(long ? [maxCharacters(253)] : []), ...(configKeyPattern.test(value) ? none : [configKeyMessage]), ...climbing(value)]
}

export const isPortNumber = (port: number): readonly string[] => (port >= 1 && port <= 65535 ? none : [rangeMessage(1, 65535)])
export const isInRange = (value: number, low: number, high: number): readonly string[] =>
  value >= low && value <= high ? none : [rangeMessage(low, high)]
/** User and group identifiers of processes. */
export const isUserId = (value: number): readonly string[] => isInRange(value, 0, 2147483647)

/** Names of ports in pods and services: IANA service names. */
export const isPortName: NameCheck = (value) => {
  const problems: string[] = []
  if (longerThan(value, 15)) problems.push(maxCharacters(15))
  if (!/^[-a-z0-9]+$/.test(value)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)')
  if (value.includes('--')) problems.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems
}

export const isPercent: NameCheck = (value) => (percentPattern.test(value) ? none : [percentMessage])
export const isHttpHeaderName: NameCheck = (value) => (headerNamePattern.test(value) ? none : [headerNameMessage])
export const isHttpPath: NameCheck = (value) => (httpPathPattern.test(value) ? none : [patternMessage('Invalid path', httpPath)])

/** What may stand in a path: every object's name, whatever its kind demands besides. */
export const isPathSegment: ObjectNameCheck = (name, prefix) => {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  if (!name.includes('/') && !name.includes('%')) return none
  return ['/', '%'].filter((each) => name.includes(each)).map((each) => `may not contain '${each}'`)
}

/** The server replaces a dash at the end together with the character before it. */
const masked = (name: string, prefix: boolean): string => (prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name)

export const nameIsDnsSubdomain: ObjectNameCheck = (name, prefix) => isDns1123Subdomain(masked(name, prefix))
export const nameIsDnsLabel: ObjectNameCheck = (name, prefix) => isDns1123Label(masked(name, prefix))
