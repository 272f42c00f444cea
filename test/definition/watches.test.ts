import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { readWatches } from '../../src/definition/watches.ts'

const read = (text: string, environment: Record<string, string> = {}) => readWatches('watches.yaml', text, environment)
const lines = (text: string): string[] => read(text).problems.map(formatProblem)
const app = '- group: app.company.com\n  version: v1alpha1\n  kind: App\n  chart: charts/app\n'
const playbook = app.replace('chart: charts/app', 'playbook: playbooks/app.yaml')

describe('a watch', () => {
  it('needs version, kind and chart only', () => {
    const { entries, problems } = read(app)
    expect(problems).toEqual([])
    expect(entries).toMatchObject([
      {
        kind: { group: 'app.company.com', version: 'v1alpha1', kind: 'App' },
        program: { sort: 'chart', folder: 'charts/app' },
        watchDependentResources: true,
        overrideValues: {},
        position: { file: 'watches.yaml', line: 1, column: 3 },
      },
    ])
    expect(entries[0]).toMatchObject({
      selector: undefined,
      reconcilePeriod: undefined,
      maxConcurrentReconciles: undefined,
      adoption: 'never',
      deletionPolicy: 'background',
      waitForDeletion: 600_000,
      conditions: undefined,
    })
  })
  it('takes every field of the Helm operator', () => {
    const { entries, problems } = read(`${app}  selector: { matchLabels: { tier: gold } }
  reconcilePeriod: 1m30s
  watchDependentResources: false
  maxConcurrentReconciles: 4
  overrideValues: { image.tag: "1.4" }
  dryRunOption: server
`)
    expect(entries).toMatchObject([
      {
        selector: { matchLabels: { tier: 'gold' } },
        reconcilePeriod: 90_000,
        watchDependentResources: false,
        maxConcurrentReconciles: 4,
        overrideValues: { 'image.tag': '1.4' },
      },
    ])
    expect(problems.map(({ code, severity, at }) => [code, severity, at?.line])).toEqual([['WATCH_IGNORED_FIELD', 'warning', 10]])
  })
  it.each([
    ['"0"', 0],
    ['0', 0],
    ['0s', 0],
    ['2h', 7_200_000],
    ['', undefined],
  ])('has reconcilePeriod %s as %s', (text, milliseconds) => {
    const { entries, problems } = read(`${app}  reconcilePeriod: ${text}\n`)
    expect(problems).toEqual([])
    expect(entries[0]?.reconcilePeriod).toBe(milliseconds)
  })
  it('forces its fields, unless it says otherwise', () => {
    expect(read(app).entries[0]?.fieldPolicy).toBe('force')
    expect(read(`${app}  fieldPolicy: fail\n`).entries[0]?.fieldPolicy).toBe('fail')
  })

  it.each(['never', 'ifLabelled', 'always'])('can adopt %s', (adoption) => {
    expect(read(`${app}  adoption: ${adoption}\n`)).toMatchObject({ entries: [{ adoption }], problems: [] })
  })
  it('can have a playbook with vars instead of a chart', () => {
    const { entries, problems } = read(`${playbook}  vars: { registry: "\${REGISTRY:-quay.io}", tries: 3 }\n`)
    expect(problems).toEqual([])
    expect(entries).toMatchObject([
      {
        program: { sort: 'playbook', folder: 'playbooks', file: 'app.yaml' },
        vars: { registry: 'quay.io', tries: 3 },
        manageStatus: true,
        blacklist: [],
      },
    ])
    expect(entries[0]?.varPosition('tries')).toMatchObject({ line: 5 })
  })
  it('takes a folder for its playbook.yaml', () => {
    expect(read(playbook.replace('playbooks/app.yaml', 'playbooks/app/')).entries).toMatchObject([
      { program: { sort: 'playbook', folder: 'playbooks/app', file: 'playbook.yaml' } },
    ])
  })
  it('takes the other fields of the Ansible operator', () => {
    const { entries, problems } = read(`${playbook}  manageStatus: false
  watchClusterScopedResources: true
  watchAnnotationsChanges: true
  blacklist: [{ group: apps, version: v1, kind: ReplicaSet }, { version: v1, kind: Pod }]
  finalizer: { name: app.company.com/cleanup }
`)
    expect(problems).toEqual([])
    expect(entries).toMatchObject([
      {
        manageStatus: false,
        watchClusterScopedResources: true,
        watchAnnotationsChanges: true,
        blacklist: [
          { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
          { group: '', version: 'v1', kind: 'Pod' },
        ],
        finalizer: 'app.company.com/cleanup',
      },
    ])
  })
  it('can be in the core group', () => {
    expect(read('- {version: v1, kind: ConfigMap, chart: c}').entries).toMatchObject([
      { kind: { group: '', version: 'v1', kind: 'ConfigMap' } },
    ])
  })
})

describe('a mistake', () => {
  it.each([
    [
      'in a name',
      `${app}  watchDepedentResources: false\n`,
      'watches.yaml:5:3: "watchDepedentResources" is not a field of a watch; did you mean "watchDependentResources"? (WATCH_UNKNOWN_KEY)',
    ],
    [
      'in a boolean',
      `${app}  watchDependentResources: nope\n`,
      'watches.yaml:5:28: watchDependentResources is true or false, not "nope"; write it without quotes (WATCH_INVALID)',
    ],
    [
      'in a word',
      `${app}  adoption: iflabeled\n`,
      'watches.yaml:5:13: adoption is never, ifLabelled or always, not "iflabeled"; did you mean "ifLabelled"? (WATCH_INVALID)',
    ],
    [
      'in the type of a word',
      `${app}  adoption: true\n`,
      'watches.yaml:5:13: adoption is never, ifLabelled or always, not the boolean true; e.g. never (WATCH_INVALID)',
    ],
    [
      'in a duration',
      `${app}  reconcilePeriod: 60\n`,
      'watches.yaml:5:20: reconcilePeriod is a duration of 1s or more, not the number 60; e.g. 30s, 1m30s, 2h; "0" turns it off (WATCH_INVALID)',
    ],
    [
      'in a period that is too short',
      `${app}  reconcilePeriod: 10ms\n`,
      'watches.yaml:5:20: reconcilePeriod is a duration of 1s or more, not "10ms"; e.g. 30s, 1m30s, 2h; "0" turns it off (WATCH_INVALID)',
    ],
    [
      'in a negative duration',
      `${app}  reconcilePeriod: -5s\n`,
      'watches.yaml:5:20: reconcilePeriod is a duration of 1s or more, not "-5s"; e.g. 30s, 1m30s, 2h; "0" turns it off (WATCH_INVALID)',
    ],
    [
      'that gives it a playbook beside its chart',
      `${app}  playbook: playbooks/app.yaml\n`,
      'watches.yaml:5:13: a watch has a chart or a playbook, and not both; make two watches of it, with selectors, or apply the chart in the playbook (WATCH_INVALID)',
    ],
    [
      'that puts a playbook beside watches.yaml',
      playbook.replace('playbooks/', ''),
      'watches.yaml:4:13: a playbook stands in a folder of its own; e.g. playbook: playbooks/app.yaml (WATCH_INVALID)',
    ],
    [
      'that gives vars to a chart',
      `${app}  vars: { a: 1 }\n`,
      'watches.yaml:5:9: vars are for playbooks; values of a chart stand under overrideValues (WATCH_INVALID)',
    ],
    [
      'that gives overrideValues to a playbook',
      `${playbook}  overrideValues: { a: 1 }\n`,
      'watches.yaml:5:19: overrideValues are for charts; values of a playbook stand under vars (WATCH_INVALID)',
    ],
    [
      'in a blacklist',
      `${playbook}  blacklist: [Pod]\n`,
      'watches.yaml:5:15: an item of blacklist is a map with group, version and kind; e.g. blacklist: [{ group: apps, version: v1, kind: Deployment }] (WATCH_INVALID)',
    ],
    [
      'in a finalizer',
      `${playbook}  finalizer: cleanup\n`,
      'watches.yaml:5:14: finalizer is a map with a name; e.g. finalizer: { name: app.company.com/cleanup } (WATCH_INVALID)',
    ],
    [
      'in a number',
      `${app}  maxConcurrentReconciles: 0\n`,
      'watches.yaml:5:28: maxConcurrentReconciles is a whole number above 0, not the number 0; e.g. 4 (WATCH_INVALID)',
    ],
    [
      'in a kind',
      app.replace('App', 'app'),
      'watches.yaml:3:9: "app" cannot be the kind of a watch; it is a name that begins with a capital letter, e.g. App (WATCH_INVALID)',
    ],
    [
      'in a version',
      app.replace('v1alpha1', '1'),
      'watches.yaml:2:12: version is text, not the number 1; give it a name in lower case, e.g. v1alpha1; in quotes it would be text: "1" (WATCH_INVALID)',
    ],
    [
      'in a group',
      app.replace('app.company.com', 'App_Company'),
      'watches.yaml:1:10: "App_Company" cannot be the group of a watch; it is a DNS name in lower case, e.g. app.company.com (WATCH_INVALID)',
    ],
    [
      'in overrideValues',
      `${app}  overrideValues: [a]\n`,
      'watches.yaml:5:19: overrideValues is a map, not a list; e.g. overrideValues: { image.tag: "1.4" } (WATCH_INVALID)',
    ],
    [
      'in a field policy',
      `${app}  fieldPolicy: yeild\n`,
      'watches.yaml:5:16: fieldPolicy is force, yield or fail, not "yeild"; did you mean "yield"? (WATCH_INVALID)',
    ],
    [
      'in the type of a field policy',
      `${app}  fieldPolicy: [force]\n`,
      'watches.yaml:5:16: fieldPolicy is force, yield or fail, not a list; e.g. force (WATCH_INVALID)',
    ],
    [
      'in a selector',
      `${app}  selector:\n    matchLabels:\n      tier: 1\n`,
      'watches.yaml:7:13: a label value is a string, not the number 1; put it in quotes (WATCH_INVALID)',
    ],
    [
      'that leaves a field out',
      '- kind: App\n  version: v1\n',
      'watches.yaml:1:3: the watch has no chart and no playbook; give it the folder of a chart, or a playbook (WATCH_INVALID)',
    ],
    ['that repeats a field', `${app}  kind: App\n`, 'watches.yaml:5:3: the key "kind" stands twice in one mapping (YAML_INVALID)'],
    [
      'that makes an item no map',
      '- charts/app\n',
      'watches.yaml:1:3: a watch is a map, not "charts/app"; it has: group, version, kind, chart, playbook, overrideValues, vars, selector, namespaceSelector, reconcilePeriod, watchDependentResources, maxConcurrentReconciles, fieldPolicy, adoption, deletionPolicy, waitForDeletion, conditions, prune, manageStatus, watchClusterScopedResources, watchAnnotationsChanges, blacklist, finalizer, dryRunOption (WATCH_INVALID)',
    ],
  ])('%s is told with line and column', (_title, text, message) => {
    expect(lines(text)).toEqual([message])
  })
  it('does not hide the next ones', () => {
    expect(read('- kind: app\n  chrt: x\n- kind: 5\n- 7\n').problems.length).toBeGreaterThanOrEqual(7)
  })
})

describe('a file that is no list of watches', () => {
  it.each([
    ['is empty', '', 'the file is empty'],
    ['has only comments', '# nothing\n', 'the file is empty'],
    ['is a map', 'kind: App\n', 'watches.yaml is a list of watches, not a map'],
    ['is a text', 'App\n', 'watches.yaml is a list of watches, not "App"'],
    ['is an empty list', '[]\n', 'the list has no watch, so nothing is served'],
    ['has two documents', `${app}---\n${app}`, 'the file has a second document'],
  ])('%s', (_title, text, message) => {
    expect(read(text).problems.map((problem) => problem.message)).toEqual([message])
  })
  it('has tabs', () => {
    expect(read('-\tkind: App\n\tversion: v1\n').problems).toMatchObject([
      { code: 'YAML_INVALID', at: { file: 'watches.yaml', line: expect.any(Number) } },
    ])
  })
})

describe('Windows line ends', () => {
  it('change neither values nor positions', () => {
    const { entries, problems } = read(`${app}  reconcilePriod: 1m\n`.replaceAll('\n', '\r\n'))
    expect(entries[0]?.program).toEqual({ sort: 'chart', folder: 'charts/app' })
    expect(problems.map(formatProblem)).toEqual([
      'watches.yaml:5:3: "reconcilePriod" is not a field of a watch; did you mean "reconcilePeriod"? (WATCH_UNKNOWN_KEY)',
    ])
  })
})

describe('two watches of one kind', () => {
  const selecting = (selector: string): string => `${app}  selector: ${selector}\n`
  it('are refused where the first takes everything', () => {
    expect(lines(app + selecting('{ matchLabels: { a: "1" } }'))).toEqual([
      'watches.yaml:5:3: App.app.company.com is watched already at watches.yaml:1:3, which takes every object of it; put it after this one (WATCH_DUPLICATE)',
    ])
  })
  it('are refused in different versions too, which are the same objects', () => {
    expect(read(app + app.replace('v1alpha1', 'v1')).problems.map(({ code }) => code)).toEqual(['WATCH_DUPLICATE'])
  })
  const by = (selector: string): string => `${app}  namespaceSelector: ${selector}\n`
  it('stand beside each other by their namespaces, where these cannot be the same or need not be', () => {
    expect(lines(`${by('{ matchLabels: { a: b } }')}${by('{ matchLabels: { a: c } }')}${app}`)).toEqual([])
    expect(lines(`${by('{ matchLabels: { a: b } }')}${by('{ matchLabels: { c: d } }')}`)).toEqual([])
    expect(lines(`${by('{ matchLabels: { a: b } }')}${selecting('{ matchLabels: { c: d } }')}`)).toEqual([])
    expect(lines(by('{ matchLabel: { a: b } }'))).toEqual([
      'watches.yaml:5:36: "matchLabel" is not a field of a label selector; did you mean "matchLabels"? (WATCH_INVALID)',
    ])
  })
  it('are refused where one takes all that the other does, by labels or by namespaces', () => {
    const remedy = 'let one exclude what the other selects, with NotIn or DoesNotExist in matchExpressions (WATCH_OVERLAP)'
    expect(lines(`${by('{ matchLabels: { a: b } }')}${by('{ matchLabels: { a: b, c: d } }')}`)).toEqual([
      `watches.yaml:6:3: App.app.company.com without labels in a namespace with the labels a=b, c=d is selected here and by the watch at watches.yaml:1:3; ${remedy}`,
    ])
    expect(lines(selecting('{ matchExpressions: [{ key: a, operator: Exists }] }') + selecting('{ matchLabels: { a: "2" } }'))).toEqual([
      `watches.yaml:6:3: App.app.company.com with the labels a=2 is selected here and by the watch at watches.yaml:1:3; ${remedy}`,
    ])
    expect(
      lines(selecting('{ matchLabels: { a: "2" } }') + selecting('{ matchExpressions: [{ key: a, operator: Exists }] }')),
    ).toHaveLength(1)
  })
  it('are refused where an object can have the labels of both, whichever two of the file they are', () => {
    const [a, b] = ['{ matchLabels: { tier: gold } }', '{ matchLabels: { region: eu } }']
    expect(lines(selecting(a) + selecting('{ matchLabels: { tier: iron, region: us } }') + selecting(b) + app)).toEqual([
      expect.stringMatching(/^watches\.yaml:11:3: .* tier=gold, region=eu is selected here and by the watch at watches\.yaml:1:3;/),
    ])
  })
  it('stand beside each other with selectors that exclude each other, and the last may take the rest', () => {
    expect(lines(selecting('{ matchLabels: { a: "1" } }') + selecting('{ matchLabels: { a: "2" } }') + app)).toEqual([])
    expect(
      lines(selecting('{ matchLabels: { a: "1" } }') + selecting('{ matchExpressions: [{ key: a, operator: NotIn, values: ["1"] }] }')),
    ).toEqual([])
  })
  it('are two kinds in two groups', () => {
    expect(lines(app + app.replace('app.company.com', 'other.company.com'))).toEqual([])
  })
})
