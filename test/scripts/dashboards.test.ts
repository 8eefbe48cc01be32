import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { access } from '../../scripts/dashboards/access.ts';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import { EVENT_TYPES, WARN } from '../../src/processor/event-types.ts';

describe.each(DASHBOARDS.map(({ file, build }) => [basename(file.pathname), file, build] as const))(
  '%s',
  (_, file, build) => {
    it('is what its code makes; `npm run dashboards` writes it', async () => {
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(build())));
    });
  },
);

/** Each type that weakens a protection, or may, and is no failure. */
const GRAVE = Object.entries(EVENT_TYPES)
  .filter(
    ([type, { severity, warnsWhen }]) => (severity >= WARN || warnsWhen !== undefined) && !type.endsWith('.failed'),
  )
  .map(([type]) => type);

it('Access lists every change that may be grave', () => {
  const patterns = (access().panels ?? [])
    .filter(panel => panel.type === 'logs')
    .flatMap(panel => [...JSON.stringify(panel).matchAll(/openai_audit_type=~\\"(.*?)\\"/g)])
    .map(([, pattern = '']) => new RegExp(`^(?:${pattern.replaceAll('\\\\\\\\', '\\')})$`));
  expect(patterns.length).toBeGreaterThan(4);
  expect(GRAVE.length).toBeGreaterThan(50);
  expect(GRAVE.filter(type => !patterns.some(pattern => pattern.test(type)))).toEqual([]);
});
