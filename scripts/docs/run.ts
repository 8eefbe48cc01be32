import { writeFile } from 'node:fs/promises';
import { configurationJsonSchema } from '../../src/config/json-schema.ts';
import { write } from './part.ts';
import { PARTS } from './parts.ts';

for (const part of PARTS) await write(part);
await writeFile(
  new URL('../../config/schema.json', import.meta.url),
  `${JSON.stringify(configurationJsonSchema(), undefined, 2)}\n`,
);
