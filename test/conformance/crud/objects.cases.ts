import { cases } from '../case.ts'

export default cases({
  'a ConfigMap that is not there': 'GET v1/configmaps/none',
  'created, read, and created again': [
    ['POST v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value' } }],
    'GET v1/configmaps/a',
    ['POST v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
  ],
})
