/** What is special about the kinds that are no workloads, by storage. */
import type { KindBehaviour } from '../../registry/resource.ts'
import { accountKinds } from './accounts.ts'
import { admissionKinds } from './admission-registration.ts'
import { certificateKinds } from './certificates.ts'
import { claimKinds } from './claims.ts'
import { configKinds } from './config.ts'
import { deviceKinds } from './devices.ts'
import { endpointKinds } from './endpoints.ts'
import { eventKinds } from './events.ts'
import { flowControlKinds } from './flow-control.ts'
import { limitRangeKinds } from './limit-range.ts'
import { namespaceKinds } from './namespaces.ts'
import { networkPolicyKinds } from './network-policy.ts'
import { networkingKinds } from './networking.ts'
import { nodeKinds } from './nodes.ts'
import { quotaKinds } from './quota.ts'
import { rbacKinds } from './rbac.ts'
import { schedulingKinds } from './scheduling.ts'
import { serviceKinds } from './service.ts'
import { storageKinds } from './storage.ts'
import { volumeKinds } from './volumes.ts'

/** `/services`, `rbac.authorization.k8s.io/roles` → what the server does with it. */
export const platformKinds: Readonly<Record<string, KindBehaviour>> = {
  ...accountKinds,
  ...admissionKinds,
  ...certificateKinds,
  ...claimKinds,
  ...configKinds,
  ...deviceKinds,
  ...endpointKinds,
  ...eventKinds,
  ...flowControlKinds,
  ...limitRangeKinds,
  ...namespaceKinds,
  ...networkPolicyKinds,
  ...networkingKinds,
  ...nodeKinds,
  ...quotaKinds,
  ...rbacKinds,
  ...schedulingKinds,
  ...serviceKinds,
  ...storageKinds,
  ...volumeKinds,
}
