import { defineConfig } from 'vitest/config'

/** Two projects: `node` needs nothing but Node; `control-plane` starts the real API server (see test/controlplane). */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'node', include: ['test/**/*.test.ts'], exclude: ['test/**/*.cluster.test.ts'], testTimeout: 20_000 } },
      {
        test: {
          name: 'control-plane',
          include: ['test/**/*.cluster.test.ts'],
          globalSetup: ['test/controlplane/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          // The cluster's own controllers move at their own pace: what fails once is tried once more, and .ci/run names it.
          retry: 1,
        },
      },
    ],
  },
})
