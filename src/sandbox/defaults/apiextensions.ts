/** Names that follow from the kind, and the version that is stored at first. (apiextensions-apiserver, apis/apiextensions/v1/defaults.go) */
import { fieldsIn, isEmpty, listIn, type Rules } from './fields.ts'

export const apiextensionsRules: Rules = {
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'(definition) {
    const spec = fieldsIn(definition, 'spec')
    const names = fieldsIn(spec, 'names')
    const kind = typeof names['kind'] === 'string' ? names['kind'] : ''
    names['singular'] ||= kind.toLowerCase()
    if (kind) names['listKind'] ||= `${kind}List`
    const status = fieldsIn(definition, 'status')
    const stored = listIn(spec, 'versions').find(({ storage }) => storage === true)
    if (stored && isEmpty(status['storedVersions'])) status['storedVersions'] = [stored['name']]
  },
}
