/** What depends on other fields in the core group. (pkg/apis/core/v1/defaults.go) */
import { fieldsIn, isEmpty, isFields, type Fields, type Rules } from './fields.ts'
import { pullPolicy } from './image.ts'
import { podRule } from './pod.ts'
import { serviceRules } from './service.ts'

const core = 'io.k8s.api.core.v1'

function container(fields: Fields): void {
  fields['imagePullPolicy'] ??= pullPolicy(fields['image'])
}

export const coreRules: Rules = {
  ...serviceRules,
  [`${core}.Pod`]: podRule,
  [`${core}.Container`]: container,
  [`${core}.EphemeralContainer`]: container,
  [`${core}.Volume`](volume) {
    if (Object.keys(volume).every((name) => name === 'name')) volume['emptyDir'] = {}
  },
  [`${core}.ImageVolumeSource`](image) {
    image['pullPolicy'] ??= pullPolicy(image['reference'])
  },
  [`${core}.ReplicationController`](controller) {
    const spec = fieldsIn(controller, 'spec')
    const { labels } = fieldsIn(fieldsIn(spec, 'template'), 'metadata')
    if (labels === undefined) return
    if (isEmpty(spec['selector'])) spec['selector'] = structuredClone(labels)
    const metadata = fieldsIn(controller, 'metadata')
    if (isEmpty(metadata['labels'])) metadata['labels'] = structuredClone(labels)
  },
  // A name that is still to be made cannot be a label.
  [`${core}.Namespace`](namespace) {
    const metadata = fieldsIn(namespace, 'metadata')
    const { name } = metadata
    if (!name) return
    if (!isFields(metadata['labels'])) metadata['labels'] = {}
    fieldsIn(metadata, 'labels')['kubernetes.io/metadata.name'] = name
  },
  [`${core}.NodeStatus`](status) {
    if (status['allocatable'] === undefined && status['capacity'] !== undefined) status['allocatable'] = structuredClone(status['capacity'])
  },
  [`${core}.LimitRangeItem`](item) {
    if (item['type'] !== 'Container') return
    const limits = { ...fieldsIn(item, 'max'), ...fieldsIn(item, 'default') }
    const requests = { ...fieldsIn(item, 'min'), ...limits, ...fieldsIn(item, 'defaultRequest') }
    if (!isEmpty(limits)) item['default'] = limits
    if (!isEmpty(requests)) item['defaultRequest'] = requests
    for (const name of ['default', 'defaultRequest']) if (isEmpty(item[name])) delete item[name]
  },
  // A claim template is written with its kind.
  [`${core}.PersistentVolumeClaim`](claim) {
    claim['apiVersion'] ??= 'v1'
    claim['kind'] ??= 'PersistentVolumeClaim'
  },
}
