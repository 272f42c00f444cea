/** What is refused of Services, and what is given to them. */
import { cases, type Step } from '../case.ts'

type Spec = Record<string, unknown>
const service = (spec: Spec, metadata: Spec = {}) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...metadata }, spec })
const post = (spec: Spec, metadata: Spec = {}): Step => ['POST v1/services?dryRun=All', service(spec, metadata)]
const port = { port: 80 }

const invalid: Record<string, Spec> = {
  'no ports': {},
  'a port number of 0': { ports: [{ port: 0 }] },
  'a port number above 65535': { ports: [{ port: 70000 }] },
  'a target port above 65535': { ports: [{ port: 80, targetPort: 70000 }] },
  'a target port with a bad name': { ports: [{ port: 80, targetPort: 'Bad--name-' }] },
  'a target port with a long name': { ports: [{ port: 80, targetPort: 'a-name-of-port-that-is-long' }] },
  'a target port without letters': { ports: [{ port: 80, targetPort: '123' }] },
  'an empty target port': { ports: [{ port: 80, targetPort: '' }] },
  'two ports without names': { ports: [{ port: 80 }, { port: 81 }] },
  'two ports of one name': {
    ports: [
      { port: 80, name: 'a' },
      { port: 81, name: 'a' },
    ],
  },
  'a port with a bad name': { ports: [{ port: 80, name: 'A_b' }] },
  'a port with a dotted name': { ports: [{ port: 80, name: 'a.b' }] },
  'an unknown protocol': { ports: [{ port: 80, protocol: 'HTTP' }] },
  'a bad application protocol': { ports: [{ port: 80, appProtocol: 'a b/c d' }] },
  'one port twice': {
    ports: [
      { port: 80, name: 'a' },
      { port: 80, name: 'b' },
    ],
  },
  'one port with two protocols': {
    ports: [
      { port: 53, name: 'a', protocol: 'UDP' },
      { port: 53, name: 'b' },
    ],
  },
  'an unknown type': { ports: [port], type: 'Cloud' },
  'a node port of a ClusterIP service': { ports: [{ port: 80, nodePort: 30090 }] },
  'a node port twice': {
    type: 'NodePort',
    ports: [
      { port: 80, name: 'a', nodePort: 30091 },
      { port: 81, name: 'b', nodePort: 30091 },
    ],
  },
  'a bad selector': { ports: [port], selector: { 'a b': 'c' } },
  'a bad value in the selector': { ports: [port], selector: { a: 'c d' } },
  'an unknown affinity': { ports: [port], sessionAffinity: 'Cookie' },
  'an affinity with configuration that has none': { ports: [port], sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } },
  'an affinity that never times out': {
    ports: [port],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } },
  },
  'an affinity that times out late': {
    ports: [port],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } },
  },
  'a cluster IP that is none': { ports: [port], clusterIP: 'banana' },
  'a cluster IP with leading zeros': { ports: [port], clusterIP: '010.96.0.5' },
  'a cluster IP outside of the range': { ports: [port], clusterIP: '192.168.1.1' },
  'the first address of the range': { ports: [port], clusterIP: '10.96.0.0' },
  'the last address of the range': { ports: [port], clusterIP: '10.96.255.255' },
  'a cluster IP of IPv6': { ports: [port], clusterIP: 'fd00::1' },
  'cluster IPs that differ from the cluster IP': { ports: [port], clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.10'] },
  'cluster IPs without a cluster IP': { ports: [port], clusterIPs: ['10.96.9.10'] },
  'two cluster IPs of one family': { ports: [port], clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9', '10.96.9.10'] },
  'three cluster IPs': { ports: [port], clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9', 'fd00::1', '10.96.9.10'] },
  'None beside another cluster IP': { ports: [port], clusterIP: 'None', clusterIPs: ['None', '10.96.9.10'] },
  'a family that is not there': { ports: [port], ipFamilies: ['IPv6'] },
  'an unknown family': { ports: [port], ipFamilies: ['IPv5'] },
  'a family twice': { ports: [port], ipFamilies: ['IPv4', 'IPv4'] },
  'an unknown family policy': { ports: [port], ipFamilyPolicy: 'Both' },
  'two families where one is there': { ports: [port], ipFamilyPolicy: 'RequireDualStack' },
  'two families of a single stack': { ports: [port], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'SingleStack' },
  'a headless NodePort service': { ports: [port], type: 'NodePort', clusterIP: 'None' },
  'a headless LoadBalancer service': { ports: [port], type: 'LoadBalancer', clusterIP: 'None' },
  'an external name that is none': { type: 'ExternalName', externalName: 'not a name' },
  'no external name': { type: 'ExternalName' },
  'an external name with a cluster IP': { type: 'ExternalName', externalName: 'a.example.com', clusterIP: '10.96.8.8' },
  'an external name with families': {
    type: 'ExternalName',
    externalName: 'a.example.com',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  },
  'an external IP that is none': { ports: [port], externalIPs: ['x'] },
  'an external IP of the loopback': { ports: [port], externalIPs: ['127.0.0.1'] },
  'an unspecified external IP': { ports: [port], externalIPs: ['0.0.0.0'] },
  'a link-local external IP': { ports: [port], externalIPs: ['169.254.1.1', 'fe80::1'] },
  'a multicast external IP': { ports: [port], externalIPs: ['224.0.0.5'] },
  'source ranges of a ClusterIP service': { ports: [port], loadBalancerSourceRanges: ['10.0.0.0/8'] },
  'bad source ranges': { ports: [port], type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0', ' 10.0.0.1/8 ', '010.0.0.0/8'] },
  'a load balancer class of a ClusterIP service': { ports: [port], loadBalancerClass: 'example.com/x' },
  'a bad load balancer class': { ports: [port], type: 'LoadBalancer', loadBalancerClass: 'a b' },
  'allocated ports of a ClusterIP service': { ports: [port], allocateLoadBalancerNodePorts: true },
  'an external traffic policy of a ClusterIP service': { ports: [port], externalTrafficPolicy: 'Local' },
  'an unknown external traffic policy': { ports: [port], type: 'NodePort', externalTrafficPolicy: 'Far' },
  'a health check port of a ClusterIP service': { ports: [port], healthCheckNodePort: 30095 },
  'an unknown internal traffic policy': { ports: [port], internalTrafficPolicy: 'Far' },
  'an unknown traffic distribution': { ports: [port], trafficDistribution: 'Anywhere' },
  'many faults at once': {
    ports: [{ port: 0, protocol: 'X' }, { port: -1 }],
    type: 'Y',
    sessionAffinity: 'Z',
    selector: { '': '' },
    internalTrafficPolicy: 'W',
  },
}

const valid: Record<string, Spec> = {
  'a headless service without a selector': { clusterIP: 'None' },
  'a headless service with a selector': { clusterIP: 'None', selector: { app: 'web' } },
  'an external name': { type: 'ExternalName', externalName: 'www.example.com.' },
  'a service that likes two families': { ports: [port], ipFamilyPolicy: 'PreferDualStack' },
  'a NodePort service': { ports: [port], type: 'NodePort' },
  'a NodePort service with one port for two protocols': {
    type: 'NodePort',
    ports: [
      { port: 53, name: 'udp', protocol: 'UDP' },
      { port: 53, name: 'tcp' },
    ],
  },
  'a load balancer': { ports: [port], type: 'LoadBalancer' },
  'a load balancer that keeps traffic local': { ports: [port], type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  'a load balancer without node ports': { ports: [port], type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
  'a service with warnings': { ports: [port], externalIPs: ['192.0.2.1'], externalName: 'x', trafficDistribution: 'PreferClose' },
  'a headless service with warnings': {
    clusterIP: 'None',
    sessionAffinity: 'ClientIP',
    externalIPs: ['192.0.2.1'],
    loadBalancerIP: '192.0.2.2',
  },
}

const changes: Record<string, { from: Spec; to: Spec }> = {
  'another cluster IP': { from: { ports: [port] }, to: { clusterIP: '10.96.7.7', clusterIPs: null } },
  'a ClusterIP service that becomes headless': { from: { ports: [port] }, to: { clusterIP: 'None', clusterIPs: null } },
  'a headless service that gets a cluster IP': {
    from: { ports: [port], clusterIP: 'None' },
    to: { clusterIP: '10.96.7.7', clusterIPs: null },
  },
  'a NodePort service that becomes internal': { from: { ports: [port], type: 'NodePort' }, to: { type: 'ClusterIP' } },
  'a service that becomes an external name': { from: { ports: [port] }, to: { type: 'ExternalName', externalName: 'a.example.com' } },
  'an external name that becomes a service': {
    from: { type: 'ExternalName', externalName: 'a.example.com' },
    to: { type: 'ClusterIP', ports: [port], externalName: null },
  },
  'a load balancer that becomes internal': {
    from: { ports: [port], type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'example.com/x' },
    to: { type: 'ClusterIP' },
  },
  'another load balancer class': {
    from: { ports: [port], type: 'LoadBalancer', loadBalancerClass: 'example.com/x' },
    to: { loadBalancerClass: 'example.com/y' },
  },
  'no ports any more': { from: { ports: [port] }, to: { ports: [] } },
  'another port': { from: { ports: [port] }, to: { ports: [{ port: 81 }] } },
  'another family': { from: { ports: [port] }, to: { ipFamilies: ['IPv6'] } },
  'two families': { from: { ports: [port] }, to: { ipFamilyPolicy: 'RequireDualStack' } },
  'another health check port': {
    from: { ports: [port], type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    to: { healthCheckNodePort: 31999 },
  },
  'a new name of its port': { from: { ports: [port], type: 'NodePort' }, to: { ports: [{ port: 80, name: 'web' }] } },
}

const names = ['Web', '9web', 'web.a', 'a'.repeat(64), '-a', 'web_a']

export default cases({
  ...Object.fromEntries(Object.entries(invalid).map(([title, spec]) => [`a Service with ${title}`, [post(spec)]])),
  ...Object.fromEntries(Object.entries(valid).map(([title, spec]) => [title, [post(spec)]])),
  ...Object.fromEntries(
    names.map((name) => [`a Service named ${name.slice(0, 10)} (${name.length})`, [post({ ports: [port] }, { name })]]),
  ),
  ...Object.fromEntries(
    Object.entries(changes).map(([title, { from, to }]) => [
      `a changed Service: ${title}`,
      [
        ['POST v1/services', service(from), { pick: ({ status }: { status: unknown }) => status }],
        ['MERGE v1/services/web', { spec: to }],
      ] as Step[],
    ]),
  ),
  'a Service with a node port that another one has': async (api) => {
    const { body } = await api.prepare('POST v1/services', service({ type: 'NodePort', ports: [port] }, { name: 'first' }))
    const { nodePort } = body.spec.ports[0]
    api.mask(String(nodePort), 'port')
    await api.send('POST v1/services', service({ type: 'NodePort', ports: [{ port: 80, nodePort }] }), {
      pick: (status: object) => JSON.parse(JSON.stringify(status).replaceAll(String(nodePort), '…')),
    })
  },
  'a Service with a node port outside of the range': [
    ['POST v1/services', service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })],
  ],
  'a Service with a cluster IP that another one has': async (api) => {
    const { body } = await api.prepare('POST v1/services', service({ ports: [port] }, { name: 'first' }))
    await api.send('POST v1/services', service({ ports: [port], clusterIP: body.spec.clusterIP }))
  },
  'the status of a Service that is no load balancer': [
    ['POST v1/services', service({ ports: [port] }), { pick: ({ status }: { status: unknown }) => status }],
    ['MERGE v1/services/web/status', { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }],
  ],
  'the status of a load balancer': [
    ['POST v1/services', service({ ports: [port], type: 'LoadBalancer' }), { pick: ({ status }: { status: unknown }) => status }],
    [
      'MERGE v1/services/web/status',
      { status: { loadBalancer: { ingress: [{ ip: 'x', hostname: '1.2.3.4' }, { ipMode: 'VIP' }, { ip: '192.0.2.1', ipMode: 'X' }] } } },
    ],
  ],
  'the table of Services': [
    [
      'POST v1/services',
      service({ clusterIP: 'None', selector: { a: 'b', c: 'd' } }, { name: 'a' }),
      { pick: ({ status }: { status: unknown }) => status },
    ],
    [
      'POST v1/services',
      service({ type: 'ExternalName', externalName: 'x.example.com' }, { name: 'b' }),
      { pick: ({ status }: { status: unknown }) => status },
    ],
    'TABLE v1/services',
  ],
  'DELETE answers with the Service': [
    ['POST v1/services', service({ type: 'ExternalName', externalName: 'x.example.com' })],
    'DELETE v1/services/web',
  ],
  'PUT makes a Service that is not there': [['PUT v1/services/web', service({ type: 'ExternalName', externalName: 'x.example.com' })]],
  'addresses outside of the range': [
    ...['1.2.3.4', '10.96.0.0', '10.96.255.255', '10.97.0.0', '10.95.255.255', '255.255.255.255', '0.0.0.1'].map(
      (clusterIP) => ['POST v1/services', { metadata: { name: 'a' }, spec: { clusterIP, ports: [{ port: 80 }] } }] as const,
    ),
    ['POST v1/services?dryRun=All', { metadata: { name: 'a' }, spec: { clusterIP: '1.2.3.4', ports: [{ port: 80 }] } }],
  ],
})
