/** What is refused of Ingresses, network policies, endpoints, addresses. */
import { cases, type Step } from '../case.ts'

type Part = Record<string, unknown>
const group = 'networking.k8s.io/v1'
const backend = { service: { name: 'web', port: { number: 80 } } }
const path = (more: Part) => ({ rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...more }] } }] })
const created = { pick: ({ kind }: { kind: string }) => kind }

const ingresses: Record<string, Part> = {
  nothing: {},
  'an empty rule': { rules: [{}] },
  'a default backend': { defaultBackend: backend },
  'an empty backend': { defaultBackend: {} },
  'a backend without a port': { defaultBackend: { service: { name: 'web' } } },
  'a backend without a name': { defaultBackend: { service: { port: { number: 80 } } } },
  'a backend with two ports': { defaultBackend: { service: { name: 'web', port: { number: 80, name: 'http' } } } },
  'a backend with a bad port': { defaultBackend: { service: { name: 'web', port: { number: 70000 } } } },
  'a backend with a bad name of its port': { defaultBackend: { service: { name: 'web', port: { name: 'A--' } } } },
  'a backend with a bad name': { defaultBackend: { service: { name: 'W_b', port: { number: 80 } } } },
  'a backend that is two': { defaultBackend: { ...backend, resource: { kind: 'X', name: 'x' } } },
  'a backend that is a resource': { defaultBackend: { resource: { apiGroup: 'example.com', kind: 'X', name: 'x' } } },
  'a backend that is a bad resource': { defaultBackend: { resource: { apiGroup: 'A', kind: 'a/b', name: '' } } },
  'a path without a type': path({ pathType: null }),
  'an unknown type of path': path({ pathType: 'Regex' }),
  'a relative path': path({ path: 'a' }),
  'an empty path': path({ path: '' }),
  'an empty path for the implementation': path({ path: '', pathType: 'ImplementationSpecific' }),
  'a relative path for the implementation': path({ path: 'a', pathType: 'ImplementationSpecific' }),
  'a path with double slashes': path({ path: '/a//b/./c/../d%2f%2F' }),
  'a path that leads up': path({ path: '/a/..' }),
  'a path without a backend': path({ backend: {} }),
  'no paths': { rules: [{ http: { paths: [] } }] },
  'an address as host': { rules: [{ host: '10.0.0.1' }] },
  'a bad host': { rules: [{ host: 'A_b' }] },
  'a wildcard host': { rules: [{ host: '*.example.com' }] },
  'a bad wildcard host': { rules: [{ host: 'a.*.com' }] },
  'bad hosts of its certificates': { ...path({}), tls: [{ hosts: ['A_b', '*.*.b', '*.a.b'], secretName: 'B_c' }] },
  'a bad class': { ...path({}), ingressClassName: 'A_b' },
}

const classes: Record<string, Part> = {
  'no controller': {},
  'a controller without a prefix': { controller: 'x' },
  'a controller with a bad prefix': { controller: 'A_b/x y' },
  'a long controller': { controller: `example.com/${'a'.repeat(250)}` },
  'empty parameters': { controller: 'example.com/x', parameters: { kind: '', name: '' } },
  'parameters of the cluster with a namespace': {
    controller: 'example.com/x',
    parameters: { kind: 'X', name: 'x', namespace: 'a', scope: 'Cluster' },
  },
  'parameters of a namespace without one': { controller: 'example.com/x', parameters: { kind: 'X', name: 'x', scope: 'Namespace' } },
  'parameters of an unknown scope': { controller: 'example.com/x', parameters: { kind: 'a/b', name: '%', scope: 'World', apiGroup: 'A_' } },
}

const policies: Record<string, Part> = {
  nothing: {},
  'a bad selector': { podSelector: { matchLabels: { 'a b': 'c' }, matchExpressions: [{ key: '-', operator: 'Is', values: ['-'] }] } },
  'a selector without values': { podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
  'a selector with needless values': { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
  'an empty peer': { podSelector: {}, ingress: [{ from: [{}] }] },
  'a peer that is two': { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }] },
  'a block without a range': { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '' } }] }] },
  'a bad range': { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['x'] } }] }] },
  'an exception outside of the range': {
    podSelector: {},
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9', '10.0.0.0/8'] } }] }],
  },
  'bad ports': {
    podSelector: {},
    ingress: [
      {
        ports: [
          { port: 0 },
          { port: 'A--' },
          { protocol: 'X' },
          { endPort: 1 },
          { port: 'a', endPort: 1 },
          { port: 90, endPort: 80 },
          { port: 1, endPort: 70000 },
        ],
      },
    ],
  },
  'an unknown type': { podSelector: {}, policyTypes: ['Sideways'] },
  'too many types': { podSelector: {}, policyTypes: ['Ingress', 'Egress', 'Ingress'] },
}

