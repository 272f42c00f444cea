import { describe, expect, it } from 'vitest'
import { errorOutcomes, type ApiError, type ErrorClass, type ErrorOutcome } from '../../src/kube/errors.ts'
import { errorOfAnswer } from '../../src/kube/status.ts'
import { networkError } from '../../src/kube/network.ts'

const path = '/apis/apps/v1/namespaces/shop/deployments/web'

function answer(code: number, body: object | string, more: { path?: string; headers?: Record<string, string> } = {}): ApiError {
  const text =
    typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, ...body })
  return errorOfAnswer({ method: 'PATCH', path, code, headers: {}, body: text, ...more })
}

function pathOf(resource: string): string {
  const [plural, ...group] = resource.split('.')
  return `${group.length > 0 ? `/apis/${group.join('.')}/v1` : '/api/v1'}/namespaces/shop/${plural}/web`
}

/** Answers as a 1.36 server gave them, with the class, outcome and message that they have to have. */
const table: { title: string; error: ApiError; class: ErrorClass; outcome: ErrorOutcome; message: string; more?: Partial<ApiError> }[] = [
  {
    title: 'plain text for a kind that is not served',
    error: answer(404, '404 page not found\n'),
    class: 'kindUnknown',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 404 kindUnknown: the server does not serve this kind',
  },
  {
    title: 'a Status without a name for a path that is not served',
    error: answer(404, { reason: 'NotFound', message: 'the server could not find the requested resource', details: {} }),
    class: 'kindUnknown',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 404 NotFound: the server does not serve this kind',
  },
  {
    title: 'an object that is not there',
    error: answer(404, {
      reason: 'NotFound',
      message: 'deployments.apps "web" not found',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    }),
    class: 'notFound',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 404 NotFound',
    more: { missing: true },
  },
  {
    title: 'a namespace that is not there',
    error: answer(404, { reason: 'NotFound', message: 'namespaces "shop" not found', details: { name: 'shop', kind: 'namespaces' } }),
    class: 'namespaceMissing',
    outcome: 'wait',
    message: 'PATCH deployments.apps "web" in namespace "shop": 404 NotFound: the namespace does not exist',
    more: { missing: false },
  },
  {
    title: 'a Namespace that was asked for and is not there',
    error: answer(404, { reason: 'NotFound', details: { name: 'shop', kind: 'namespaces' } }, { path: '/api/v1/namespaces/shop' }),
    class: 'notFound',
    outcome: 'failedRetryAtCap',
    message: 'PATCH namespaces "shop": 404 NotFound',
  },
  {
    title: 'RBAC',
    error: answer(403, {
      reason: 'Forbidden',
      message:
        'deployments.apps "web" is forbidden: User "system:serviceaccount:shop:op" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    }),
    class: 'forbidden',
    outcome: 'failedRetryAtCap',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 403 Forbidden: system:serviceaccount:shop:op may not patch deployments.apps in namespace "shop"',
    more: { denial: { user: 'system:serviceaccount:shop:op', verb: 'patch', resource: 'deployments.apps', namespace: 'shop' } },
  },
  {
    title: 'RBAC, of a subresource in the cluster',
    error: answer(403, {
      reason: 'Forbidden',
      message: 'nodes "n" is forbidden: User "op" cannot patch resource "nodes/status" in API group "" at the cluster scope',
    }),
    class: 'forbidden',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 403 Forbidden: op may not patch nodes/status in the cluster',
  },
  {
    title: 'an admission webhook',
    error: answer(403, { reason: 'Forbidden', message: 'admission webhook "w" denied the request: password hunter2 is weak' }),
    class: 'forbidden',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 403 Forbidden: webhook "w" denied it',
  },
  {
    title: 'an admission policy',
    error: answer(422, {
      reason: 'Invalid',
      message: `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: hunter2`,
      details: { causes: [{ message: 'hunter2' }] },
    }),
    class: 'invalid',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 422 Invalid: ValidatingAdmissionPolicy "no-latest" denied it',
  },
  {
    title: 'a value that the field cannot take',
    error: answer(500, {
      message:
        'failed to convert new object (shop/web; /v1, Kind=Secret) to proper version: unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 6',
    }),
    class: 'schemaMismatch',
    outcome: 'failed',
    message: 'PATCH deployments.apps "web" in namespace "shop": 500 schemaMismatch: illegal base64 data',
    more: { maybeDone: false },
  },
  {
    title: 'a quota',
    error: answer(403, {
      reason: 'Forbidden',
      message: 'pods "p" is forbidden: exceeded quota: small.team-a, requested: pods=1, used: pods=4, limited: pods=4',
    }),
    class: 'quotaExceeded',
    outcome: 'failedRetryAtCap',
    message: 'PATCH deployments.apps "web" in namespace "shop": 403 Forbidden: quota "small.team-a" is used up',
  },
  {
    title: 'a namespace that is being deleted',
    error: answer(403, {
      reason: 'Forbidden',
      message: 'unable to create new content in namespace shop because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace shop is being terminated', field: 'metadata.namespace' }] },
    }),
    class: 'namespaceTerminating',
    outcome: 'wait',
    message: 'PATCH deployments.apps "web" in namespace "shop": 403 Forbidden: the namespace is being deleted',
  },
  {
    title: 'a name that is taken',
    error: answer(409, { reason: 'AlreadyExists', message: 'deployments.apps "web" already exists' }),
    class: 'alreadyExists',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 409 AlreadyExists',
  },
  {
    title: 'fields of another manager',
    error: answer(409, {
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.replicas' },
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "o\\"brien" with subresource "scale" using v1',
            field: '.metadata.finalizers[="hunter2"]',
          },
        ],
      },
    }),
    class: 'fieldConflict',
    outcome: 'retry',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 409 Conflict: .spec.replicas belongs to "kubectl", .metadata.finalizers[=…] belongs to "o\\"brien"',
  },
  {
    title: 'another version',
    error: answer(409, {
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    }),
    class: 'conflict',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 409 Conflict',
    more: { missing: false },
  },
  {
    title: 'a bound object that is gone',
    error: answer(409, {
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on deployments.apps "web": uid mismatch: the provided object specified uid 1, and no existing object was found',
    }),
    class: 'conflict',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 409 Conflict: the object is gone',
    more: { missing: true },
  },
  {
    title: 'a version that is too old',
    error: answer(410, { reason: 'Expired' }),
    class: 'gone',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 410 Expired',
  },
  {
    title: 'a content type',
    error: answer(415, { reason: 'UnsupportedMediaType' }),
    class: 'unsupportedMediaType',
    outcome: 'failed',
    message: 'PATCH deployments.apps "web" in namespace "shop": 415 UnsupportedMediaType',
  },
  {
    title: 'a bad request',
    error: answer(400, { reason: 'BadRequest', message: 'password hunter2' }),
    class: 'badRequest',
    outcome: 'failed',
    message: 'PATCH deployments.apps "web" in namespace "shop": 400 BadRequest',
  },
  {
    title: 'no credentials',
    error: answer(401, { reason: 'Unauthorized' }),
    class: 'unauthorized',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 401 Unauthorized',
  },
  {
    title: 'validation',
    error: answer(422, {
      reason: 'Invalid',
      message: 'Invalid value: "hunter2": must be less',
      details: {
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: "hunter2": must be less',
            field: 'spec.template.spec.containers[0].ports[0].containerPort',
          },
          { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' },
        ],
      },
    }),
    class: 'invalid',
    outcome: 'failedRetryAtCap',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 422 Invalid: spec.template.spec.containers[0].ports[0].containerPort (FieldValueInvalid: must be less), spec.selector (FieldValueRequired)',
  },
  ...(
    [
      [
        'jobs',
        'FieldValueInvalid',
        'spec.template',
        'Invalid value: {"Env":[{"Value":"x: hunter2"}]}: field is immutable',
        'field is immutable',
      ],
      [
        'persistentvolumeclaims',
        'FieldValueForbidden',
        'spec',
        'Forbidden: spec is immutable after creation except resources.requests for bound claims\n@@ -6 +6 @@\n- "storage": "hunter2"',
        'spec is immutable after creation except resources.requests for bound claims',
      ],
      [
        'secrets',
        'FieldValueForbidden',
        'data',
        'Forbidden: field is immutable when `immutable` is set',
        'field is immutable when `immutable` is set',
      ],
      ['boxes.example.com', 'FieldValueInvalid', 'spec.size', 'Invalid value: "object": hunter2 is immutable', 'it is immutable'],
    ] as const
  ).map(([resource, reason, field, message, why]): (typeof table)[number] => ({
    title: `a field of ${resource} that cannot change`,
    error: answer(422, { reason: 'Invalid', message, details: { causes: [{ reason, message, field }] } }, { path: pathOf(resource) }),
    class: 'invalid',
    outcome: 'failedRetryAtCap',
    message: `PATCH ${resource} "web" in namespace "shop": 422 Invalid: ${field} (${reason}: ${why})`,
    more: { isOfImmutable: true },
  })),
  ...(
    [
      [
        'secrets',
        'FieldValueInvalid',
        'metadata.name',
        'Invalid value: "hunter2": must be no more than 253 bytes',
        'must be no more than 253 bytes',
      ],
      [
        'services',
        'FieldValueNotSupported',
        'spec.ports[0].protocol',
        'Unsupported value: "hunter2": supported values: "TCP", "UDP"',
        'supported values: TCP, UDP',
      ],
      [
        'boxes.example.com',
        'FieldValueInvalid',
        'spec.size',
        'Invalid value: 7: spec.size in body should be less than or equal to 5',
        'should be less than or equal to 5',
      ],
      [
        'boxes.example.com',
        'FieldValueTypeInvalid',
        'spec.size',
        'Invalid value: "string": spec.size in body must be of type integer: "string"',
        'must be of type integer',
      ],
      ['boxes.example.com', 'FieldValueInvalid', 'spec.size', 'Invalid value: "object": it must not be hunter2', ''],
      ['secrets', 'FieldValueInvalid', 'data[.dockerconfigjson]', 'Invalid value: "<redacted>": invalid character h, hunter2', ''],
      ['services', 'FieldValueDuplicate', 'spec.ports[0].name', 'Duplicate value: "a: hunter2"', ''],
      ['services', 'FieldValueInvalid', 'spec.x', 'Invalid value: "hunter2"', ''],
      ['services', 'FieldValueInvalid', 'spec.x', 'Invalid value: {"a": hunter2}', ''],
    ] as const
  ).map(([resource, reason, field, message, why]): (typeof table)[number] => ({
    title: `${reason} of ${resource}, ${why || 'told without the words'}`,
    error: answer(422, { reason: 'Invalid', message, details: { causes: [{ reason, message, field }] } }, { path: pathOf(resource) }),
    class: 'invalid',
    outcome: 'failedRetryAtCap',
    message: `PATCH ${resource} "web" in namespace "shop": 422 Invalid: ${field} (${reason}${why && `: ${why}`})`,
    more: { isOfImmutable: false },
  })),
  {
    title: 'another UID',
    error: answer(422, {
      reason: 'Invalid',
      message: '',
      details: { causes: [{ reason: 'FieldValueInvalid', message: 'field is immutable', field: 'metadata.uid' }] },
    }),
    class: 'uidMismatch',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 422 Invalid: metadata.uid (FieldValueInvalid)',
  },
  {
    title: 'too many requests',
    error: answer(429, { reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } }),
    class: 'tooManyRequests',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 429 TooManyRequests',
    more: { retryAfter: 3_000 },
  },
  {
    title: 'a body that does not fit the schema',
    error: answer(500, {
      reason: '',
      message:
        'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="a: b"].imge: field not declared in schema',
    }),
    class: 'schemaMismatch',
    outcome: 'failed',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 500 schemaMismatch: .spec.template.spec.containers[name="a: b"].imge (field not declared in schema)',
    more: { maybeDone: false },
  },
  {
    title: 'a text where the schema has a number',
    error: answer(500, {
      message:
        'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.paused: expected boolean, got &{hunter2}',
    }),
    class: 'schemaMismatch',
    outcome: 'failed',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 500 schemaMismatch: .spec.replicas (expected numeric (int or float), got string), .spec.paused (expected boolean)',
  },
  {
    title: 'several, with values',
    error: answer(500, {
      message:
        'failed to create typed patch object (shop/web; /v1, Kind=Secret): errors:\n  .stringData: expected map, got &value.valueUnstructured{Value:"hunter2"}\n  .metadata.labels.app.kubernetes.io/name: expected string, got &{hunter2}',
    }),
    class: 'schemaMismatch',
    outcome: 'failed',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 500 schemaMismatch: .stringData (expected map), .metadata.labels.app.kubernetes.io/name (expected string)',
  },
  {
    title: 'keys, orders and lists, as a schema complains of them',
    error: answer(500, {
      message:
        'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n  .spec.template.spec.containers[name="main"].ports[containerPort=80,protocol="TCP"].prot: field not declared in schema\n  .spec.template.spec.containers[name="main"].env: duplicate entries for key [name="hunter2"]\n  .spec.template.metadata.annotations.e f: g: expected string, got &value.valueUnstructured{Value:"a\nhunter2: b"}\n  .spec.finalizers: element 0: associative list without keys has an element that\'s a map type',
    }),
    class: 'schemaMismatch',
    outcome: 'failed',
    message:
      'PATCH deployments.apps "web" in namespace "shop": 500 schemaMismatch: .spec.template.spec.containers[name="main"].ports[containerPort=80,protocol="TCP"].prot (field not declared in schema), .spec.template.spec.containers[name="main"].env (duplicate entries), .spec.template.metadata.annotations.e f: g (expected string), .spec.finalizers (element 0)',
  },
  {
    title: 'an object that is too large for the store',
    error: answer(500, { message: 'etcdserver: request is too large' }),
    class: 'tooLarge',
    outcome: 'failed',
    message: 'PATCH deployments.apps "web" in namespace "shop": 500 tooLarge: the object is too large',
  },
  {
    title: 'a request that is too large',
    error: answer(413, { reason: 'RequestEntityTooLarge' }),
    class: 'tooLarge',
    outcome: 'failed',
    message: 'PATCH deployments.apps "web" in namespace "shop": 413 RequestEntityTooLarge: the object is too large',
  },
  {
    title: 'any other 500',
    error: answer(500, { reason: 'InternalError', message: 'hunter2' }),
    class: 'serverError',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 500 InternalError',
    more: { maybeDone: true },
  },
  {
    title: '503 in plain text',
    error: answer(503, 'service unavailable'),
    class: 'unavailable',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 503 unavailable',
  },
  {
    title: '504',
    error: answer(504, { reason: 'Timeout' }),
    class: 'unavailable',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 504 Timeout',
  },
  {
    title: 'a reason that is no word',
    error: answer(500, { reason: 'hunter2 is\na value' }),
    class: 'serverError',
    outcome: 'retry',
    message: 'PATCH deployments.apps "web" in namespace "shop": 500 serverError',
  },
]

