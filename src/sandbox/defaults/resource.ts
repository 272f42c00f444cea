/** A request for devices is for one, unless it is for all. (pkg/apis/resource/v1/defaults.go) */
import type { Fields, Rules } from './fields.ts'

function count(request: Fields): void {
  if ((request['allocationMode'] ?? 'ExactCount') === 'ExactCount') request['count'] ||= 1
}

export const resourceRules: Rules = {
  'io.k8s.api.resource.v1.ExactDeviceRequest': count,
  'io.k8s.api.resource.v1.DeviceSubRequest': count,
}
