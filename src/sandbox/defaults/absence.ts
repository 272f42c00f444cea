/** What counts as absent once an object has been decoded. */
import type { StructField } from '../schema/schema.ts'

/** Fields that are always written hold null where Go has a pointer, else the zero value. */
export const isAbsent = ({ omit, pointer }: StructField, value: unknown): boolean =>
  value === undefined || (omit === 'never' && (value === null || (!pointer && (value === 0 || value === '' || value === false))))
