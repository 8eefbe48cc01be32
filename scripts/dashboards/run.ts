import { writeFile } from 'node:fs/promises';
import { DASHBOARDS } from './dashboards.ts';

for (const { file, build } of DASHBOARDS) await writeFile(file, `${JSON.stringify(build(), null, 2)}\n`);