describe('an answer of the server', () => {
  it.each(table)('$title: $class, $outcome', ({ error, class: errorClass, outcome, message, more = {} }) => {
    expect(error).toMatchObject({ class: errorClass, outcome, message, ...more })
    expect(errorOutcomes[errorClass]).toBe(outcome)
  })

  it("of every form leaves the server's message out of the error", () => {
    for (const { error } of table) expect(`${JSON.stringify(error)} ${error.message} ${error.stack}`).not.toContain('hunter2')
  })

  it('asks to wait by seconds or by a date', () => {
    expect(answer(429, '', { headers: { 'retry-after': '7' } }).retryAfter).toBe(7_000)
    expect(
      answer(503, '', { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' } }).retryAfter,
    ).toBe(5_000)
    expect(answer(503, '', { headers: { 'retry-after': 'soon' } }).retryAfter).toBeUndefined()
  })
})

describe('an error of the network', () => {
  const of = (code: string) => networkError(Object.assign(new Error('x'), { code }), { method: 'GET', path: '/api' })

  it.each([
    ['ECONNREFUSED', 'ConnectionRefused', false],
    ['ENOTFOUND', 'HostNotFound', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'ConnectTimeout', false],
    ['CERT_HAS_EXPIRED', 'TLS: CERT_HAS_EXPIRED', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS: DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS: ERR_TLS_CERT_ALTNAME_INVALID', false],
    ['ECONNRESET', 'ConnectionReset', true],
    ['UND_ERR_SOCKET', 'ConnectionReset', true],
    ['UND_ERR_HEADERS_TIMEOUT', 'Timeout', true],
    ['EWHATEVER', 'EWHATEVER', true],
  ])('%s is %s; carried out perhaps: %s', (code, reason, maybeDone) => {
    expect(of(code)).toMatchObject({ class: 'network', outcome: 'retry', reason, maybeDone })
  })

  it('is found behind the errors of several addresses', () => {
    const error = new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])
    expect(networkError(error, { method: 'GET', path: '/api' }).reason).toBe('ConnectionRefused')
  })
})
