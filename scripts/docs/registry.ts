import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An attribute of our records, as docs/registry has it. */
export interface RegistryAttribute {
  readonly name: string;
  /** The name is one of OpenTelemetry's. */
  readonly isStandard: boolean;
  readonly type: string;
  /** Possible values, when there are only a few. */
  readonly values: readonly string[];
  readonly brief: string;
  readonly note: string | undefined;
  readonly example: unknown;
  readonly from: string;
  readonly ecs: string | undefined;
  readonly ocsf: string | undefined;
}

export interface RegistryGroup {
  readonly id: string;
  readonly title: string;
  readonly brief: string;
  readonly attributes: readonly RegistryAttribute[];
}

export interface RegistryEvent {
  readonly name: string;
  readonly brief: string;
  readonly attributes: readonly { readonly ref: string; readonly requirement_level: 'required' | 'recommended' }[];
}

interface RawAttribute {
  readonly id?: string;
  readonly ref?: string;
  readonly type?: string | { readonly members: readonly { readonly value: string }[] };
  readonly brief: string;
  readonly note?: string;
  readonly examples: readonly unknown[];
  readonly annotations: Readonly<Partial<Record<'type' | 'from' | 'ecs' | 'ocsf', string>>>;
}

interface RawGroup {
  readonly id: string;
  readonly display_name: string;
  readonly brief: string;
  readonly attributes: readonly RawAttribute[];
}

const FOLDER = new URL('../../docs/registry/', import.meta.url);

/** Of audit events and of what the collector says of itself. */
export function registryGroups(): readonly RegistryGroup[] {
  return attributeGroupsIn('attributes.yaml');
}

/** Of records about the inventory. */
export function inventoryGroups(): readonly RegistryGroup[] {
  return attributeGroupsIn('inventory.yaml');
}

function attributeGroupsIn(file: string): readonly RegistryGroup[] {
  return groupsIn<RawGroup>(file).map(({ id, display_name, brief, attributes }) => ({
    id,
    title: display_name,
    brief: brief.trim(),
    attributes: attributes.map(attributeOf),
  }));
}

/** What the collector says of itself. */
export function registryEvents(): readonly RegistryEvent[] {
  return groupsIn<RegistryEvent>('events.yaml');
}

function groupsIn<G>(file: string): readonly G[] {
  return parse(readFileSync(new URL(file, FOLDER), 'utf8')).groups;
}

function attributeOf({ id, ref, type, brief, note, examples, annotations }: RawAttribute): RegistryAttribute {
  const values = typeof type === 'object' ? type.members.map(({ value }) => value) : [];
  return {
    name: id ?? ref ?? '',
    isStandard: ref !== undefined,
    type: typeof type === 'object' ? 'string' : (type ?? annotations.type ?? ''),
    values,
    brief,
    note,
    example: examples[0],
    from: annotations.from ?? '',
    ecs: annotations.ecs,
    ocsf: annotations.ocsf,
  };
}
