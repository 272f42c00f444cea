/** The kinds of resource.k8s.io: stored and shown, their contents unchecked. (pkg/registry/resource; pkg/printers) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { KindBehaviour } from '../../registry/resource.ts'
import { ageRule, column, columnsOf, nameRule } from '../columns.ts'
import { strategyOf } from './strategy.ts'
import { fieldsOf, isSet, listOf, textOf } from './values.ts'

const group = 'resource.k8s.io'

function claimState({ metadata, status }: KubernetesObject): string {
  const { allocation, reservedFor } = fieldsOf(status)
  const states: string[] = metadata.deletionTimestamp === undefined ? [] : ['deleted']
  if (isSet(allocation)) states.push('allocated', ...(listOf(reservedFor).length > 0 ? ['reserved'] : []))
  else if (metadata.deletionTimestamp === undefined) states.push('pending')
  return states.join(',')
}

export const deviceKinds: Readonly<Record<string, KindBehaviour>> = {
  [`${group}/deviceclasses`]: {
    strategy: strategyOf({ namespaced: false, generation: 'spec', returnsDeleted: true }),
    columns: columnsOf(nameRule, ageRule),
  },
  [`${group}/resourceclaims`]: {
    strategy: strategyOf({ hasStatus: true, returnsDeleted: true }),
    columns: columnsOf(nameRule, [column('State'), claimState], ageRule),
  },
  [`${group}/resourceclaimtemplates`]: { strategy: strategyOf({ returnsDeleted: true }), columns: columnsOf(nameRule, ageRule) },
  [`${group}/resourceslices`]: {
    strategy: strategyOf({ namespaced: false, generation: 'spec', returnsDeleted: true }),
    columns: columnsOf(
      nameRule,
      [column('Node'), ({ spec }) => textOf(fieldsOf(spec)['nodeName'])],
      [column('Driver'), ({ spec }) => textOf(fieldsOf(spec)['driver'])],
      [column('Pool'), ({ spec }) => textOf(fieldsOf(fieldsOf(spec)['pool'])['name'])],
      ageRule,
    ),
  },
}
