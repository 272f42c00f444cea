/** Texts of annotations that are true or false: as Go's strconv.ParseBool spells them, and as the Helm operator takes them. */
const trueTexts: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True']
const falseTexts: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/** Undefined for a text that is neither. */
export function booleanOf(text: string): boolean | undefined {
  if (trueTexts.includes(text)) return true
  return falseTexts.includes(text) ? false : undefined
}
