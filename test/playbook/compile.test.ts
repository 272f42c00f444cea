import { describe, expect, it } from 'vitest'
import { compileFiles, compileSteps } from './sample.ts'

/** What is wrong with a playbook of these steps, which begin in line 3; `p.yaml:` stands for the playbook. */
const problemsOf = (steps: string, files: Readonly<Record<string, string>> = {}): string[] =>
  compileSteps(steps, files).errors.map((line) => line.replaceAll('app/p.yaml:', ''))

const playbookProblems = (text: string, files: Readonly<Record<string, string>> = {}): string[] =>
  compileFiles(new Map([['p.yaml', text], ...Object.entries(files)])).errors.map((line) => line.replaceAll('app/p.yaml:', ''))

describe('a mistake in a step is told with line and column, and what was probably meant:', () => {
  it.each<[string, string, string | string[]]>([
    ['a kind that there is not', '- wiat: it.spec.size\n', '3:5: "wiat" is no kind of step; did you mean "wait"? (PLAYBOOK_UNKNOWN_KEY)'],
    ['no kind at all', '- name: nothing\n', expect.stringMatching(/^3:5: the step does nothing; it has one of: apply, get, http, /)],
    [
      'two kinds',
      '- id: a\n  set: { b: 1 }\n  wait: true\n',
      '4:5: a step is of one kind, not of wait and set; make two steps of it (PLAYBOOK_INVALID)',
    ],
    [
      'a key that there is not',
      '- set: { a: 1 }\n  wehn: true\n',
      '4:5: "wehn" is not a field of a step; did you mean "when"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    [
      'a key of its kind that there is not',
      '- id: a\n  http: { get: http://a, heders: {} }\n  read: { every: 1m }\n',
      '4:28: "heders" is not a field of http; did you mean "headers"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    [
      'a key deeper in its kind',
      '- id: a\n  http: { get: http://a, tls: { servername: x } }\n  read: { every: 1m }\n',
      '4:35: "servername" is not a field of http.tls; did you mean "serverName"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    [
      'a key of an item',
      '- id: a\n  delete: [{ kind: Pod, nmae: x }]\n',
      '4:27: "nmae" is not a field of delete[0]; did you mean "name"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    [
      'a value of the wrong type',
      '- id: a\n  http: { get: http://a, headers: [a] }\n  read: { every: 1m }\n',
      '4:37: http.headers must be object (STEP_INVALID)',
    ],
    ['something missing', '- get: { name: x }\n', '3:10: get lacks kind (STEP_INVALID)'],
    [
      'a key that means nothing for its kind',
      '- set: { a: 1 }\n  retries: 3\n',
      '4:5: retries means nothing for a step with set (PLAYBOOK_INVALID)',
    ],
    [
      'an act without an id',
      '- job: { image: busybox }\n  onUnknown: retry\n',
      '3:5: a step with job has an id: what it has done is recorded under it; e.g. id: migrate (PLAYBOOK_INVALID)',
    ],
    [
      'a read without an id',
      '- http: { get: http://a }\n  read: { every: 1m }\n',
      '3:5: a step with read has an id: others read its answer as it.steps.ID (PLAYBOOK_INVALID)',
    ],
    [
      'an id that stands twice',
      '- id: a\n  get: { kind: Pod }\n- id: a\n  get: { kind: Pod }\n',
      '5:9: the id a stands twice: first in line 3 (PLAYBOOK_INVALID)',
    ],
    [
      'an id of other characters',
      '- id: a_b\n  get: { kind: Pod }\n',
      '3:9: "a_b" is no id; an id has at most 40 letters, digits and dashes, and begins with a letter (PLAYBOOK_INVALID)',
    ],
    [
      'a duration without a unit',
      '- id: a\n  http: { get: http://a }\n  read: { every: 1m }\n  delay: 5\n',
      '6:12: delay is a duration; e.g. 30s, 1m30s (PLAYBOOK_INVALID)',
    ],
    [
      'a number in quotes',
      '- id: a\n  http: { get: http://a }\n  read: { every: 1m }\n  retries: "5"\n',
      '6:14: retries is a whole number that is not negative; e.g. 5 (PLAYBOOK_INVALID)',
    ],
    [
      'a choice that there is not',
      '- id: a\n  http: { post: http://a }\n  onUnknown: rerty\n',
      '5:16: onUnknown is fail or retry; did you mean "retry"? (PLAYBOOK_INVALID)',
    ],
    [
      'a tag in a field that is known before',
      '- id: <%= it.name %>\n  get: { kind: Pod }\n',
      '3:9: id is known before anything is evaluated; write it without a tag (PLAYBOOK_INVALID)',
    ],
    [
      'a template that is not there',
      '- apply: { templates: [sevice.yaml.eta] }\n',
      '3:26: there is no template sevice.yaml.eta; templates stand in the folder templates/ beside the playbook (FILE_MISSING)',
    ],
    [
      'an apply of nothing',
      '- apply: { prune: false }\n',
      '3:12: the step applies nothing; it has an object, objects, templates or a chart (PLAYBOOK_INVALID)',
    ],
    [
      'a lane that there is not',
      '- run: backup\n',
      '3:5: there is no schedule backup; run names a schedule, whose steps it walks (PLAYBOOK_INVALID)',
    ],
    [
      'items without names',
      '- loop: [{ a: 1 }]\n  set: { b: 1 }\n',
      '3:12: an item of this loop has no name to be known by; give the step a key, e.g. key: it.item.id (PLAYBOOK_INVALID)',
    ],
    [
      'a rule with an operator that there is not',
      "- when: { '=': [1, 1] }\n  set: { a: 1 }\n",
      expect.stringMatching(/^3:11: "=" is not an operator; /),
    ],
    ['steps that are no maps', '- wait\n', expect.stringMatching(/^3:5: a step is a map; it has one of: /)],
    [
      'a step within a block',
      '- block:\n    - fial: no\n',
      expect.stringMatching(/^4:9: "fial" is no kind of step; did you mean "fail"\?/),
    ],
  ])('%s', (_title, steps, expected) => {
    expect(problemsOf(steps)).toEqual(Array.isArray(expected) ? expected : [expected])
  })

  it('all of them at once', () => {
    expect(problemsOf('- wiat: 1\n- id: a\n  job: {}\n- set: { x: it.spec. }\n')).toHaveLength(3)
  })
})

