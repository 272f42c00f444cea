import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The comparison of the two servers first: it takes minutes, and is one short file that would come last. */
class ComparisonFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isComparison = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/conformance/')
    return [...sorted.filter(isComparison), ...sorted.filter((file) => !isComparison(file))]
  }
}

/**
 * Four projects. `node`: what needs no cluster. `sandbox`: the tests on a cluster, with the sandbox as the cluster; like `node` it needs
 * nothing but Node. `control-plane`: the same tests on the real API server (see test/controlplane), and those that are about it. `processes`: what needs pods that are real
 * processes, each file on a control plane of its own.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: ComparisonFirst },
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{cluster,sandbox,control-plane,processes}.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['test/**/*.{cluster,sandbox}.test.ts'],
          // What compares a part of the sandbox with the real server.
          exclude: ['test/sandbox/**'],
          globalSetup: ['test/controlplane/sandbox-setup.ts'],
          // Most of the time a test waits for a program that it started.
          maxWorkers: 4,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'control-plane',
          include: ['test/**/*.{cluster,control-plane}.test.ts'],
          globalSetup: ['test/controlplane/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Most of the time a test waits for a controller of the cluster.
          maxWorkers: 3,
          // The cluster's own controllers move at their own pace: what fails once is tried once more, and .ci/run names it.
          retry: 1,
        },
      },
      {
        test: {
          name: 'processes',
          include: ['test/**/*.processes.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // Each file has a control plane and etcd members on the same cores.
          maxWorkers: 1,
        },
      },
    ],
  },
})
