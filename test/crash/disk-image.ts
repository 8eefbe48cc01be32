import type { Operation } from './recording.ts';

/** What becomes of writes that were not synced when the power goes. */
export type Loss = (bytes: number) => 'kept' | 'gone' | readonly boolean[];

/** A disk writes a sector whole or not at all. */
export const SECTOR = 512;

type Change = Extract<Operation, { readonly kind: 'write' | 'truncate' }>;

interface Pending {
  readonly change: Change;
  /** Synced; or `doubtful`, since a sync failed: the kernel may never try again, whatever later syncs say. */
  fate: 'pending' | 'durable' | 'doubtful';
}

/** A file and what has happened to it since it was last wholly on the disk. */
interface Inode {
  base: Buffer;
  pending: Pending[];
  /** What had this name before, while its removal may not be on the disk. */
  former: Inode | undefined;
}

/** The files of a directory as a disk may hold them: synced writes for sure, others perhaps. */
export class DiskImage {
  readonly #files = new Map<string, Inode>();

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'write':
      case 'truncate':
        this.#inode(operation.file).pending.push({ change: operation, fate: 'pending' });
        return;
      case 'unlink':
        this.#files.set(operation.file, { ...empty(), former: this.#inode(operation.file) });
        return;
      case 'sync':
        this.#sync(operation.file, operation.failed);
        return;
      case 'committed':
        return;
    }
  }

  /** The files after the power went at this moment. */
  after(loss: Loss): ReadonlyMap<string, Buffer> {
    return new Map([...this.#files].map(([name, inode]) => [name, contentOf(inode, loss)]));
  }

  #inode(name: string): Inode {
    const known = this.#files.get(name) ?? empty();
    this.#files.set(name, known);
    return known;
  }

  #sync(name: string, failed: boolean): void {
    const inode = this.#files.get(name);
    // No file of ours: the directory.
    if (inode === undefined && !failed) for (const each of this.#files.values()) each.former = undefined;
    if (inode === undefined) return;
    for (const each of inode.pending) if (each.fate === 'pending') each.fate = failed ? 'doubtful' : 'durable';
    if (!failed) inode.former = undefined;
    while (inode.pending[0]?.fate === 'durable') inode.base = changed(inode.base, take(inode.pending).change);
  }
}

function take(pending: Pending[]): Pending {
  const first = pending.shift();
  if (first === undefined) throw new Error('nothing is pending');
  return first;
}

function empty(): Inode {
  return { base: Buffer.alloc(0), pending: [], former: undefined };
}

function contentOf(inode: Inode, loss: Loss): Buffer {
  if (inode.former !== undefined && loss(0) === 'gone') return contentOf(inode.former, loss);
  let content = inode.base;
  for (const { change, fate } of inode.pending) {
    const size = change.kind === 'write' ? change.data.length : 0;
    const lost = fate === 'durable' ? 'kept' : loss(size);
    if (lost === 'kept') content = changed(content, change);
    else if (lost !== 'gone' && change.kind === 'write') content = torn(content, change, lost);
  }
  return content;
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return sized(content, change.size);
  const grown = sized(content, Math.max(content.length, change.offset + change.data.length));
  change.data.copy(grown, change.offset);
  return grown;
}

/** Sectors of the disk, not of the write: one that is shared with another write is kept or lost by each on its own. */
function torn(content: Buffer, change: Extract<Change, { kind: 'write' }>, kept: readonly boolean[]): Buffer {
  let result = content;
  let from = change.offset;
  for (const isKept of kept) {
    const to = Math.min((Math.floor(from / SECTOR) + 1) * SECTOR, change.offset + change.data.length);
    const data = change.data.subarray(from - change.offset, to - change.offset);
    if (isKept) result = changed(result, { ...change, offset: from, data });
    from = to;
  }
  return result;
}

function sized(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  content.copy(result);
  return result;
}
