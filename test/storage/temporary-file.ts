import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A path for a state file in a directory of its own, gone when the test is. */
export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'storage-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'state.db');
}