const endpoints: Record<string, unknown[]> = {
  'an empty subset': [{}],
  'bad addresses': [
    { addresses: [{ ip: 'x', hostname: 'A_', nodeName: 'B_' }, { ip: '127.0.0.1' }, { ip: '0.0.0.0' }, { ip: '224.0.0.1' }] },
  ],
  'bad ports': [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 0 }, { port: 80, name: 'A_', protocol: 'X', appProtocol: 'a b' }] }],
  'an address': [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
}

const slices: Record<string, Part> = {
  'no type of address': { endpoints: [] },
  'an unknown type of address': { addressType: 'Post', endpoints: [] },
  'no addresses': { addressType: 'IPv4', endpoints: [{ addresses: [] }] },
  'bad addresses': { addressType: 'IPv4', endpoints: [{ addresses: ['x', '127.0.0.1', 'fd00::1', '010.0.0.1'] }] },
  'bad addresses of IPv6': { addressType: 'IPv6', endpoints: [{ addresses: ['x', '192.0.2.1', 'FD00::1', '::1', 'fd00::1'] }] },
  'bad names': { addressType: 'FQDN', endpoints: [{ addresses: ['', 'a', 'A_.b', 'a.b', 'a.b.'] }] },
  'too many addresses': {
    addressType: 'IPv4',
    endpoints: [{ addresses: Array.from({ length: 101 }, (_, index) => `192.0.2.${index + 1}`) }],
  },
  'bad ports': {
    addressType: 'IPv4',
    endpoints: [],
    ports: [{ name: 'A_' }, { name: 'a' }, { name: 'a', protocol: 'X' }, { appProtocol: 'a b' }],
  },
  'bad endpoints': {
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['192.0.2.1'],
        nodeName: 'A_',
        hostname: 'B_',
        deprecatedTopology: { 'a b': 'c' },
        hints: { forZones: [{ name: 'z' }, { name: 'z' }, { name: '-' }] },
      },
    ],
  },
}

const addresses: Record<string, Part> = {
  'no parent': { metadata: { name: '192.0.2.77' }, spec: {} },
  'a name that is no address': { metadata: { name: 'x' }, spec: { parentRef: { resource: 'a', name: 'b' } } },
  'a name that is not canonical': { metadata: { name: 'fd00:0::1' }, spec: { parentRef: { resource: 'a', name: 'b' } } },
  'an empty parent': { metadata: { name: '192.0.2.77' }, spec: { parentRef: { resource: '', name: '', group: 'A_', namespace: 'a/b' } } },
}

const ranges: Record<string, string[]> = {
  'no range': [],
  'a bad range': ['10.1.0.1/16'],
  'two ranges of one family': ['10.1.0.0/24', '10.2.0.0/24'],
  'three ranges': ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24'],
  'a range that is not canonical': ['FD00::/64'],
}

