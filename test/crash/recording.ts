import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What a process did to files, in order. */
export type Operation =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  /** `file` may be the directory. A failed one leaves it open what of the writes before it will ever be on the disk. */
  | { readonly kind: 'sync'; readonly file: string; readonly failed: boolean }
  | { readonly kind: 'unlink'; readonly file: string }
  /** A transaction has ended, at this time in Unix milliseconds: the program relies on it from here on. */
  | { readonly kind: 'committed'; readonly atMs: number };

export const RECORDED_CALLS = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink', 'write'] as const;

/** As strace must write it: paths of descriptors, all bytes of the longest write, times. */
export const RECORDING = ['-y', '-xx', '-s', '66000', '-ttt'] as const;

/** Reads what one thread did. `marks`: name of the file in which `commit-marks.ts` marks the ends of transactions. */
export function readRecording(path: string, marks: string): readonly Operation[] {
  return readFileSync(path, 'latin1')
    .split('\n')
    .flatMap(line => toOperation(line, marks) ?? []);
}

const LINE = /^([\d.]+) (\w+)\((.*)\) += (-?\d+)/;
const DESCRIPTOR = /^\d+<([^>]*)>/;

function toOperation(line: string, marks: string): Operation | undefined {
  const [, time = '', call = '', inside = '', result = ''] = LINE.exec(line) ?? [];
  const failed = result.startsWith('-');
  const file = basename(bytes(DESCRIPTOR.exec(inside)?.[1] ?? '').toString());
  switch (call) {
    case 'write':
      return file === marks ? { kind: 'committed', atMs: Number(time) * 1000 } : undefined;
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', file, failed };
    case 'pwrite64':
      return failed ? undefined : toWrite(file, inside);
    case 'ftruncate':
      return failed ? undefined : { kind: 'truncate', file, size: Number(/(\d+)$/.exec(inside)?.[1]) };
    case 'unlink':
      return failed
        ? undefined
        : { kind: 'unlink', file: basename(bytes(/"([^"]*)"/.exec(inside)?.[1] ?? '').toString()) };
    default:
      return undefined;
  }
}

function toWrite(file: string, inside: string): Operation {
  const [, text = '', length, offset] = /"([^"]*)", (\d+), (\d+)$/.exec(inside) ?? [];
  const data = bytes(text);
  if (data.length !== Number(length)) throw new Error(`a write of ${length} bytes was recorded as ${data.length}`);
  return { kind: 'write', file, offset: Number(offset), data };
}

/** `-xx` writes every byte as \x00; a path may stand there as it is. */
function bytes(text: string): Buffer {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text);
}