describe('a mistake in an expression is told where it stands:', () => {
  it.each<[string, string, string]>([
    ['a syntax error', '- when: it.spec.size >\n  set: { a: 1 }\n', "3:11: Unexpected token ')' (TEMPLATE_SYNTAX)"],
    [
      'something that code cannot use',
      '- set: { a: it.name + Date.now() }\n',
      '3:25: Date is not available in templates; use it.now and the date functions (TEMPLATE_FORBIDDEN)',
    ],
    [
      'in a block scalar',
      '- set:\n    a: |\n      it.spec.size +\n        process.env\n',
      '6:11: process is not available in templates; values from the environment come through overrideValues (TEMPLATE_FORBIDDEN)',
    ],
    [
      'in a folded scalar',
      '- set:\n    a: >-\n      it.spec.size +\n      process.env\n',
      '6:9: process is not available in templates; values from the environment come through overrideValues (TEMPLATE_FORBIDDEN)',
    ],
    [
      'behind quotes',
      `- set: { a: 'it.name + ''x'' + Date' }\n`,
      '3:34: Date is not available in templates; use it.now and the date functions (TEMPLATE_FORBIDDEN)',
    ],
    ['in a tag', '- fail: "no <%= eval(1) %>"\n', '3:19: eval is not available in templates (TEMPLATE_FORBIDDEN)'],
    [
      'a function that there is not',
      '- set: { a: redy(it.spec) }\n',
      '3:15: there is no function redy; functions of the playbook are the exports of functions.js beside it (TEMPLATE_UNDEFINED)',
    ],
    [
      'a function that was probably meant',
      '- set: { a: isRedy(null) }\n',
      '3:15: there is no function isRedy; did you mean isReady? (TEMPLATE_UNDEFINED)',
    ],
    [
      'a step that there is not',
      '- id: pods\n  get: { kind: Pod }\n- set: { a: it.steps.pod.items }\n',
      '5:15: no step has the id pod; did you mean "pods"? (TEMPLATE_UNDEFINED)',
    ],
    [
      'a value that nothing sets',
      '- set: { a: 1, b: it.set.c }\n',
      '3:21: no step sets c; it.set has what `set` steps give names to (TEMPLATE_UNDEFINED)',
    ],
    [
      'a var that there is not',
      '- set: { a: it.vars.x }\n',
      '3:15: there is no var x; it.vars has what stands under vars (TEMPLATE_UNDEFINED)',
    ],
    [
      'a memory that nothing makes',
      '- remember: { born: true }\n- wait: it.memory.bron\n',
      '4:11: no step remembers bron; did you mean "born"? (TEMPLATE_UNDEFINED)',
    ],
    [
      'a block that there is not',
      "- wait: it.failed('x')\n",
      '3:11: no step has the id x; a block that others ask for has an id (TEMPLATE_UNDEFINED)',
    ],
    [
      'tags around it',
      '- when: <%= it.spec.size %>\n  set: { a: 1 }\n',
      '3:11: an expression has no tags; write what stands between <%= and %> alone (PLAYBOOK_INVALID)',
    ],
    [
      'a list',
      '- set: { a: [1, 2] }\n',
      '3:15: an expression is a text, or a rule of JSON Logic as a map; write a list as one expression: "[a, b]" (PLAYBOOK_INVALID)',
    ],
    [
      'code tags',
      '- fail: a <% if (1) { %> b <% } %>\n',
      '3:13: <% %> is not available in a playbook; when, loop and block say it in YAML (PLAYBOOK_INVALID)',
    ],
  ])('%s', (_title, steps, expected) => {
    expect(problemsOf(steps)[0]).toBe(expected)
  })

  it('in a template that a step applies', () => {
    expect(problemsOf('- apply: { templates: [a.yaml.eta] }\n', { 'templates/a.yaml.eta': 'kind: <%= it.set.x %>\n' })).toEqual([
      'app/templates/a.yaml.eta:1:11: no step sets x; it.set has what `set` steps give names to (TEMPLATE_UNDEFINED)',
    ])
  })
  it('in functions.js', () => {
    expect(
      problemsOf('- set: { a: twice(2) }\n', {
        'functions.js': 'export const twice = (n) => n * 2\n\nexport const at = () => Date.now()\n',
      })[0],
    ).toBe('app/functions.js:3:25: Date is not available in templates; use it.now and the date functions (TEMPLATE_FORBIDDEN)')
  })
})

