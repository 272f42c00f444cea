import { cases, differs } from '../case.ts'

export default cases({
  'every namespace has the certificate of the cluster\u2019s authority': differs(
    'the sandbox makes its certificate when it begins to listen, and leaves the ConfigMap empty',
    'GET v1/configmaps/kube-root-ca.crt',
  ),
})
