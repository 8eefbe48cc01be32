import { defineConfig } from 'vitest/config';

/**
 * unit: no process, no real time. e2e: real processes on loopback. backends: real OpenTelemetry components,
 * run only by `npm run test:backends`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/backends/**'],
          // Nothing here waits; this much only a machine under heavy load needs.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'backends',
          include: ['test/backends/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