const moved = 'move the expression to a `set` step, or put the whole text into quotes'

describe('a tag that YAML takes apart is an error that says where it can go:', () => {
  it.each<[string, string, number, number]>([
    ['at a colon', '- fail: a <%= it.spec.a ? 1 : 2 %>\n', 3, 0],
    ['at a comment', '- fail: a <%= it.spec.a # b %>\n', 3, 13],
    ['at a comma in braces', '- status: { a: <%= max([1, 2]) %> }\n', 3, 0],
    ['at a brace in braces', '- status: { a: <%= textOf({ b: 1 }) %> }\n', 3, 0],
    ['at a bracket in brackets', '- id: x\n  delete: [<%= it.steps.x[0] %>]\n', 4, 0],
  ])('%s', (_title, steps, line, column) => {
    const [first] = problemsOf(steps)
    expect(first).toMatch(column > 0 ? new RegExp(`^${line}:${column}: `) : new RegExp(`^${line}:\\d+: `))
    expect(first).toContain(moved)
  })
  it.each([
    '- set: { a: 1 }\n  when: !it.name\n',
    '- set:\n    a: [1].find(n => n)\n',
    "- set:\n    a: 'x' + it.name\n",
    '- set:\n    a: it.x ? 1 : 2\n',
  ])('as is an expression: %j', (steps) => {
    expect(problemsOf(steps)[0]).toMatch(
      /^4:\d+: .*; an expression that begins with ! & \* \[ \{ or a quote, or that has ": " or " #" in it, stands in quotes or behind "\|-" \(YAML_INVALID\)$/,
    )
  })
  it('over several lines', () => {
    expect(problemsOf('- fail: |\n    a <%= it.name +\n    it.name %>\n')).toEqual([
      '4:9: a tag of a playbook stands on one line; move the expression to a `set` step (PLAYBOOK_INVALID)',
    ])
  })
})

describe('a playbook', () => {
  it.each<[string, string, string]>([
    ['has a name', 'steps: []\n', '1:1: the playbook has no name; e.g. name: etcd (PLAYBOOK_INVALID)'],
    ['is a map', '- a\n', '1:1: a playbook is a map; it has: name, vars, steps, schedules, delete, include (PLAYBOOK_INVALID)'],
    [
      'has no other keys',
      'name: a\nstpes: []\n',
      '2:1: "stpes" is not a field of a playbook; did you mean "steps"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    ['is one document', 'name: a\n---\nname: b\n', '3:1: the file holds more than one document (PLAYBOOK_INVALID)'],
    [
      'has schedules with times',
      'name: a\nschedules: { b: { steps: [] } }\n',
      '2:14: the schedule b has no cron; e.g. cron: "0 3 * * *" (PLAYBOOK_INVALID)',
    ],
    [
      'has schedules without other keys',
      'name: a\nschedules: { b: { cron: "* * * * *", timezone: UTC } }\n',
      '2:38: "timezone" is not a field of a schedule; did you mean "timeZone"? (PLAYBOOK_UNKNOWN_KEY)',
    ],
    [
      'has schedules that do not run themselves',
      'name: a\nschedules: { b: { cron: "* * * * *", steps: [{ run: b }] } }\n',
      '2:14: the schedule b runs itself (PLAYBOOK_INVALID)',
    ],
    [
      'includes files that are there',
      'name: a\ninclude: [b.yaml]\n',
      '2:11: there is no file b.yaml in the folder of the playbook (FILE_MISSING)',
    ],
    ['has each var once', 'name: a\ninclude: [b.yaml]\nvars: { x: 1 }\n', '3:9: the var x stands twice (PLAYBOOK_INVALID)'],
  ])('%s', (_title, text, expected) => {
    expect(playbookProblems(text, text.includes('vars') ? { 'b.yaml': 'vars: { x: 2 }\n' } : {})[0]).toBe(expected)
  })

  it('can be made of several files, whose mistakes are told with their names', () => {
    const files = {
      'common.yaml': 'vars: { host: <%= it.name %> }\nsteps:\n  - set: { a: it.vars.host }\n',
      'check.yaml': '- assert: it.set.a\n- wiat: 1\n',
    }
    const text = 'name: a\ninclude: [common.yaml]\nsteps:\n  - include: check.yaml\n  - set: { b: it.set.a }\n'
    expect(playbookProblems(text, files)).toEqual([
      'app/check.yaml:2:3: "wiat" is no kind of step; did you mean "wait"? (PLAYBOOK_UNKNOWN_KEY)',
    ])
    const fixed = compileFiles(new Map([['p.yaml', text], ...Object.entries({ ...files, 'check.yaml': '- assert: it.set.a\n' })]))
    expect(fixed.playbook?.steps.map(({ does }) => does.kind)).toEqual(['set', 'assert', 'set'])
  })
  it('does not include itself', () => {
    expect(playbookProblems('name: a\ninclude: [p.yaml]\n')[0]).toBe('2:11: p.yaml includes itself (PLAYBOOK_INVALID)')
    expect(playbookProblems('name: a\nsteps:\n  - include: b.yaml\n', { 'b.yaml': '- include: b.yaml\n' })[0]).toBe(
      'app/b.yaml:1:12: b.yaml includes itself (PLAYBOOK_INVALID)',
    )
  })
  it('has another revision for other files, and for other vars', () => {
    const of = (text: string, vars = {}): string | undefined => compileFiles(new Map([['p.yaml', text]]), { vars }).playbook?.revision
    const text = 'name: a\nvars: { x: 1 }\nsteps: [{ set: { b: it.vars.x } }]\n'
    expect(of(text)).toBe(of(text))
    expect(new Set([of(text), of(`${text}# more\n`), of(text, { x: 2 })]).size).toBe(3)
  })
  it('may have steps that act and say neither doneWhen nor onUnknown: a warning names each', () => {
    const steps = [
      'delete: [{ kind: Pod, name: a }]',
      'http: { post: http://a }',
      'exec: { pod: a, command: [b] }',
      'command: [a]',
      'job: { image: a }',
    ]
    for (const step of steps) {
      const { problems } = compileSteps(`- id: a\n  ${step}\n`)
      expect(problems.map(({ code, severity, at }) => [code, severity, at?.line])).toEqual([['STEP_UNGUARDED', 'warning', 4]])
      expect(compileSteps(`- id: a\n  ${step}\n  onUnknown: retry\n`).problems).toEqual([])
      expect(compileSteps(`- id: a\n  ${step}\n  doneWhen: it.status.done\n`).problems).toEqual([])
    }
    const harmless = [
      'http: { get: http://a }',
      'patch: { ref: { kind: Pod, name: a }, patch: { spec: {} } }',
      'scale: { ref: { kind: Deployment, name: a }, replicas: 0 }',
    ]
    for (const step of harmless) expect(compileSteps(`- id: a\n  ${step}\n`).problems).toEqual([])
  })
  it('scales nothing that it applies with replicas', () => {
    const scale = '- id: down\n  scale: { ref: { kind: StatefulSet, name: "<%= it.name %>" }, replicas: 0 }\n'
    const template = 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: <%=it.name%>\nspec:\n  replicas: 3\n'
    const refused = (place: string): string =>
      `4:19: StatefulSet/<%=it.name%> is applied with replicas at ${place}, and cannot be scaled too; leave replicas out there, or insert the number there (PLAYBOOK_INVALID)`
    expect(problemsOf(`${scale}- apply: { templates: [a.yaml.eta] }\n`, { 'templates/a.yaml.eta': template })).toEqual([
      refused('app/templates/a.yaml.eta:6:13'),
    ])
    const inline = '- apply: { apiVersion: apps/v1, kind: StatefulSet, metadata: { name: <%= it.name %> }, spec: { replicas: 3 } }\n'
    expect(problemsOf(`${scale}${inline}`)).toEqual([refused('app/p.yaml:5:108')].map((line) => line.replace('app/p.yaml:', '')))
    expect(problemsOf(`${scale}${inline.replace('replicas: 3', '')}`)).toEqual([])
    expect(problemsOf(`${scale.replace('it.name', 'it.name + 2')}${inline}`)).toEqual([])
  })
  it('gives each step a path of its own, which stays where another step is added', () => {
    const paths = (steps: string): string[] => (compileSteps(steps).playbook?.steps ?? []).map(({ path }) => path)
    const apply = (name: string): string => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`
    expect(
      paths(`- name: The cache\n  apply: ${apply('a')}\n- apply: ${apply('b')}\n- apply: ${apply('c')}\n- id: x\n  wait: true\n`),
    ).toEqual(['apply.the-cache', 'apply.1', 'apply.2', 'x'])
    expect(paths(`- set: { a: 1 }\n- name: The cache\n  apply: ${apply('a')}\n- name: The cache\n  apply: ${apply('b')}\n`)).toEqual([
      'set.1',
      'apply.the-cache',
      'apply.the-cache-2',
    ])
  })
})
