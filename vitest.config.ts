import { defineConfig } from 'vitest/config';

/** Minutes of work on simulated time; the rest of the simulation is a unit test. */
const SIMULATION = [
  'test/simulation/year.test.ts',
  'test/simulation/every-effect.test.ts',
  'test/simulation/inventory/every-request.test.ts',
  'test/simulation/inventory/large.test.ts',
  'test/simulation/inventory/planted.test.ts',
  'test/simulation/planted/**',
];

/**
 * unit: no process, no real time. e2e: real processes on loopback. browser: the pages in a real Chromium, run only by
 * `npm run test:browser`. backends: real OpenTelemetry components,
 * run only by `npm run test:backends`. crash: real processes that are killed, cut off and lied to, run only by
 * `npm run test:crash`: a sample, or with CRASH=all everything. simulation: a year of simulated time, and whether the
 * simulation finds what is planted, run only by `npm run test:simulation`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/backends/**', 'test/crash/**', 'test/browser/**', ...SIMULATION],
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
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
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
      {
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          testTimeout: 3_600_000,
        },
      },
      {
        test: {
          name: 'simulation',
          include: SIMULATION.map(path => path.replace('**', '*.test.ts')),
          testTimeout: 1_800_000,
          maxConcurrency: 2,
        },
      },
    ],
  },
});
