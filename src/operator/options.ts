/** What `fairlead run` is told, by flags or by the environment, after it was checked. */

import type { EffectOptions } from './playbook-effects.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'
export type LogFormat = 'json' | 'pretty'

/** Where an HTTP server listens. */
export interface ListenAddress {
  /** Empty: every address of the machine. */
  host: string
  /** 0 lets the system choose. */
  port: number
}

export interface RunOptions {
  /** Path of watches.yaml. */
  watchesFile: string
  /** Path of a kubeconfig; undefined looks at KUBECONFIG, then at the service account of the pod, then at ~/.kube/config. */
  kubeconfig: string | undefined
  /** Only primaries in these namespaces; empty watches all. */
  namespaces: readonly string[]
  /** Where the operator keeps what is its own; undefined: the namespace of its credentials. */
  operatorNamespace: string | undefined
  /** What tells the operator from others of its namespace. */
  operatorName: string
  /** Let go of what watches that are no longer there have left. */
  releaseOrphans: boolean
  /** Passes at the same time. */
  workers: number
  /** Milliseconds between two audits of a cache, a fifth more or less; 0: only when asked for. */
  auditInterval: number
  logLevel: LogLevel
  logFormat: LogFormat
  /** Undefined: no such server. */
  metricsAddress: ListenAddress | undefined
  healthAddress: ListenAddress | undefined
  /** Only who may `get` the path /metrics reads them. */
  metricsRequireRbac: boolean
  /** Whether the metrics are served over TLS. */
  metricsSecure: boolean
  /** The folder of the certificate that they are then served with; undefined: one is made. */
  metricsCertificate: string | undefined
  /** What playbooks may do beside the cluster. */
  effects: EffectOptions
  /** Apply the CustomResourceDefinition files of the project before watching. */
  installCrds: boolean
  /** Version of Fairlead, for the user agent of its requests. */
  version: string
}
