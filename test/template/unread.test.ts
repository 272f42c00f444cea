import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { type IncidentalPart, incidentalParts, type Inputs } from '../../src/reconcile/program.ts'
import { bodyFiles, chartOf, inputsFor } from './sample.ts'

const metadata = {
  name: 'shop',
  namespace: 'market',
  uid: '1',
  resourceVersion: '7',
  labels: { team: 'a' },
  annotations: { note: 'x' },
  managedFields: [],
}
const web: KubernetesObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, status: { readyReplicas: 1 } }
const app = { apiVersion: 'app.company.com/v1alpha1', kind: 'App', metadata, status: { url: 'u' } }
const inputs = inputsFor({ size: 1 }, { primary: app, resources: [web] })

function rendered(body: string, from: Inputs = inputs, files: Record<string, string> = {}) {
  const answer = chartOf(bodyFiles(body, files)).next(from)
  if (answer.kind !== 'rendered') throw new Error(JSON.stringify(answer))
  return answer
}

/** The parts that the template reads: those that the answer does not list as unread. */
const readBy = (body: string, files: Record<string, string> = {}): IncidentalPart[] => {
  const { unread } = rendered(body, inputs, files)
  return incidentalParts.filter((part) => !unread?.includes(part))
}

describe('what a render has not read', () => {
  it.each<[string, readonly IncidentalPart[]]>([
    ['data: <%= it.spec %>', []],
    ['data: { a: <%= it.name %>, b: <%= it.metadata.labels.team %>, c: <%= it.metadata.uid %> }', []],
    ['<% const { labels } = it.metadata %>\ndata: <%= labels %>', []],
    ['data: <%= it.metadata.annotations %>', ['annotations']],
    [`data: { a: <%= it.metadata.annotations?.['note'] ?? 'none' %> }`, ['annotations']],
    [`<% if ('annotations' in it.metadata) { %>\ndata: {}\n<% } %>`, ['annotations']],
    [`<% if (Object.hasOwn(it.metadata, 'annotations')) { %>\ndata: {}\n<% } %>`, ['annotations']],
    ['data: { a: <%= it.metadata.resourceVersion %> }', ['version']],
    ['data: { a: <%= textOf(it.metadata.managedFields) %> }', ['version']],
    ['data: <%= it.metadata %>', ['version', 'annotations']],
    ['data: { a: <%= toJson(it.metadata) %> }', ['version', 'annotations']],
    ['data: { a: <%= digest(it.metadata) %> }', ['version', 'annotations']],
    ['data: <%= ({ ...it.metadata }) %>', ['version', 'annotations']],
    ['data: { a: <%= Object.keys(it.metadata).length %> }', ['version', 'annotations']],
    ['data: <%= omitKeys(it.metadata, ["labels"]) %>', ['version', 'annotations']],
    ['data: <%= it.status %>', ['status']],
    [`<% const names = { ...it } %>\ndata: { a: <%= names.name %> }`, []],
    [`<% const names = { ...it } %>\ndata: { a: <%= names.status.url %> }`, ['status']],
    [`<% if (Object.hasOwn(it.status, 'error')) { %>\ndata: {}\n<% } %>`, ['status']],
    [`<% if (it.status.url) { %>\ndata: {}\n<% } %>`, ['status']],
    [`data: { a: <%= it.resources['Deployment/web'] ? 'there' : 'none' %> }`, ['resources']],
    [`<% if ('Deployment/web' in it.resources) { %>\ndata: {}\n<% } %>`, ['resources']],
    [`<% const take = ({ metadata, status }) => status.url %>\ndata: { a: <%= take(it) %> }`, ['status']],
  ])('%s', (body, read) => {
    expect(readBy(body)).toEqual(read)
  })

  it('counts what a partial reads, with its own names or those around it', () => {
    const body = `data: <%= include('part', it) %>`
    expect(readBy(body, { 'templates/_part.eta': 'a: <%= it.metadata.annotations.note %>' })).toEqual(['annotations'])
    const given = `data: <%= include('part', { from: it.metadata }) %>`
    expect(readBy(given, { 'templates/_part.eta': 'a: <%= it.from.annotations.note %>' })).toEqual(['annotations'])
    expect(readBy(given, { 'templates/_part.eta': 'a: <%= it.from.name %>' })).toEqual([])
    expect(readBy(given, { 'templates/_part.eta': 'a: <%= it.name %>\nb: <%= it.status.url %>' })).toEqual(['status'])
  })

  it.each<[string, Record<string, unknown>]>([
    ['data: <%= it.spec %>', {}],
    ['data: [<%= it.name %>, <%= it.metadata.uid %>, <%= it.metadata.name %>]', {}],
    ['data: <%= it.metadata.labels.team %>', { 'it.metadata.labels': {}, 'it.metadata.labels.team': 'a' }],
    [`data: <%= it.metadata.labels['e.com/x'] ?? 'none' %>`, { 'it.metadata.labels': {}, 'it.metadata.labels["e.com/x"]': null }],
    ['data: <%= it.metadata.labels %>', { 'it.metadata.labels': {}, 'it.metadata.labels=': { team: 'a' } }],
    [
      'data: <%= Object.keys(it.metadata.annotations) %>',
      { 'it.metadata.annotations': {}, 'it.metadata.annotations.*': ['note'], 'it.metadata.annotations.note': 'x' },
    ],
    ['data: <%= it.status %>', { 'it.status=': { url: 'u', observedRevision: null } }],
    [`data: <%= it.status.url ?? it.status.observedRevision %>`, { 'it.status.url': 'u' }],
    [`data: <%= "conditions" in it.status %>`, { 'it.status.conditions': null }],
    [
      `data: <%= it.resources['Deployment/web'].status.readyReplicas %>`,
      {
        'it.resources["Deployment/web"]': {},
        'it.resources["Deployment/web"].status': {},
        'it.resources["Deployment/web"].status.readyReplicas': 1,
      },
    ],
    [`data: <%= it.resources['Deployment/none'] === null %>`, { 'it.resources["Deployment/none"]': undefined }],
    [`data: <%= it.resources['Secret/key'] ? 'there' : 'none' %>`, { 'it.resources["Secret/key"]': ['2', '9'] }],
    [
      'data: <%= Object.keys(it.resources).length %>',
      {
        'it.resources.*': ['Deployment.apps/web', 'Secret/key'],
        'it.resources["Deployment.apps/web"]': {},
        'it.resources["Secret/key"]': ['2', '9'],
      },
    ],
    [
      `data: <%= it.capabilities.apiVersions.includes('v1') %>`,
      { 'it.capabilities': { ...inputs.capabilities, apiVersions: inputs.capabilities.apiVersions.toSorted() } },
    ],
  ])('is told beside each value that it has read: %s', (body, values) => {
    const key = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', uid: '2', resourceVersion: '9' }, data: { key: 'eA==' } }
    const { values: read = new Map() } = rendered(body, { ...inputs, resources: [web, key] })
    expect(Object.fromEntries(read)).toEqual(values)
  })

  it('makes no difference to the documents', () => {
    const bodies = ['data: <%= it.spec %>', 'data: <%= it.metadata.annotations %>', 'data: <%= it.status %>', 'data: <%= it.metadata %>']
    const others: Record<IncidentalPart, Inputs> = {
      version: { ...inputs, primary: { ...inputs.primary, metadata: { ...metadata, resourceVersion: '8' } } },
      annotations: { ...inputs, primary: { ...inputs.primary, metadata: { ...metadata, annotations: { note: 'y' } } } },
      status: { ...inputs, primary: { ...inputs.primary, status: { url: 'v' } } },
      resources: { ...inputs, resources: [] },
    }
    for (const body of bodies) {
      const { documents, unread } = rendered(body)
      for (const part of unread ?? []) expect(rendered(body, others[part]).documents[0]?.object).toEqual(documents[0]?.object)
    }
  })
})
