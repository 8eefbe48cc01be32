import { duration } from '../format.ts';
import type { OrganizationStatus, Problem, StreamStatus } from './status.ts';

/** What is not as it should be, what a person must mend first. */
export function problemsOf(organizations: readonly OrganizationStatus[]): readonly Problem[] {
  const problems = organizations.flatMap(({ name, delivery, streams, parked, routes, inventory }): Problem[] => {
    const about = { organization: name };
    const records = parked.reduce((sum, each) => sum + each.records, 0);
    const paused = routes.filter(({ pausedUntilMs }) => pausedUntilMs !== undefined);
    return [
      ...(delivery?.state === 'held'
        ? [{ ...about, severity: 'act' as const, message: `delivery is on hold: ${delivery.message ?? ''}` }]
        : []),
      ...(delivery?.state === 'retrying'
        ? [{ ...about, severity: 'wait' as const, message: `the backend takes no batches: ${delivery.message ?? ''}` }]
        : []),
      ...streams.flatMap(stream => streamProblems(stream).map(problem => ({ ...about, ...problem }))),
      ...(records > 0
        ? [
            {
              ...about,
              severity: 'wait' as const,
              message: `${records} ${records === 1 ? 'record is' : 'records are'} parked; the command replay lists them`,
            },
          ]
        : []),
      ...paused.map(({ route }) => ({
        ...about,
        severity: 'wait' as const,
        message: `the API asked to leave ${route} alone for a while`,
      })),
      ...(inventory !== undefined && inventory.incomplete > 0
        ? [
            {
              ...about,
              severity: 'wait' as const,
              message: `${inventory.incomplete} of ${inventory.lists} inventory lists could not be read whole`,
            },
          ]
        : []),
    ];
  });
  return problems.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'act' ? -1 : 1));
}

function streamProblems({ stream, state, reason, gaps, gapSeconds }: StreamStatus): readonly Problem[] {
  const asides = gaps.filter(gap => gap.reason !== undefined);
  const said = reason === undefined ? '' : `: ${reason}`;
  const found: Problem[] = [];
  if (state === 'unauthorized') found.push({ stream, severity: 'act', message: `reading is on hold${said}` });
  if (state === 'failing') found.push({ stream, severity: 'wait', message: `reading fails${said}` });
  if (state === 'limited') found.push({ stream, severity: 'wait', message: `the API slows polls down${said}` });
  if (state === 'silent') found.push({ stream, severity: 'wait', message: `unusually silent${said}` });
  // The state is that of the last poll; what was open then may be filled by now.
  if (state === 'behind' && gapSeconds > 0) {
    found.push({ stream, severity: 'wait', message: `history is being filled: ${duration(gapSeconds)} still open` });
  }
  if (asides.length > 0) {
    const message = `${asides.length} ${asides.length === 1 ? 'span is' : 'spans are'} set aside and tried hourly: ${asides[0]?.reason ?? ''}`;
    found.push({ stream, severity: 'wait', message });
  }
  return found;
}
