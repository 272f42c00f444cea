import { cases, differs } from '../case.ts'
import { commands, curl, lines, sortedLines, Workplace } from '../clients.ts'
import { configMap, definition, deployment, pod } from '../objects.ts'

const yaml = (...objects: object[]): { input: string } => ({ input: objects.map((each) => JSON.stringify(each)).join('\n---\n') })
const apply = (...objects: object[]) => ['kubectl apply -f -', yaml(...objects)] as const
const app = deployment('app', 2)
const ready = 'kubectl rollout status deployment/app --timeout=40s'
const lastLine = { pick: (output: string) => lines(output).at(-1) }
const sorted = { pick: sortedLines }

/** What other cases have installed meanwhile. */
const other = /\bexample\b|\.test\b/

export default cases({
  'kubectl apply: created, unchanged, configured': commands(
    apply(configMap('a')),
    apply(configMap('a')),
    apply(configMap('a', { data: { other: 'x' } })),
    'kubectl get configmap a -o yaml',
    ['kubectl apply -f - --prune -l case=x', yaml(configMap('b', { metadata: { name: 'b', labels: { case: 'x' } } }))],
    ['kubectl apply -f -', { input: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  nmae: y\n' }],
    ['kubectl apply -f -', { input: 'apiVersion: v9\nkind: Nothing\nmetadata:\n  name: x\n' }],
    ['kubectl apply --dry-run=server -f -', yaml(configMap('c'))],
    'kubectl apply view-last-applied configmap a',
  ),
  'kubectl apply --server-side: conflicts, force, the other way round': commands(
    ['kubectl apply --server-side -f -', yaml(configMap('a'))],
    ['kubectl apply --server-side -f -', yaml(configMap('a'))],
    ['kubectl apply --server-side --field-manager=other -f -', yaml(configMap('a', { data: { key: 'other' } }))],
    ['kubectl apply --server-side --field-manager=other --force-conflicts -f -', yaml(configMap('a', { data: { key: 'other' } }))],
    'kubectl get configmap a -o yaml --show-managed-fields',
    apply(configMap('b')),
    ['kubectl apply --server-side -f -', yaml(configMap('b', { data: { more: 'x' } }))],
    'kubectl get configmap b -o yaml --show-managed-fields',
  ),
  'kubectl diff': commands(
    ['kubectl diff -f -', yaml(configMap('a'))],
    apply(configMap('a')),
    ['kubectl diff -f -', yaml(configMap('a'))],
    ['kubectl diff -f -', yaml(configMap('a', { data: { key: 'other' } }))],
    ['kubectl diff --server-side --force-conflicts -f -', yaml(configMap('a', { data: { key: 'third' } }))],
  ),
  'kubectl get in all forms': commands(
    apply(configMap('a', { metadata: { name: 'a', labels: { case: 'x' } } }), configMap('b')),
    'kubectl get configmap a',
    'kubectl get configmap a b --show-labels',
    'kubectl get cm -l case=x -o wide',
    'kubectl get cm -L case --sort-by=.metadata.name',
    'kubectl get configmap a -o json',
    'kubectl get configmap a -o yaml',
    'kubectl get configmap a -o name',
    "kubectl get configmap a -o 'jsonpath={.data.key}'",
    "kubectl get configmap a -o 'custom-columns=N:.metadata.name,K:.data.key'",
    "kubectl get configmap a -o 'go-template={{.data.key}}'",
    'kubectl get configmap none',
    'kubectl get configmap none --ignore-not-found',
    'kubectl get secrets',
    'kubectl get nothing',
    'kubectl get cm --field-selector metadata.name=b --no-headers',
    'kubectl get cm --field-selector data.x=b',
    "kubectl get cm -l 'a b'",
    'kubectl get cm --chunk-size=1 -o name',
    'kubectl get --raw /api/v1/namespaces/{ns}/configmaps/none',
    'kubectl get --raw /healthz',
  ),
  'kubectl get -w': async (api) => {
    using place = await Workplace.open(api)
    await api.prepare('POST v1/configmaps', configMap('a'))
    await place.tellLines('kubectl get configmaps --field-selector metadata.name=a -w', 3, async () => {
      await api.prepare('MERGE v1/configmaps/a', { data: { more: 'x' } })
    })
    await place.tellLines('kubectl get configmaps --field-selector metadata.name=a -w --output-watch-events -o name', 2, async () => {
      await api.prepare('DELETE v1/configmaps/a')
    })
  },
  'kubectl describe': commands(
    apply(configMap('a'), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selector: { app: 'app' }, ports: [{ port: 80, targetPort: 8080 }] },
    }),
    'kubectl describe configmap a',
    'kubectl describe service s',
    'kubectl describe serviceaccount default',
    'kubectl describe configmap none',
    apply({ ...deployment('quiet', 0) }),
    ['kubectl wait deployment/quiet --for=condition=Available --timeout=40s', {}],
    'kubectl describe deployment quiet',
    ['kubectl create secret generic x --from-literal=a=b', {}],
    'kubectl describe secret x',
    'kubectl describe namespace {ns}',
  ),
  'kubectl explain': differs(
    'a type without fields has no name of its own in the OpenAPI documents',
    commands(
      ['kubectl explain deployment.spec.strategy', { pick: shape }],
      ['kubectl explain configmap --recursive', { pick: shape }],
      ['kubectl explain pod.spec.containers.ports.containerPort', { pick: shape }],
      'kubectl explain deployment.spec.none',
      'kubectl explain nothing',
      ['kubectl explain service.spec.type --output plaintext-openapiv2', { pick: (output) => output.includes('Service') }],
    ),
  ),
  'kubectl explain of a definition': commands(
    ['kubectl explain crd --recursive', { pick: (output) => output.includes('openAPIV3Schema') }],
    ['kubectl explain crd.spec.versions.schema.openAPIV3Schema', { pick: (output) => output.includes('additionalProperties') }],
    ['kubectl explain crd.spec.versions.schema.openAPIV3Schema.properties', { pick: (output) => output.includes('additionalProperties') }],
    ['kubectl explain crd.spec.versions.schema.openAPIV3Schema.items', { pick: (output) => output.includes('items') }],
  ),
  'kubectl delete': commands(
    apply(configMap('a'), configMap('b'), configMap('c', { metadata: { name: 'c', labels: { case: 'x' } } })),
    'kubectl delete configmap a --wait',
    'kubectl delete configmap a',
    'kubectl delete configmap a --ignore-not-found',
    'kubectl delete cm -l case=x',
    'kubectl delete configmap b --dry-run=server',
    ['kubectl delete -f -', yaml(configMap('b'))],
    'kubectl delete configmap b --cascade=orphan --ignore-not-found',
    'kubectl delete secrets --all',
  ),
  'kubectl delete --wait of a Deployment and of a pod': commands(
    apply(app),
    [ready, lastLine],
    'kubectl delete deployment app --cascade=foreground --wait --timeout=40s',
    'kubectl get deployments,replicasets,pods',
    ['kubectl run one --image=registry.k8s.io/pause:3.10', {}],
    'kubectl wait pod/one --for=condition=Ready --timeout=40s',
    'kubectl delete pod one --grace-period=1 --timeout=40s',
    'kubectl get pod one',
    ['kubectl run two --image=registry.k8s.io/pause:3.10', {}],
    'kubectl delete pod two --now --timeout=40s',
    ['kubectl run three --image=registry.k8s.io/pause:3.10', {}],
    'kubectl delete pod three --force',
  ),
  'kubectl rollout, scale and set of a Deployment': differs(
    'an autoscaler has no metrics, and shows the replicas that are there as the desired ones',
    commands(
      apply(app),
      [ready, lastLine],
      'kubectl get deployment app',
      'kubectl get deployment app -o wide',
      ['kubectl get replicasets', {}],
      ['kubectl get pods', sorted],
      'kubectl scale deployment app --replicas=3',
      [ready, lastLine],
      'kubectl scale deployment app --replicas=1 --current-replicas=7',
      'kubectl scale deployment none --replicas=1',
      'kubectl set image deployment/app main=registry.k8s.io/pause:3.9',
      [ready, lastLine],
      'kubectl rollout history deployment/app',
      'kubectl rollout history deployment/app --revision=2',
      'kubectl rollout undo deployment/app',
      [ready, lastLine],
      'kubectl rollout restart deployment/app',
      [ready, lastLine],
      'kubectl rollout pause deployment/app',
      'kubectl rollout resume deployment/app',
      'kubectl set env deployment/app A=b',
      'kubectl set resources deployment/app --requests=cpu=1',
      'kubectl set serviceaccount deployment/app default',
      'kubectl rollout status deployment/none',
      'kubectl autoscale deployment app --min=1 --max=3 --cpu=80%',
      ['kubectl get hpa app -o yaml', { until: /ScalingActive/ }],
      'kubectl expose deployment app --port=80 --target-port=8080',
      'kubectl get service app',
    ),
  ),
  'kubectl label and annotate': commands(
    apply(configMap('a')),
    'kubectl label configmap a x=y',
    'kubectl label configmap a x=z',
    'kubectl label configmap a x=z --overwrite',
    'kubectl label configmap a x-',
    'kubectl label configmap a x-',
    'kubectl label configmap a bad=a/b',
    'kubectl annotate configmap a note=hello',
    'kubectl annotate configmap a note-',
    'kubectl label configmap none x=y',
    'kubectl label cm --all all=yes --dry-run=server -l none',
    'kubectl get configmap a -o yaml',
  ),
  'kubectl patch in three types': commands(
    apply(app),
    `kubectl patch configmap none -p '{"data":{"x":"y"}}'`,
    `kubectl patch deployment app --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"x"}]}}}}'`,
    `kubectl patch deployment app --type=merge -p '{"metadata":{"labels":{"x":"y"}}}'`,
    `kubectl patch deployment app --type=json -p '[{"op":"replace","path":"/spec/replicas","value":0}]'`,
    `kubectl patch deployment app --type=json -p '[{"op":"remove","path":"/spec/none"}]'`,
    apply(configMap('a')),
    `kubectl patch configmap a -p '{"data":{"key":"value"}}'`,
    `kubectl patch deployment app --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
    `kubectl patch deployment app --type=merge -p '{"spec":{"selector":{"matchLabels":{"x":"y"}}}}'`,
    ['kubectl get deployment app -o jsonpath={.spec}', { pick: (output) => JSON.parse(output) }],
  ),
  'kubectl edit through a script': commands(
    apply(configMap('a')),
    ['kubectl edit configmap a', { environment: { KUBE_EDITOR: 'sed -i s/value/edited/' } }],
    ['kubectl edit configmap a', { environment: { KUBE_EDITOR: 'true' } }],
    ['kubectl edit configmap none', { environment: { KUBE_EDITOR: 'true' } }],
    'kubectl get configmap a -o jsonpath={.data.key}',
  ),
  'kubectl create from flags': commands(
    'kubectl create configmap a --from-literal=x=y --from-literal=z=w',
    'kubectl create configmap a',
    'kubectl create secret generic b --from-literal=x=y',
    'kubectl create secret docker-registry c --docker-server=r.example.com --docker-username=u --docker-password=p',
    'kubectl create deployment d --image=registry.k8s.io/pause:3.10 --replicas=0 --port=80',
    'kubectl create job e --image=registry.k8s.io/pause:3.10 -- /pause',
    "kubectl create cronjob f --image=registry.k8s.io/pause:3.10 --schedule='0 0 1 1 *'",
    'kubectl create job g --from=cronjob/f',
    'kubectl create service clusterip h --tcp=80:8080',
    'kubectl create service nodeport i --tcp=80',
    'kubectl create service loadbalancer j --tcp=80',
    'kubectl create service externalname k --external-name=example.com',
    'kubectl create serviceaccount l',
    'kubectl create role m --verb=get,list --resource=pods,deployments.apps',
    'kubectl create rolebinding n --role=m --serviceaccount={ns}:l',
    'kubectl create clusterrole o-{id} --verb=get --resource=nodes',
    'kubectl create clusterrolebinding p-{id} --clusterrole=o-{id} --user=somebody',
    'kubectl create quota q --hard=pods=9',
    'kubectl create poddisruptionbudget r --min-available=1 --selector=app=x',
    'kubectl create priorityclass s-{id} --value=5 --description=x',
    "kubectl create ingress t --rule='example.com/*=h:80'",
    'kubectl create namespace u-{id}',
    ['kubectl create token default --duration=1h', { pick: (output) => output.split('.').length }],
    'kubectl run v --image=registry.k8s.io/pause:3.10 --labels=a=b --env=X=y --port=80',
    'kubectl run Bad --image=x',
    [
      'kubectl get configmaps,secrets,deployments,jobs,cronjobs,services,serviceaccounts,roles,rolebindings,resourcequotas,pdb,ingresses -o name',
      {},
    ],
    'kubectl get service h -o jsonpath={.spec.ports}',
    'kubectl get role m -o jsonpath={.rules}',
    'kubectl get ingress t',
    'kubectl get cronjob f',
    'kubectl delete clusterrole o-{id}',
    'kubectl delete clusterrolebinding p-{id}',
    'kubectl delete priorityclass s-{id}',
    'kubectl delete namespace u-{id} --wait=false',
  ),
  'kubectl create, replace and wait': commands(
    ['kubectl create -f -', yaml(configMap('a'))],
    ['kubectl create -f -', yaml(configMap('a'))],
    ['kubectl create -f -', yaml(pod('p'), { apiVersion: 'v1', kind: 'List', items: [configMap('l1'), configMap('l2')] })],
    'kubectl wait pod/p --for=condition=Ready --timeout=40s',
    'kubectl wait pod/p --for=jsonpath={.status.phase}=Running --timeout=40s',
    'kubectl wait pod/none --for=condition=Ready --timeout=1s',
    'kubectl wait configmap/a --for=create --timeout=1s',
    ['kubectl replace -f -', yaml(configMap('a', { data: { x: 'y' } }))],
    ['kubectl replace -f -', yaml(configMap('none'))],
    ['kubectl replace --force -f -', yaml(configMap('a', { data: { x: 'z' } }))],
    ['kubectl create --validate=strict -f -', yaml(configMap('bad', { datum: 1 }))],
    ['kubectl create --validate=warn -f -', yaml(configMap('bad', { datum: 1 }))],
    'kubectl get pod p',
    'kubectl get pod p -o wide',
  ),
  'kubectl and a definition': commands(
    [
      'kubectl apply -f -',
      yaml(
        definition(
          {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                description: 'What it is.',
                required: ['size'],
                properties: { size: { type: 'integer', minimum: 1, description: 'How big.' } },
              },
            },
          },
          { additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }], subresources: { status: {} } },
        ),
      ),
    ],
    'kubectl wait crd/widgets.{id}.example.com --for=condition=Established --timeout=40s',
    ['kubectl get widgets.{id}.example.com', { until: /No resources found/ }],
    ['kubectl apply -f -', { input: 'apiVersion: {id}.example.com/v1\nkind: Widget\nmetadata:\n  name: a\nspec:\n  size: 3\n' }],
    ['kubectl apply -f -', { input: 'apiVersion: {id}.example.com/v1\nkind: Widget\nmetadata:\n  name: b\nspec:\n  size: 0\n' }],
    ['kubectl apply -f -', { input: 'apiVersion: {id}.example.com/v1\nkind: Widget\nmetadata:\n  name: b\nspec:\n  sise: 1\n' }],
    'kubectl get widgets.{id}.example.com',
    'kubectl describe widgets.{id}.example.com a',
    ['kubectl explain widgets.{id}.example.com.spec', { until: /How big/ }],
    ['kubectl explain widgets.{id}.example.com.spec.size --output plaintext-openapiv2', { until: /How big/ }],
    `kubectl patch widgets.{id}.example.com a --subresource=status --type=merge -p '{"status":{}}'`,
    `kubectl patch widgets.{id}.example.com a -p '{"spec":{"size":4}}'`,
    'kubectl api-resources --api-group={id}.example.com',
    'kubectl delete crd widgets.{id}.example.com --timeout=120s',
    'kubectl get widgets.{id}.example.com',
  ),
  'kubectl api-resources, api-versions, version': commands(
    ['kubectl api-resources --no-headers', { pick: (output) => sortedLines(output).filter((line) => !other.test(line)) }],
    'kubectl api-resources --api-group=apps -o wide',
    'kubectl api-resources --namespaced=false --api-group=rbac.authorization.k8s.io -o name',
    ['kubectl api-versions', { pick: (output) => sortedLines(output).filter((line) => !other.test(line)) }],
    ['kubectl version -o json', { pick: (output) => JSON.parse(output).serverVersion.minor }],
    ['kubectl cluster-info', { pick: (output) => output.split('\n')[0]?.includes('is running at') }],
  ),
  'kubectl auth': commands(
    'kubectl auth can-i create deployments',
    'kubectl auth can-i create nothing',
    'kubectl auth can-i get /healthz',
    'kubectl auth can-i list pods --as=system:serviceaccount:{ns}:default',
    'kubectl auth can-i list pods --as=somebody --as-group=system:masters',
    ['kubectl auth whoami -o json', { pick: (output) => Object.keys(JSON.parse(output).status) }],
    'kubectl get pods --as=somebody',
    ['kubectl create role reader --verb=list --resource=pods', {}],
    ['kubectl create rolebinding reader --role=reader --user=somebody', {}],
    ['kubectl auth can-i list pods --as=somebody', { until: /yes/ }],
    'kubectl auth can-i delete pods --as=somebody',
    'kubectl get pods --as=somebody',
    [
      'kubectl auth reconcile -f -',
      yaml({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reader' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      }),
    ],
  ),
  'kubectl proxy and curl through it': async (api) => {
    using place = await Workplace.open(api)
    const namespace = await api.namespace()
    await api.prepare('POST v1/configmaps', configMap('a'))
    const proxy = place.start('kubectl proxy --port=0')
    try {
      let output = ''
      proxy.stdout.on('data', (chunk) => (output += chunk))
      const deadline = AbortSignal.timeout(20_000)
      while (!/:\d+\n/.test(output)) {
        deadline.throwIfAborted()
        await new Promise((resolve) => proxy.stdout.once('data', resolve))
      }
      const url = `http://127.0.0.1:${/:(\d+)\n/.exec(output)?.[1]}`
      for (const path of [
        '/healthz',
        '/api/v1/nothing',
        `/api/v1/namespaces/${namespace}/configmaps/a`,
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
      ]) {
        const { status, body } = await curl(url + path)
        api.keep({ asked: `curl ${path.replace(namespace, '{ns}')}`, status, body: body.startsWith('{') ? JSON.parse(body) : body })
      }
    } finally {
      proxy.kill('SIGKILL')
    }
  },
  'kubectl and what is left': commands(
    apply(pod('p')),
    'kubectl wait pod/p --for=condition=Ready --timeout=40s',
    'kubectl top pod',
    'kubectl get all',
    'kubectl events --for=configmap/none',
    'kubectl get events --field-selector involvedObject.name=none',
    'kubectl cordon none',
    'kubectl logs none',
    'kubectl exec none -- true',
    'kubectl port-forward none 80',
    'kubectl debug none --image=x',
  ),
})

/** An explanation without its texts, which are the sandbox's own. */
function shape(output: string): unknown {
  return output
    .split('\n')
    .filter((line) => /^(?:GROUP|KIND|VERSION|FIELD|FIELDS|DESCRIPTION|RESOURCE|ENUM)/.test(line) || /^\s+\S+\s+<[^>]+>/.test(line))
}
