/** The body of /version: clients look at the Kubernetes version whose API this is. (apimachinery, pkg/version) */
import type { JsonObject } from '../../api/object.ts'

/** @param kubernetes `v1.36.3` */
export function versionDocument(kubernetes: string): JsonObject {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(kubernetes) ?? []
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: kubernetes,
    gitCommit: 'unknown',
    gitTreeState: 'archive',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: process.version,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch}`,
  }
}
