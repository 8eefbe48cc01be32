import type { Settled, Statement } from './storage.ts';

/** A thing of an organization's inventory. */
export interface InventoryItem {
  readonly kind: string;
  /** Unique among its kind. */
  readonly id: string;
  /** The list that shows it. */
  readonly list: string;
  readonly name?: string;
  /** What it is, as JSON, without secrets. */
  readonly content: string;
  readonly firstSeenMs: number;
  /** When it was last written down, for whatever reason. */
  readonly reportedMs: number;
}

/** A thing that is there, or that was. */
export interface RememberedItem extends Pick<InventoryItem, 'kind' | 'id' | 'name'> {
  /** What it is, or was last. */
  readonly content?: string;
  /** Present when it is gone. */
  readonly goneAtMs?: number;
}

/** What is to be said of a thing, or of a whole reading, with all that its records are made of. */
export interface InventoryChange {
  readonly kind: string;
  readonly id: string;
  readonly list: string;
  readonly name?: string;
  /** `state`: as it is, no news. `snapshot` is of a reading, and no thing. */
  readonly change: 'state' | 'added' | 'changed' | 'removed' | 'snapshot';
  /** When it was observed, Unix milliseconds. */
  readonly atMs: number;
  readonly firstSeenMs: number;
  /** What it was, as JSON; only with `changed` and `removed`. */
  readonly before?: string;
  /** What it is, as JSON; not with `removed`. */
  readonly content?: string;
  /** What else there is to say, as JSON. */
  readonly facts: string;
}

/** A change that the backend does not have yet. */
export interface WaitingInventory extends InventoryChange {
  /** Its place in the order of all changes, for ever. */
  readonly seq: number;
  readonly organization: string;
  /** `inventory/1`, or `inventory/1/replay/1767225600`. */
  readonly way: string;
  /** The event name of the one of its records that the backend has already. */
  readonly delivered?: string;
}

export interface ParkedInventory extends WaitingInventory {
  readonly reason: string;
  readonly message: string;
  readonly certain: boolean;
  readonly parkedAtMs: number;
}

/** What is known of a list, as JSON; undefined to forget it. */
export interface InventoryList {
  readonly list: string;
  readonly state: string | undefined;
}

export interface SettledInventory extends Omit<Settled, 'uid'> {
  readonly seq: number;
  /** Of what is parked: the event name of the one of its records that the backend took. */
  readonly delivered?: string;
  /** What is to be said when this parks it. */
  readonly statement?: Statement;
}

/** The last acknowledged inventory, and what is on its way to become it. */
export interface InventoryStorage {
  /** What the backend acknowledged and what is not gone, of one kind or of all, in the order of ids. */
  inventory(organization: string, kind?: string): Promise<readonly InventoryItem[]>;

  /** What was written down last of a list, or of a kind, acknowledged or not: what the next reading is compared with. */
  knownInventory(
    organization: string,
    of: { readonly list: string } | { readonly kind: string },
  ): Promise<readonly InventoryItem[]>;

  /** What the backend knows, or knew, under these ids: also things that are gone. In the order of ids, then kinds. */
  inventoryUnder(organization: string, ids: readonly string[]): Promise<readonly RememberedItem[]>;

  /** Whether `inventoryUnder` can find nothing at all. */
  inventoryIsEmpty(organization: string): Promise<boolean>;

  inventoryLists(organization: string): Promise<readonly { readonly list: string; readonly state: string }[]>;

  /**
   * In one transaction: what is to be said, in this order, and what is known of the lists from then on. When all of the
   * lists are as given already, it has happened, and happens no second time.
   */
  recordInventory(
    organization: string,
    changes: readonly InventoryChange[],
    lists: readonly [InventoryList, ...InventoryList[]],
  ): Promise<void>;

  /** What waits for the backend after a place in the order, in that order. */
  waitingInventory(organization: string, limit: number, afterSeq: number): Promise<readonly WaitingInventory[]>;

  /**
   * In one transaction: what was acknowledged is no longer in flight and part of the inventory; what was parked is kept
   * besides, and part of it too, or it would be said again by each reading. What does not wait is passed over, and with
   * it its statement.
   */
  settleInventory(organization: string, settled: readonly SettledInventory[]): Promise<void>;

  /** In their order. */
  parkedInventory(organization: string): Promise<readonly ParkedInventory[]>;

  /** Lets parked changes wait again, on a way; resolves to how many they were. */
  replayInventory(organization: string, seqs: readonly number[], way: string): Promise<number>;
}
