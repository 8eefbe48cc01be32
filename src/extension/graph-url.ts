/** Which part of an organization's graph is shown. */
export interface GraphPlace {
  /** Key of a thing. */
  readonly around?: string;
  /** Only what is next to it in this way. */
  readonly type?: string;
  readonly way?: 'in' | 'out';
  readonly kind?: string;
  /** What a name, an id or a mail address holds. */
  readonly find?: string;
  /** From 1 on. */
  readonly page?: number;
}

/** Where that is, as it stands in a page. */
export function graphUrl(organization: string, place: GraphPlace = {}): string {
  const query = new URLSearchParams({ organization });
  for (const [name, value] of Object.entries(place)) if (value !== undefined) query.set(name, `${value}`);
  return `/graph?${query}`;
}
