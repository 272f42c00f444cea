import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { builtInResources } from '../../../src/sandbox/kinds/built-in.ts'
import { createOpenApi, type OpenApi } from '../../../src/sandbox/openapi/openapi.ts'
import { customResource } from '../discovery/custom.ts'

interface Document extends JsonObject {
  paths: Record<string, Record<string, JsonObject>>
  components: { schemas: Record<string, JsonObject> }
}

const read = (openapi: OpenApi, path: string): Document => JSON.parse(openapi.document(path)?.text() ?? 'null') as Document

const widgets = customResource({
  group: 'demo.example',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  subresources: new Map([
    ['status', { kind: 'status' }],
    ['scale', { kind: 'scale', specReplicasPath: 'spec.replicas', statusReplicasPath: 'status.replicas', selector: () => undefined }],
  ]),
  openApiSchema: {
    type: 'object',
    description: 'A thing.',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        description: 'How it is.',
        properties: { port: { 'x-kubernetes-int-or-string': true, description: 'Where.' }, size: { type: 'integer', nullable: true } },
      },
    },
  },
})

describe('the OpenAPI documents of built-in kinds', () => {
  const openapi = createOpenApi(builtInResources())
  const apps = read(openapi, '/openapi/v3/apis/apps/v1')
  const core = read(openapi, '/openapi/v3/api/v1')

  it('stand in an index by group and version, each with its hash', () => {
    const { paths } = openapi.index() as { paths: Record<string, { serverRelativeURL: string }> }

    expect(Object.keys(paths)).toContain('api/v1')
    expect(paths['apis/apps/v1']?.serverRelativeURL).toBe(
      `/openapi/v3/apis/apps/v1?hash=${openapi.document('/openapi/v3/apis/apps/v1')?.hash}`,
    )
  })

  it('tell how lists merge, in apply and in strategic merge patch', () => {
    expect(core.components.schemas['io.k8s.api.core.v1.Container']?.properties).toMatchObject({
      ports: {
        type: 'array',
        items: { $ref: '#/components/schemas/io.k8s.api.core.v1.ContainerPort' },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
        'x-kubernetes-patch-strategy': 'merge',
        'x-kubernetes-patch-merge-key': 'containerPort',
      },
    })
  })

  it('wrap a reference that has neighbours', () => {
    expect(apps.components.schemas['io.k8s.api.apps.v1.DeploymentSpec']?.properties).toMatchObject({
      selector: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector' },
      strategy: {
        allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }],
        'x-kubernetes-patch-strategy': 'retainKeys',
      },
    })
  })

  it('name the kind at the operation, with what it takes', () => {
    const patch = apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.patch as JsonObject

    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' })
    expect((patch.parameters as { name: string }[]).map(({ name }) => name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force'])
    expect(Object.keys((patch.requestBody as { content: object }).content)).toContain('application/strategic-merge-patch+json')
  })

  it('refer to nothing that they do not hold', () => {
    for (const document of [apps, core, read(openapi, '/openapi/v3/apis/apiextensions.k8s.io/v1')]) {
      const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name as string)
      expect(referred.length).toBeGreaterThan(50)
      expect(referred.filter((name) => !Object.hasOwn(document.components.schemas, name))).toEqual([])
    }
  })

  it('are told in Swagger 2.0 too', () => {
    const swagger = JSON.parse(openapi.version2().text()) as { swagger: string; definitions: Record<string, JsonObject>; paths: JsonObject }

    expect(swagger.swagger).toBe('2.0')
    expect(swagger.definitions['io.k8s.api.apps.v1.DeploymentSpec']?.properties).toMatchObject({
      strategy: { $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentStrategy', 'x-kubernetes-patch-strategy': 'retainKeys' },
    })
    expect(swagger.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({ format: 'int-or-string', type: 'string' })
    expect(JSON.stringify(swagger)).not.toContain('#/components/')
  })
})

describe('the OpenAPI document of custom resources', () => {
  const openapi = createOpenApi([...builtInResources(), widgets])
  const document = read(openapi, '/openapi/v3/apis/demo.example/v1')

  it('holds the schema of the definition with its descriptions, and what every object has', () => {
    expect(document.components.schemas['example.demo.v1.Widget']).toMatchObject({
      type: 'object',
      description: 'A thing.',
      required: ['spec'],
      properties: {
        apiVersion: { type: 'string' },
        metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
        spec: {
          description: 'How it is.',
          properties: { port: { anyOf: [{ type: 'integer' }, { type: 'string' }], description: 'Where.' } },
        },
      },
      'x-kubernetes-group-version-kind': [{ group: 'demo.example', kind: 'Widget', version: 'v1' }],
    })
  })

  it('offers no strategic merge patch', () => {
    const patch = document.paths['/apis/demo.example/v1/namespaces/{namespace}/widgets/{name}']?.patch as JsonObject

    expect(Object.keys((patch.requestBody as { content: object }).content)).toEqual([
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
    ])
  })

  it('answers a scale with a Scale', () => {
    const { get } = document.paths['/apis/demo.example/v1/namespaces/{namespace}/widgets/{name}/scale'] ?? {}

    expect(get?.['x-kubernetes-group-version-kind']).toEqual({ group: 'autoscaling', version: 'v1', kind: 'Scale' })
    expect(document.components.schemas).toHaveProperty(['io.k8s.api.autoscaling.v1.Scale'])
  })

  it('has another hash when its schema changes', () => {
    const changed = createOpenApi([{ ...widgets, openApiSchema: { type: 'object' } }])

    expect(changed.document('/openapi/v3/apis/demo.example/v1')?.hash).not.toBe(openapi.document('/openapi/v3/apis/demo.example/v1')?.hash)
  })

  it('is not found under another path', () => {
    for (const path of ['/openapi/v3/apis/demo.example/v2', '/openapi/v3/__proto__', '/openapi/v2', '/openapi/v3'])
      expect(openapi.document(path), path).toBeUndefined()
  })
})
