import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../../../src/sandbox/sandbox.ts'
import type { SavedState } from '../../../src/sandbox/state/state.ts'
import { StateError } from '../../../src/sandbox/state/state-error.ts'
import { readState, writeState } from '../../../src/sandbox/state/state-file.ts'
import { client, configMaps, take } from '../faults/request.ts'

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.demo.io' },
  spec: {
    group: 'demo.io',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } },
        },
      },
    ],
  },
}
const widgets = '/apis/demo.io/v1/namespaces/default/widgets'
const widget = { apiVersion: 'demo.io/v1', kind: 'Widget', metadata: { name: 'big' }, spec: { size: 3 } }

/** A state with a ConfigMap, a definition and an object of it. */
async function saved(): Promise<SavedState> {
  await using test = client({ controllers: true })
  await test.apply('shop', { color: 'blue' })
  await test.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
  await test.sandbox.controllers.idle()
  expect((await test.send('POST', widgets, widget)).status).toBe(201)
  return test.sandbox.save()
}

describe('a sandbox that begins with a saved state', () => {
  it('has every object as it was, byte for byte', async () => {
    await using before = client()
    await before.apply('shop', { color: 'blue' })
    const state = before.sandbox.save()
    await using after = client({ state })
    for (const path of [`${configMaps}/shop`, '/api/v1/namespaces/default', '/api/v1/namespaces/kube-system'])
      expect((await after.send('GET', path)).body).toEqual((await before.send('GET', path)).body)
  })

  it('serves custom resources with their definitions, and validates them', async () => {
    await using test = client({ controllers: true, state: await saved() })
    expect((await test.send('GET', `${widgets}/big`)).body.spec).toEqual({ size: 3 })
    const { status, body } = await test.send('POST', widgets, { ...widget, metadata: { name: 'bad' }, spec: { size: 'large' } })
    expect([status, body.reason]).toEqual([422, 'Invalid'])
    expect((await test.send('GET', '/apis/demo.io/v1')).body.resources[0].name).toBe('widgets')
  })

  it('goes on with versions above all of before', async () => {
    const state = await saved()
    await using test = client({ state, now: () => Date.UTC(2021, 0, 1) })
    const { body } = await test.apply('new')
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(state.resourceVersion))
  })

  it('tells a watch from before that it is too late', async () => {
    const state = await saved()
    for (const now of [Date.now, () => Date.UTC(2021, 0, 1)]) {
      await using test = client({ state, now })
      expect(await take(await test.watch(`${configMaps}?watch=true&resourceVersion=${state.resourceVersion}`), 9)).toEqual(['ERROR 410'])
    }
  })

  it('has a clock that has not gone back', async () => {
    await using before = client()
    before.sandbox.clock.advance(3_600_000)
    const state = before.sandbox.save()
    await using after = client({ state })
    expect(after.sandbox.clock.now()).toBeGreaterThanOrEqual(Date.parse(state.time))
  })

  it('goes on with what controllers were at', async () => {
    const state = await (async () => {
      await using test = client({ nodes: ['one'] })
      const labels = { app: 'web' }
      await test.send('POST', '/apis/apps/v1/namespaces/default/deployments', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
        },
      })
      return test.sandbox.save()
    })()
    await using test = createSandbox({ state })
    for (let rounds = 0; rounds < 5; rounds++) {
      await test.controllers.idle()
      test.clock.advance(5_000)
    }
    const headers = { authorization: `Bearer ${test.token}` }
    const deployment = await (await test.fetch('/apis/apps/v1/namespaces/default/deployments/web', { headers })).json()
    expect((deployment as { status: object }).status).toMatchObject({ readyReplicas: 2 })
  })

  it('shares nothing with the one that it came from', async () => {
    await using before = client()
    await before.apply('shop', { color: 'blue' })
    const state = before.sandbox.save()
    await using one = client({ state })
    await using two = client({ state })
    await one.apply('shop', { color: 'red' })
    expect((await two.send('GET', `${configMaps}/shop`)).body.data).toEqual({ color: 'blue' })
    expect((await before.send('GET', `${configMaps}/shop`)).body.data).toEqual({ color: 'blue' })
  })

  it('is repeatable: what is saved at once again is the same', async () => {
    const state = await saved()
    await using test = client({ state, now: () => Date.parse(state.time) })
    expect(test.sandbox.save().objects).toEqual(state.objects)
  })

  it('refuses objects that nothing defines', async () => {
    const state = await saved()
    const objects = Object.fromEntries(Object.entries(state.objects).filter(([name]) => !name.startsWith('apiextensions')))
    expect(() => createSandbox({ state: { ...state, objects } })).toThrow(
      'the state holds objects of demo.io/widgets, which nothing in it defines; it has to hold their CustomResourceDefinition as well: write it again with sandbox.save()',
    )
  })
})

