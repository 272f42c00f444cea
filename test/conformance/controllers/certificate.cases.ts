import { cases } from '../case.ts'

export default cases({
  'every namespace has the certificate of the cluster\u2019s authority': 'GET v1/configmaps/kube-root-ca.crt',
})
