/** Conditions of a status: one entry a type, whose transition time tells when its status changed. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string | null
  readonly [field: string]: unknown
}

export const conditionOf = <C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type)

/** The condition moves to the end, as the controllers of apps and batch write it; one of the same status and reason stays as it is. */
export function replaceCondition<C extends Condition>(conditions: readonly C[] | undefined, condition: C): readonly C[] {
  const current = conditionOf(conditions, condition.type)
  if (current && current.status === condition.status && current.reason === condition.reason) return conditions ?? []
  const since = current?.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime: since ?? null }]
}

/** The condition stays in its place; its transition time changes with its status only. (apimachinery, api/meta/conditions.go) */
export function setCondition<C extends Condition>(conditions: readonly C[] | undefined, condition: C): readonly C[] {
  const at = (conditions ?? []).findIndex(({ type }) => type === condition.type)
  const current = conditions?.[at]
  if (!conditions || !current) return [...(conditions ?? []), condition]
  const since = current.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime
  return conditions.with(at, { ...condition, lastTransitionTime: since ?? null })
}

export const withoutCondition = <C extends Condition>(conditions: readonly C[] | undefined, type: string): readonly C[] =>
  (conditions ?? []).filter((condition) => condition.type !== type)