describe('a state in a file', () => {
  let folder: string
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'fairlead-state-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('comes back as it was', async () => {
    const state = await saved()
    const path = join(folder, 'state.json')
    await writeState(path, state)
    expect(await readState(path)).toEqual(state)
    expect(readdirSync(folder)).toEqual(['state.json'])
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      format: 'fairlead-sandbox-state',
      formatVersion: 1,
      kubernetes: 'v1.36.3',
    })
  })

  const good = (): Record<string, unknown> => ({
    format: 'fairlead-sandbox-state',
    formatVersion: 1,
    kubernetes: 'v1.36.3',
    resourceVersion: '12',
    time: '2026-01-01T00:00:00.000Z',
    objects: {},
  })
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'b', uid: 'u', creationTimestamp: 't', resourceVersion: '3' },
  }
  const withObjects = (...all: unknown[]): string => JSON.stringify({ ...good(), objects: { '/configmaps': all } })
  const broken: [title: string, text: string, message: string][] = [
    ['that is not JSON', '{"format":', 'is not JSON: '],
    ['that holds something else', '[]', 'is not a saved state: it is not a JSON object; write one with sandbox.save()'],
    [
      'of another program',
      '{"apiVersion":"v1"}',
      'is not a saved state: its "format" is undefined, not "fairlead-sandbox-state"; write one with sandbox.save()',
    ],
    [
      'of a later version',
      JSON.stringify({ ...good(), formatVersion: 2 }),
      'has formatVersion 2, and this version of fairlead reads 1; use the version of fairlead that saved it, or a later one',
    ],
    [
      'without a version',
      JSON.stringify({ ...good(), resourceVersion: 12 }),
      'is damaged: resourceVersion is not a number as a string; write one with sandbox.save()',
    ],
    ['without objects', JSON.stringify({ ...good(), objects: [] }), 'is damaged: objects is not an object'],
    [
      'with an object that has no name',
      withObjects(object, { ...object, metadata: {} }),
      'is damaged: objects["/configmaps"][1].metadata.name is not a string',
    ],
    [
      'with an object from the future',
      withObjects({ ...object, metadata: { ...object.metadata, resourceVersion: '13' } }),
      'is damaged: objects["/configmaps"][0].metadata.resourceVersion is not a number as a string, up to 12',
    ],
    ['with an object twice', withObjects(object, object), 'is damaged: objects["/configmaps"][1] is not the only one with the name b/a'],
  ]
  it.each(broken)('%s is refused: what, where, and what to do', async (_title, text, message) => {
    const path = join(folder, 'broken.json')
    writeFileSync(path, text)
    const failure = await readState(path).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StateError)
    expect((failure as StateError).message).toContain(`${path} ${message}`)
  })

  it('that is not there is refused, and so is a folder that is not there', async () => {
    const path = join(folder, 'none', 'state.json')
    await expect(readState(path)).rejects.toThrow(/cannot be read: ENOENT.*; write it with writeState/)
    await expect(writeState(path, good() as unknown as SavedState)).rejects.toThrow(/cannot be written: ENOENT.*; name a file in a folder/)
  })
})
