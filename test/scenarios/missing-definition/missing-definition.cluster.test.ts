import { describe, expect } from 'vitest'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { collection, create, definitionIn, exists, installDefinition, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const file = `${project}/charts/gadget/crds/gadget.yaml`
const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.gadgets.example.com'
const gadgets = (cluster: Cluster) => collection(cluster, 'gadgets.example.com/v1', 'gadgets')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function withoutDefinition(cluster: Cluster): Promise<void> {
  await cluster.request('DELETE', definition)
  await cluster.eventually(async () => !(await exists(cluster, gadgets(cluster))) && !(await exists(cluster, definition)), {
    describe: 'the kind is gone',
  })
}

/** The kind of the project's definition in another version. */
async function defineOnly(cluster: Cluster, version: string): Promise<void> {
  const { spec, ...others } = definitionIn(file)
  const body = { ...others, spec: { ...spec, versions: spec.versions.map((each) => ({ ...each, name: version })) } }
  await create(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body)
}

async function answer(operator: OperatorProcess, page: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${await operator.healthUrl()}${page}`)
  return { status: response.status, text: await response.text() }
}

async function createGadget(cluster: Cluster, name: string): Promise<string> {
  await create(cluster, gadgets(cluster), { apiVersion: 'gadgets.example.com/v1', kind: 'Gadget', metadata: { name }, spec: {} })
  return `${gadgets(cluster)}/${name}`
}

describe('an operator without the CustomResourceDefinition of its kind', () => {
  test('stays up, says which file to apply, and starts when it appears', async ({ cluster, operator }) => {
    await withoutDefinition(cluster)
    const process = await operator({ watches, wait: false })

    expect((await process.line(/CRD_MISSING/)).msg).toBe(
      `the cluster does not serve gadgets.example.com/v1 Gadget; kubectl apply -f ${file}, or run with --install-crds; the operator starts on this kind when it appears (CRD_MISSING)`,
    )
    expect(await answer(process, '/healthz')).toEqual({ status: 200, text: 'ok\n' })
    expect(await answer(process, '/readyz')).toEqual({
      status: 503,
      text: '[-] operator: the cluster does not serve gadgets.example.com/v1 Gadget\nnot ready\n',
    })

    await defineOnly(cluster, 'v2')
    expect((await process.line(/only v2/)).msg).toBe(
      `the cluster does not serve gadgets.example.com/v1 Gadget, only v2; kubectl apply -f ${file}, or run with --install-crds, or write version: v2 in watches.yaml; the operator starts on this kind when it appears (CRD_MISSING)`,
    )
    await withoutDefinition(cluster)

    await installDefinition(cluster, file)
    const installed = performance.now()
    await process.ready()
    console.log(`ready ${((performance.now() - installed) / 1000).toFixed(1)} s after the definition appeared`)
    await untilCondition(cluster, await createGadget(cluster, 'first'), { status: 'True' })
    expect(process.lines.filter(({ msg }) => msg.includes('serve gadgets.example.com/v1 Gadget; '))).toHaveLength(1)
  })

  test('installs it with --install-crds', async ({ cluster, operator }) => {
    await withoutDefinition(cluster)

    const process = await operator({ watches, args: ['--install-crds'] })

    expect((await process.line(/installed/)).msg).toBe(`installed CustomResourceDefinition gadgets.gadgets.example.com from ${file}`)
    await untilCondition(cluster, await createGadget(cluster, 'first'), { status: 'True' })
    expect(process.lines.filter(({ msg }) => msg.includes('CRD_MISSING'))).toEqual([])
  })
})

describe('a CustomResourceDefinition that is deleted while the operator runs, and made again', () => {
  test('is waited for as at the start, and its objects are served without a restart', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, file)
    const process = await operator({ watches })
    await untilCondition(cluster, await createGadget(cluster, 'before'), { status: 'True' })

    await withoutDefinition(cluster)
    expect((await process.line(/CRD_MISSING/)).msg).toContain(`kubectl apply -f ${file}`)
    expect((await answer(process, '/healthz')).status).toBe(200)
    expect(await answer(process, '/readyz')).toMatchObject({ status: 503 })

    await installDefinition(cluster, file)
    const installed = performance.now()
    await untilCondition(cluster, await createGadget(cluster, 'after'), { status: 'True', timeout: 70_000 })
    console.log(`an object of the new definition is ready after ${((performance.now() - installed) / 1000).toFixed(1)} s`)
    expect(await exists(cluster, configMap(cluster, 'after'))).toBe(true)
    await process.ready()
  })
})
