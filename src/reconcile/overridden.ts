/** What a status tells of values that a primary gives in vain. */
import type { WantedCondition } from './conditions.ts'
import { listed } from './status.ts'

/** `ValuesOverridden`, as long as something that the spec says does not count. @param paths `spec.image.tag` */
export const overriddenConditions = (paths: readonly string[] = []): WantedCondition[] =>
  paths.length === 0
    ? []
    : [
        {
          type: 'ValuesOverridden',
          status: 'True',
          reason: 'OverrideValues',
          message: `overrideValues of the watch win over ${listed(paths)}`,
        },
      ]
