/** Bodies with all sorts of oddities, one by one, for the decoder of built-in kinds. */

export interface Body {
  /** The path to POST to, without the namespace: `apps/v1/deployments`, `v1/configmaps`. */
  readonly collection: string
  /** group/version/kind, the group empty for the core group. */
  readonly kind: string
  readonly text: string
}

const at = (collection: string, kind: string) => {
  const apiVersion = collection.slice(0, collection.lastIndexOf('/'))
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return (rest: string): Body => ({
    collection,
    kind: `${group}/${version}/${kind}`,
    text: `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"a"}${rest && `,${rest}`}}`,
  })
}

const configMap = at('v1/configmaps', 'ConfigMap')
const secret = at('v1/secrets', 'Secret')
const service = at('v1/services', 'Service')
const deployment = at('apps/v1/deployments', 'Deployment')
const definition = at('apiextensions.k8s.io/v1/customresourcedefinitions', 'CustomResourceDefinition')
const lease = at('coordination.k8s.io/v1/leases', 'Lease')
const role = at('rbac.authorization.k8s.io/v1/roles', 'Role')
const networkPolicy = at('networking.k8s.io/v1/networkpolicies', 'NetworkPolicy')
const claim = at('v1/persistentvolumeclaims', 'PersistentVolumeClaim')
const revision = at('apps/v1/controllerrevisions', 'ControllerRevision')
const pod = at('v1/pods', 'Pod')

const meta = (metadata: string): Body => ({
  ...configMap(''),
  text: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a",${metadata}}}`,
})
const spec = (text: string): Body => deployment(`"spec":${text}`)
const podSpec = (container: string, more = ''): Body =>
  spec(
    `{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"${container && `,${container}`}}]${more && `,${more}`}}}}`,
  )
const quantity = (text: string): Body => claim(`"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":${text}}}}`)
const schema = (text: string): Body => ({
  ...definition(''),
  text: `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.schema.example"},"spec":{"group":"schema.example","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"x":${text}}}}}]}}`,
})

const scalars = [
  '"x"',
  '1.5',
  '1e2',
  '2147483648',
  '-2147483649',
  '9223372036854775808',
  '1.0',
  'true',
  '[]',
  '{}',
  '"1"',
  'null',
  '0',
  '-0',
]
const quantities = [
  ...['"1"', '"0.5Gi"', '1', '1.5', '1e3', '"1e3"', '1.5e3', '"100m"', '"0.1m"', '"1.500"', '"+5"', '"5."', '".5"', '" 1 "', '"1024Ki"'],
  ...['"1000m"', '"0"', '"0Mi"', '"-1"', '"1.0"', '"0001"', '"1500m"', '"10E"', '"1E3"', '"12345678901234567890"', '"1.25Ki"', '"0.5Ki"'],
  ...[
    '""',
    '"x"',
    '"1x"',
    '"1KiKi"',
    '"k"',
    '"."',
    '"1k1"',
    '"1e"',
    '"--1"',
    '"1 Gi"',
    'true',
    '[]',
    '{}',
    'null',
    '"1k5"',
    '"9Ei"',
    '"1e-9"',
    '"1e-10"',
    '"1.23450"',
    '"1.234500"',
    '"12Ki"',
    '"1016Ki"',
    '"99999999999999Ki"',
    '"1E-3"',
    '"-0.1m"',
    '"123456789012345678"',
    '"0.5"',
    '"1.5e0"',
  ],
]
const times = [
  ...[
    '"2026-01-02T03:04:05Z"',
    '"2026-01-02T03:04:05.999Z"',
    '"2026-01-02T03:04:05+01:30"',
    '"2026-01-02T3:04:05Z"',
    '"2026-01-02T03:04:05,5Z"',
  ],
  ...['"0001-01-01T00:00:00Z"', '"2024-02-29T00:00:00Z"', '"2025-02-29T00:00:00Z"', '"2026-13-01T00:00:00Z"', '"2026-01-32T00:00:00Z"'],
  ...[
    '"2026-01-02T24:00:00Z"',
    '"2026-01-02T03:60:00Z"',
    '"2026-01-02T03:04:60Z"',
    '"2026-01-02"',
    '"2026-01-02 03:04:05Z"',
    '"x"',
    '""',
    '5',
  ],
  ...[
    '"2026-01-02T03:04:05"',
    '"2026-01-02T03:04:05Zx"',
    '"2026-01-02T03:04:05+1:00"',
    '"2026-01-02T03:04:05+25:00"',
    'null',
    '{}',
    '[]',
    'true',
  ],
  ...[
    '"2026-1-02T03:04:05Z"',
    '"é"',
    '"26-01-02T03:04:05Z"',
    '"2026-01-00T03:04:05Z"',
    '"2026-01-02T03:04:05.123456Z"',
    '"2026-01-02T03:04:05.123456789Z"',
  ],
]
const bytes = [
  '"YQ=="',
  '"YR=="',
  '"Y\\nQ=="',
  '"YQ"',
  '"YQ="',
  '"YQ==="',
  '"Y"',
  '""',
  '"*"',
  '"YWJj*"',
  '"YQ==YQ=="',
  '"YQ=x"',
  'null',
  '5',
  '{}',
  '[1,255]',
  '[256]',
  '["x"]',
  'true',
]
const schemas = ['true', 'false', '{"type":"string"}', '{"type":5}', '{"nope":1}', 'null', '5', '"x"', '[]', '[{}]']

