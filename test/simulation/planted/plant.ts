import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './bug.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const COPIED = ['src', 'config', 'test/simulation', 'test/crash', 'test/support', 'package.json', 'vitest.config.ts'];

/** A copy of what the simulation and the crash tests need, with one bug in it; the caller removes it. */
export async function plant(bug: PlantedBug | undefined): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'planted-'));
  for (const path of COPIED) await cp(join(REPOSITORY, path), join(directory, path), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules'));
  if (bug !== undefined) await replace(bug, directory);
  return directory;
}

export async function uproot(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** @throws Error when the text is not there exactly once: then nobody knows what is being tested. */
async function replace({ name, file, text, replacement }: PlantedBug, directory: string): Promise<void> {
  const path = join(directory, file);
  const parts = (await readFile(path, 'utf8')).split(text);
  if (parts.length !== 2) throw new Error(`${name}: its text stands ${parts.length - 1} times in ${file}, not once`);
  await writeFile(path, parts.join(replacement));
}
