export const FAMILIES = [
  'people',
  'projects',
  'keys',
  'groups',
  'roles',
  'certificates',
  'limits',
  'spend',
  'settings',
  'external',
  'workload_identity',
] as const;

/** What a plan has or lacks as a whole, and what can be left out by name. */
export type Family = (typeof FAMILIES)[number];
