import type { Pages } from '../api/inventory.ts';
import type { Family } from './families.ts';
import type { Path } from './path.ts';

/** What there is in an organization; becomes part of event names and entity types. */
export type KindName =
  | 'admin_api_key'
  | 'api_key'
  | 'certificate'
  | 'certificate_activation'
  | 'data_retention'
  | 'external_key'
  | 'external_storage'
  | 'federation_rule'
  | 'group'
  | 'group_member'
  | 'hosted_tool_permissions'
  | 'invite'
  | 'model_permissions'
  | 'project'
  | 'project_group'
  | 'project_member'
  | 'project_role'
  | 'rate_limit'
  | 'role'
  | 'role_assignment'
  | 'service_account'
  | 'service_tier_settings'
  | 'spend_alert'
  | 'spend_limit'
  | 'user'
  | 'workload_identity_provider';

/** How often a list is worth reading: its cost against what its changes mean. */
export type Pace =
  /** Who there is and what they can open: at every crawl. */
  | 'quick'
  /** What seldom changes unseen, since audit events tell of it. */
  | 'steady'
  /** One request for each project, user or pair of both. */
  | 'slow';

/** What becomes of a field. */
export type FieldRule =
  /** Kept and shown; when it changes, that is worth an alert. */
  | 'change'
  /** Kept and shown; that it changes is no news. */
  | 'state'
  /** Never leaves the collector. */
  | 'secret';

/** `relationship.type` of an edge. */
export type RelationType =
  | 'active_in'
  | 'admin_of'
  | 'applies_to'
  | 'assigned_to'
  | 'encrypts'
  | 'grants'
  | 'impersonates'
  | 'invited_to'
  | 'member_of'
  | 'owned_by'
  | 'owns'
  | 'resource'
  | 'stores_for'
  | 'through';

/** A thing that an item points to: its kind, and where the parts of its id stand, in the order of that kind's id. */
export interface End {
  readonly kind: KindName | 'organization';
  readonly by: readonly Path[];
}

/** An edge that an item tells of. The end that is not given is the item itself. */
export interface Relation {
  readonly type: RelationType;
  readonly from?: End;
  readonly to?: End;
  /** Only when this stands there. */
  readonly when?: readonly [where: Path, is: string];
}

/** One list of the Admin API, and what its items are. Several lists may give the same kind. */
export interface Kind {
  readonly name: KindName;
  /** What a person calls one of them. */
  readonly says: string;
  /** Below the base URL. `{project_id}` stands for the part `project.id` of the parent's id. */
  readonly route: string;
  /** Without which the list is not whole. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whose items the list is read for, one by one. */
  readonly parent: KindName | 'organization';
  readonly pages: Pages;
  /** Items asked for at once; 100 unless given. */
  readonly pageSize?: number;
  /** The field that tells items of one list apart; `id` unless given. */
  readonly key?: string;
  /** Whether it is a thing, or only joins two. */
  readonly form: 'node' | 'link';
  /** The parts of its id, and where they stand. What makes it the same thing at the next reading. */
  readonly id: Readonly<Record<string, Path>>;
  /** Where its name stands; some have none. */
  readonly label?: Path;
  /** By path, of a field or of all below it; `*` is all others. A field that no rule names is `state`: nothing is lost. */
  readonly fields: Readonly<Record<Path, FieldRule>>;
  readonly relations: readonly Relation[];
  /** Types of audit events after which it is worth reading again. */
  readonly events: readonly string[];
  readonly family: Family;
  readonly pace: Pace;
  /** A 404 means that nobody set it: there is none, which is a complete answer. */
  readonly notSet?: true;
  /** The API answers 400 where the project is archived: nothing is to be read there. */
  readonly refusesArchived?: true;
  /** Items whose id one of this kind has are really that. */
  readonly except?: KindName;
}