export default cases({
  ...Object.fromEntries(
    Object.entries(ingresses).map(([title, spec]) => [
      `an Ingress with ${title}`,
      [[`POST ${group}/ingresses?dryRun=All`, { apiVersion: group, kind: 'Ingress', metadata: { name: 'a' }, spec }]] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(classes).map(([title, spec]) => [
      `an IngressClass with ${title}`,
      [
        [`POST /apis/${group}/ingressclasses?dryRun=All`, { apiVersion: group, kind: 'IngressClass', metadata: { name: '{id}' }, spec }],
      ] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(policies).map(([title, spec]) => [
      `a NetworkPolicy with ${title}`,
      [[`POST ${group}/networkpolicies?dryRun=All`, { apiVersion: group, kind: 'NetworkPolicy', metadata: { name: 'a' }, spec }]] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(endpoints).map(([title, subsets]) => [
      `Endpoints with ${title}`,
      [['POST v1/endpoints?dryRun=All', { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'a' }, subsets }] as Step],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(slices).map(([title, parts]) => [
      `an EndpointSlice with ${title}`,
      [
        [
          'POST discovery.k8s.io/v1/endpointslices?dryRun=All',
          { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a' }, ...parts },
        ],
      ] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(addresses).map(([title, parts]) => [
      `an IPAddress with ${title}`,
      [[`POST /apis/${group}/ipaddresses?dryRun=All`, { apiVersion: group, kind: 'IPAddress', ...parts }]] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(ranges).map(([title, cidrs]) => [
      `a ServiceCIDR with ${title}`,
      [
        [
          `POST /apis/${group}/servicecidrs?dryRun=All`,
          { apiVersion: group, kind: 'ServiceCIDR', metadata: { name: '{id}' }, spec: { cidrs } },
        ],
      ] as Step[],
    ]),
  ),
  'a class of an Ingress by annotation': [
    [
      `POST ${group}/ingresses?dryRun=All`,
      { apiVersion: group, kind: 'Ingress', metadata: { name: 'a', annotations: { 'kubernetes.io/ingress.class': 'x' } }, spec: path({}) },
    ],
    [
      `POST ${group}/ingresses?dryRun=All`,
      {
        apiVersion: group,
        kind: 'Ingress',
        metadata: { name: 'a', annotations: { 'kubernetes.io/ingress.class': 'x' } },
        spec: { ...path({}), ingressClassName: 'y' },
      },
    ],
  ],
  'a changed Ingress': [
    [
      `POST ${group}/ingresses`,
      {
        apiVersion: group,
        kind: 'Ingress',
        metadata: { name: 'a' },
        spec: { ...path({}), rules: [{ host: 'a.example.com', ...path({}).rules[0] }, { host: 'b.example.com' }] },
      },
    ],
    [`MERGE ${group}/ingresses/a`, { spec: { tls: [{ hosts: ['a.example.com'] }] } }],
    [`MERGE ${group}/ingresses/a`, { spec: { rules: null } }],
    [`MERGE ${group}/ingresses/a`, { metadata: { labels: { 'a b': '' } } }],
    [
      `MERGE ${group}/ingresses/a/status`,
      { status: { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '1.2.3.4' }, { hostname: 'A_' }] } } },
    ],
    [`MERGE ${group}/ingresses/a/status`, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { hostname: 'lb.example.com' }] } } }],
    `TABLE ${group}/ingresses`,
  ],
  'a changed NetworkPolicy': [
    [
      `POST ${group}/networkpolicies`,
      {
        apiVersion: group,
        kind: 'NetworkPolicy',
        metadata: { name: 'a' },
        spec: { podSelector: { matchLabels: { b: 'c', a: 'b' }, matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['2', '1'] }] } },
      },
    ],
    [`MERGE ${group}/networkpolicies/a`, { spec: { policyTypes: ['Sideways'] } }],
    [`MERGE ${group}/networkpolicies/a`, { metadata: { labels: { 'a b': '' } } }],
    `TABLE ${group}/networkpolicies`,
  ],
  'a changed IngressClass': [
    [
      `POST /apis/${group}/ingressclasses`,
      {
        apiVersion: group,
        kind: 'IngressClass',
        metadata: { name: '{id}' },
        spec: { controller: 'example.com/x', parameters: { apiGroup: 'example.com', kind: 'X', name: 'x' } },
      },
    ],
    [`MERGE /apis/${group}/ingressclasses/{id}`, { spec: { controller: 'example.com/y' } }],
    `TABLE /apis/${group}/ingressclasses/{id}`,
  ],
  'changed endpoints': [
    ['POST v1/endpoints', { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'a' }, subsets: endpoints['an address'] }, created],
    ['MERGE v1/endpoints/a', { subsets: [{}] }],
    ['MERGE v1/endpoints/a', { metadata: { labels: { 'a b': '' } } }],
    'TABLE v1/endpoints',
    [
      'POST discovery.k8s.io/v1/endpointslices',
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'b' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['192.0.2.1'] }, { addresses: ['192.0.2.2'] }],
        ports: [{ port: 80 }, { name: 'x' }],
      },
    ],
    ['MERGE discovery.k8s.io/v1/endpointslices/b', { addressType: 'IPv6' }],
    ['MERGE discovery.k8s.io/v1/endpointslices/b', { metadata: { labels: { 'a b': '' } } }],
    'TABLE discovery.k8s.io/v1/endpointslices/b',
  ],
})
