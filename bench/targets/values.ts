/** Numbers by name; those of one measurement, and those of all of them. */
export type Values = Record<string, number>
