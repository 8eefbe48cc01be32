import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';

describe.each(DASHBOARDS.map(({ file, build }) => [basename(file.pathname), file, build] as const))(
  '%s',
  (_, file, build) => {
    it('is what its code makes; `npm run dashboards` writes it', async () => {
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(build())));
    });
  },
);
