/** What pods get, and templates of pods do not. (pkg/apis/core/v1/defaults.go, SetDefaults_Pod) */
import { type Fields, fieldsIn, isFields, listIn } from './fields.ts'
import { podResources } from './pod-resources.ts'

export function podRule(pod: Fields): void {
  const spec = fieldsIn(pod, 'spec')
  const containers = [...listIn(spec, 'containers'), ...listIn(spec, 'initContainers')]
  containers.forEach(requestLimits)
  podResources(spec)
  if (spec['hostNetwork'] === true)
    for (const port of containers.flatMap((each) => listIn(each, 'ports'))) port['hostPort'] ||= port['containerPort']
}

/** What is limited and not asked for is asked for up to the limit. */
function requestLimits(container: Fields): void {
  const resources = fieldsIn(container, 'resources')
  const { limits } = resources
  if (isFields(limits) && Object.keys(limits).length > 0) resources['requests'] = { ...limits, ...fieldsIn(resources, 'requests') }
}
