import { readFile, stat } from 'node:fs/promises';
import type { DatabaseFiles } from './geoip.ts';

/** Another size, time of change or inode is another version: the file was written over, or replaced. */
export const DISK: DatabaseFiles = {
  async versionOf(path) {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}/${size}/${mtimeNs}`;
  },
  read: path => readFile(path),
};
