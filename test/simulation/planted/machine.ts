import type { PlantedBug } from './bug.ts';

/** Ways of losing that only a real disk or a real connection shows. */
export const MACHINE: readonly PlantedBug[] = [
  {
    name: 'the disk is trusted with what it has not written',
    imitates: 'NORMAL instead of FULL',
    file: 'src/storage/state-file.ts',
    text: 'PRAGMA synchronous = FULL;',
    replacement: 'PRAGMA synchronous = NORMAL;',
    finder: 'power',
  },
  {
    name: 'a connection is kept for the next batch',
    imitates: 'connection reuse: the answer to another batch',
    file: 'src/exporter/otlp.ts',
    text: 'new HttpAgent({ keepAlive: false })',
    replacement: '((globalThis as { kept?: HttpAgent }).kept ??= new HttpAgent({ keepAlive: true }))',
    finder: 'answers',
  },
];
