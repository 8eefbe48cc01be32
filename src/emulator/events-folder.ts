import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEvent } from './audit-event.ts';

/** The events of every `*.json` in a folder: one event a file, an array, or a list as the API answers it. Throws an Error that names the file. */
export async function readEventsFolder(folder: string): Promise<readonly AuditEvent[]> {
  const listed = await readdir(folder).catch(error => {
    const isAbsent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    throw new Error(isAbsent ? 'there is no such folder' : `it cannot be read (${error.code})`, { cause: error });
  });
  const names = listed.filter(name => name.endsWith('.json')).sort();
  if (names.length === 0) throw new Error(`${folder} has no *.json file`);
  const files = await Promise.all(names.map(name => readEvents(join(folder, name))));
  return files.flat();
}

async function readEvents(path: string): Promise<readonly AuditEvent[]> {
  const content = parse(await readFile(path, 'utf8'), path);
  const events = Array.isArray(content)
    ? content
    : isObject(content) && Array.isArray(content.data)
      ? content.data
      : [content];
  const wrong = events.findIndex(event => !isObject(event));
  if (wrong >= 0) throw new Error(`${path}: expected events (objects), found ${JSON.stringify(events[wrong])}`);
  return events as readonly AuditEvent[];
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not valid JSON (${(error as Error).message})`, { cause: error });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
