import type { Status } from '../../src/telemetry/status.ts';

const DAY_S = 86_400;
export const nowMs = Date.UTC(2026, 0, 11);
const nowS = nowMs / 1000;
const startAt = nowS - 10 * DAY_S;
/** What a terminal, or a page, must not take for its own. */
export const evil = '\u001b[2J<script>\u202e';

/** Something of everything that there is to show, with what must not get through. */
export const status: Status = {
  version: '1.0.0',
  startedAtMs: nowMs - 3_600_000,
  nowMs,
  ready: false,
  problems: [{ severity: 'act', organization: 'acme', message: `delivery is on hold: ${evil}` }],
  backend: 'http://localhost:4318/v1/logs',
  storage: { path: '/state.db', bytes: 4_096 },
  organizations: [
    {
      name: 'acme',
      delivery: { state: 'held', message: evil, sinceMs: nowMs - 60_000, retries: 3 },
      streams: [
        {
          stream: 'tenant',
          state: 'behind',
          reason: evil,
          startAt,
          lagSeconds: 2,
          covered: [
            { from: startAt, to: startAt + 5 * DAY_S },
            { from: startAt + 7 * DAY_S, to: nowS - 300 },
          ],
          gaps: [
            { from: startAt + 5 * DAY_S, to: startAt + 6 * DAY_S },
            { from: startAt + 6 * DAY_S, to: startAt + 7 * DAY_S, reason: evil, retryAtMs: nowMs },
          ],
          gapSeconds: 2 * DAY_S,
        },
      ],
      works: [
        {
          kind: 'history',
          stream: 'tenant',
          unit: 'seconds',
          done: DAY_S,
          total: 3 * DAY_S,
          startedAtMs: nowMs - 60_000,
          endsAtMs: nowMs + 90_000,
        },
      ],
      routes: [
        { route: '/organization/users', requests: 0, limited: 0, refused: 0, failed: 0, waitSeconds: 0 },
        {
          route: '/organization/roles',
          requests: 0,
          limited: 0,
          refused: 0,
          failed: 0,
          waitSeconds: 0,
          requestsPerMinute: 60,
        },
        { route: evil, requests: 1, limited: 0, refused: 0, failed: 0, waitSeconds: 0 },
      ],
      inventory: {
        lists: 30,
        incomplete: 1,
        unavailable: 2,
        oldestReadAtMs: nowMs - 3_600_000,
        startedAtMs: nowMs - 720_000,
        endedAtMs: nowMs - 600_000,
        troubles: [{ list: '/organization/groups', message: 'HTTP 500' }],
      },
      parked: [{ kind: 'event', reason: 'refused', records: 2, message: evil }],
    },
  ],
};
