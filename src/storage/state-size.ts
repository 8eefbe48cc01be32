import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Bytes on disk of a state file and what stands beside it; 0 where there is none. */
export async function stateSize(path: string): Promise<number> {
  const files = ['', '-wal', '-shm'].map(suffix => `${resolve(path)}${suffix}`);
  const sizes = await Promise.all(
    files.map(file =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