/** By what they try. */
export const bodies: Readonly<Record<string, readonly Body[]>> = {
  'replicas of a Deployment': scalars.map((text) => spec(`{"replicas":${text}}`)),
  'a boolean': scalars.map((text) => spec(`{"paused":${text},"selector":{"matchLabels":{"a":"b"}}}`)),
  'a text': scalars.map((text) => podSpec(`"workingDir":${text}`)),
  'a port or its name': scalars.map((text) => podSpec(`"livenessProbe":{"httpGet":{"port":${text}}}`)),
  'a text whose type has a name': scalars.map((text) => podSpec(`"imagePullPolicy":${text}`)),
  'seconds in 64 bits': scalars.map((text) => podSpec('', `"activeDeadlineSeconds":${text}`)),
  'a grace period': scalars.map((text) => podSpec('', `"terminationGracePeriodSeconds":${text}`)),
  'an object inside an inlined one': scalars.map((text) => podSpec('', `"volumes":[{"name":"v","emptyDir":${text}}]`)),
  'a list of texts': scalars.map((text) => podSpec(`"args":${text}`)),
  'an item of a list of texts': scalars.map((text) => podSpec(`"args":["x",${text}]`)),
  'an item of a list of objects': scalars.map((text) => podSpec(`"env":[${text}]`)),
  'an object': scalars.map((text) => podSpec(`"resources":${text}`)),
  'a map whose type has a name': scalars.map((text) => podSpec(`"resources":{"limits":${text}}`)),
  'a map of texts': scalars.map((text) => configMap(`"data":${text}`)),
  'a value of a map of texts': scalars.map((text) => configMap(`"data":{"k":${text}}`)),
  'a boolean that may be missing': scalars.map((text) => configMap(`"immutable":${text}`)),
  metadata: scalars.map((text) => configMap(`"metadata":${text}`)),
  labels: scalars.map((text) => meta(`"labels":${text}`)),
  'a label': scalars.map((text) => meta(`"labels":{"l":${text}}`)),
  finalizers: scalars.map((text) => meta(`"finalizers":${text}`)),
  'an owner': scalars.map((text) => meta(`"ownerReferences":[{"apiVersion":"v1","kind":"x","name":"x","uid":"u","controller":${text}}]`)),
  'managed fields': scalars.map((text) => meta(`"managedFields":${text}`)),
  'the fields of a manager': scalars.map((text) =>
    meta(`"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${text}}]`),
  ),
  // One of zero is filled in.
  'a target port': scalars
    .filter((text) => !['0', '-0', 'null'].includes(text))
    .map((text) => service(`"spec":{"ports":[{"port":80,"targetPort":${text}}]}`)),
  'anything at all': scalars.map((text) => revision(`"revision":1,"data":${text}`)),
  'the quantity of a claim': quantities.map(quantity),
  'the quantity of a limit': quantities.map((text) => podSpec(`"resources":{"limits":{"memory":${text}}}`)),
  'the time of a manager': times.map((text) =>
    meta(`"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{},"time":${text}}]`),
  ),
  'a time to the microsecond': times.map((text) => lease(`"spec":{"renewTime":${text}}`)),
  'a time that the server sets': times.map((text) => meta(`"deletionTimestamp":${text}`)),
  'the bytes of a secret': bytes.map((text) => secret(`"data":{"k":${text}}`)),
  'the bytes of a map': bytes.map((text) => configMap(`"binaryData":{"k":${text}}`)),
  'a schema or a boolean': schemas.map((text) => schema(`{"type":"object","additionalProperties":${text}}`)),
  'a schema or a list of them': schemas.map((text) => schema(`{"type":"array","items":${text}}`)),
  'a schema or a list of texts': schemas.map((text) => schema(`{"type":"object","dependencies":{"a":${text}}}`)),
  'a default in a schema': schemas.map((text) => schema(`{"type":"object","default":${text}}`)),
  'a schema in a schema': schemas.map((text) => schema(`{"type":"array","items":{"type":"object","additionalProperties":${text}}}`)),
  'other parts of a schema': [
    schema('{"type":"number","minimum":1.5,"maximum":3}'),
    schema('{"type":"number","minimum":"x"}'),
    schema('{"type":"number","minimum":1e400}'),
    schema('{"type":"string","enum":["a",null,5]}'),
    schema('{"type":"object","nope":1,"properties":{"y":{"nope":2}}}'),
  ],
  'fields that are unknown, twice there, or empty': [
    spec('{"x":1,"y":{"x":1},"template":{"z":1,"spec":{"zz":1,"containers":[{"q":1},{"q":1}]}},"x":3}'),
    spec('{"replicas":1,"replicas":2,"template":{"metadata":{"labels":{"a":"1","a":"2"}}},"template":{"spec":{}}}'),
    spec('{"x":1,"replicas":"a"}'),
    spec('{"replicas":"a","paused":"b"}'),
    spec('{"replicas":"a","template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"zz"}}}]}}}'),
    spec('{"Replicas":1,"REPLICAS":2,"x\\"y":1,"é":2,"\\u0001":3}'),
    spec('[]'),
    spec('"x"'),
    configMap('"Data":{}'),
    configMap('"data":{"__proto__":"x","constructor":"y"}'),
    configMap('"__proto__":{"x":1}'),
    configMap('"data":{"a":"1","a":"2"},"nope":1,"data":{"b":"3"}'),
    configMap('"data":{},"binaryData":{}'),
    meta('"name":"b"'),
    meta('"labels":{},"annotations":{},"finalizers":[],"ownerReferences":[]'),
    meta('"generateName":"","namespace":"","generation":0,"selfLink":""'),
  ],
  'parts of pods': [
    podSpec('"livenessProbe":{"httpGet":{"port":80,"scheme":5}}'),
    podSpec('"livenessProbe":{"exec":{"command":5}}'),
    podSpec('"livenessProbe":{"nope":1,"httpGet":{"nope":1}}'),
    podSpec('', '"volumes":[{"name":"v","configMap":{"name":5}}]'),
    podSpec('', '"volumes":[{"name":5}]'),
    podSpec('', '"volumes":[{"name":"v","configMap":{"name":"x","nope":1},"nope":2}]'),
    podSpec('', '"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1.5Gi"}}]'),
    podSpec('', '"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"x","resourceFieldRef":{"resource":"limits.cpu"}}]}}]'),
    podSpec('', '"ephemeralContainers":[{"name":5}]'),
    podSpec('"ports":[],"env":[],"args":[],"command":null,"stdin":false,"lifecycle":{},"securityContext":{}'),
    podSpec('"securityContext":{"runAsUser":0,"privileged":false},"livenessProbe":null'),
    podSpec('', '"nodeSelector":{},"tolerations":[],"hostNetwork":false,"securityContext":{},"affinity":{},"priority":0,"hostname":""'),
    podSpec('"env":[{"name":"x","value":""},{"name":"y","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]'),
  ],
  'empty lists and objects': [
    spec('{"replicas":"a","strategy":{"rollingUpdate":{"maxSurge":true}}}'),
    spec('{"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},"selector":{"matchLabels":{"a":"b"}}}'),
    pod('"spec":{"containers":[]}'),
    pod('"spec":{"containers":null}'),
    pod('"spec":{}'),
    role('"rules":[]'),
    role('"rules":null'),
    role(''),
    role('"rules":[{"verbs":[],"resources":["a"],"apiGroups":[""]}]'),
    role('"rules":[{"verbs":null,"resources":["a"],"apiGroups":[""]}]'),
    role('"rules":[null]'),
    networkPolicy('"spec":{}'),
    networkPolicy('"spec":{"podSelector":{"matchLabels":{}},"ingress":[{}],"egress":[]}'),
    networkPolicy('"spec":{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}],"ports":[{"port":80}]}]}'),
    networkPolicy('"spec":{"podSelector":null,"ingress":[null]}'),
    service('"spec":{"selector":{},"ports":[{"port":80,"targetPort":8080,"name":""}]},"status":{"loadBalancer":{}}'),
    service(
      '"spec":{"ports":[{"port":80,"protocol":null,"targetPort":"x"}],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":5}}}',
    ),
    lease('"spec":{}'),
    lease(''),
    revision('"revision":1'),
    revision('"revision":1,"data":{"a":{"b":null,"c":[]},"__proto__":1}'),
  ],
}
