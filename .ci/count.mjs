/**
 * Adds up vitest's JSON reports: `node .ci/count.mjs FAILURES REPORT…` prints `N passed, N failed` and ends with 1 unless tests passed
 * and nothing failed. FAILURES is what failed beside the tests. A report that is missing or holds no test is a failure, and so is a test
 * file that could not be loaded, or a run that failed for another reason than a test. A test that passed only when it was tried again is
 * named, with what it failed for: it is a race, in the test or in what it tests.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

const [failuresElsewhere, ...reports] = process.argv.slice(2)
let passed = 0
let failed = Number(failuresElsewhere)
for (const path of reports) {
  const name = basename(path, '.json')
  if (!existsSync(path)) {
    console.log(`${name}: no test ran`)
    failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const unloaded = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  const other = !report.success && report.numFailedTests + unloaded.length === 0
  const failedHere = report.numFailedTests + unloaded.length + (other || report.numPassedTests === 0 ? 1 : 0)
  console.log(`${name}: ${report.numPassedTests} passed, ${failedHere} failed, ${report.numPendingTests + report.numTodoTests} skipped`)
  for (const { fullName, status, failureMessages } of report.testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (status === 'passed' && failureMessages.length > 0)
      console.log(`${name}: passed only at the second try: ${fullName}\n  ${failureMessages[0].split('\n')[0]}`)
  }
  passed += report.numPassedTests
  failed += failedHere
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
