import { mkdirSync } from 'node:fs'
import { cases, type Run } from '../case.ts'
import { lines, sortedLines, Workplace, type Command } from '../clients.ts'

const chart = `apiVersion: v2
name: shop
version: 1.0.0
appVersion: "1"
`
const values = 'replicas: 1\ngreeting: hello\nimage: registry.k8s.io/pause:3.10\n'
const templates: Readonly<Record<string, string>> = {
  'configmap.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting | quote }}\n',
  'service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector: {app: {{ .Release.Name }}}\n  ports: [{port: 80}]\n',
  'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: {{ .Values.image }}}]}
`,
  'hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: {{ .Values.image }}}]}
`,
  'NOTES.txt': 'Said {{ .Values.greeting }}.\n',
}

/** These commands in a folder that holds the chart \`shop\`. */
const withChart =
  (...list: readonly Command[]): Run =>
  async (api) => {
    using place = await Workplace.open(api)
    mkdirSync(place.file('shop/templates'), { recursive: true })
    place.write('shop/Chart.yaml', chart)
    place.write('shop/values.yaml', values)
    for (const [name, content] of Object.entries(templates)) place.write(`shop/templates/${name}`, content)
    for (const each of list) await (typeof each === 'string' ? place.tell(each) : place.tell(...each))
  }

const json = { pick: (output: string) => withoutTimes(JSON.parse(output)) }

export default cases({
  'helm install, list, status, get': withChart(
    'helm install shop ./shop --set replicas=0',
    ['helm list -o json', json],
    // In the order of Go's maps.
    ['helm status shop', { pick: sortedLines }],
    'helm get values shop --all',
    'helm get manifest shop',
    'helm get hooks shop',
    'helm get notes shop',
    'helm install shop ./shop',
    'helm status none',
  ),
  'helm install --wait with a hook, and uninstall --wait': withChart(
    'helm install shop ./shop --wait --timeout 40s',
    ['kubectl get deployment shop -o jsonpath={.status.readyReplicas}', {}],
    ['kubectl get job shop-before -o jsonpath={.status.succeeded}', {}],
    'helm uninstall shop --wait --timeout 40s',
    'kubectl get deployments,services',
    ['helm list -o json', json],
    'helm uninstall shop',
    'helm uninstall shop --ignore-not-found',
  ),
  'helm upgrade, history, rollback': withChart(
    'helm upgrade shop ./shop --install',
    'helm upgrade shop ./shop --set greeting=bye --set replicas=2 --wait --timeout 40s',
    ['kubectl get configmap shop -o jsonpath={.data.greeting}', {}],
    ['helm history shop -o json', json],
    'helm rollback shop 1 --wait --timeout 40s',
    ['kubectl get configmap shop -o yaml --show-managed-fields', {}],
    ['kubectl get deployment shop -o jsonpath={.spec.replicas}', {}],
    ['helm history shop -o json', json],
    'helm rollback shop 9',
    'helm uninstall shop --keep-history',
    ['helm list -o json', json],
  ),
  'helm --dry-run=server, template and lookup': withChart(
    [
      'helm install shop ./shop --dry-run=server',
      { pick: (output) => lines(output).filter((line) => /^(NAME|STATUS|REVISION|kind|HOOKS)/.test(line)) },
    ],
    'helm template shop ./shop --validate --show-only templates/service.yaml',
    'kubectl get all',
  ),
  'helm and what others made': withChart(
    'kubectl create configmap shop --from-literal=greeting=mine',
    'helm install shop ./shop',
    'helm install shop ./shop --take-ownership',
    'kubectl get configmap shop -o jsonpath={.data.greeting}',
    'helm uninstall shop',
  ),
  'helm and a change by hand': withChart(
    'helm install shop ./shop --set replicas=0',
    'kubectl scale deployment shop --replicas=1',
    `kubectl patch configmap shop -p '{"data":{"more":"x"}}'`,
    'helm upgrade shop ./shop --set replicas=0 --set greeting=bye',
    ['kubectl get configmap shop -o jsonpath={.data}', { pick: (output) => JSON.parse(output) }],
    'helm uninstall shop',
  ),
  'helm and what the server refuses': withChart(
    'helm install shop ./shop --set replicas=-1',
    ['helm list -o json', json],
    'helm install Shop ./shop',
    'helm install shop ./shop --namespace none-{id}',
  ),
})

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes)
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => key !== 'updated'))
}
