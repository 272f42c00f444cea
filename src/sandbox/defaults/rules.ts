/** All rules, by the full name of their type. */
import { apiextensionsRules } from './apiextensions.ts'
import { appsRules } from './apps.ts'
import { autoscalingRules } from './autoscaling.ts'
import { batchRules } from './batch.ts'
import { coreRules } from './core.ts'
import type { Rule } from './fields.ts'
import { networkingRules } from './networking.ts'
import { rbacRules } from './rbac.ts'
import { resourceRules } from './resource.ts'

export const rules: ReadonlyMap<string, Rule> = new Map(
  [apiextensionsRules, appsRules, autoscalingRules, batchRules, coreRules, networkingRules, rbacRules, resourceRules].flatMap((group) =>
    Object.entries(group),
  ),
)
