import type { PlantedBug } from './bug.ts';

/** Ways of not reading what the API lists. */
export const READING: readonly PlantedBug[] = [
  {
    name: 'the cap of pages is an end',
    imitates: 'others: 2,500 events in one poll',
    file: 'src/pipeline/tail.ts',
    text: 'const from = provedFrom(page, fromS);',
    replacement: 'const from = total.requests >= mostPages ? fromS : provedFrom(page, fromS);',
  },
  {
    name: 'the tenant stream is not read',
    imitates: 'others: tenant stream ignored',
    file: 'src/api/audit-log.ts',
    text: "if (query.stream === 'tenant') pairs.push(['tenant_only', 'true']);",
    replacement: '',
  },
  {
    name: 'T is the local clock',
    imitates: 'others: server clock ahead',
    file: 'src/api/api-time.ts',
    text: 'return Math.min(mark.estimateS, Math.floor(this.#expectedS(mark.monotonicMs)));',
    replacement: 'return Math.floor(this.#clock.nowMs() / 1000);',
  },
  {
    name: 'an answer far ahead is believed at once',
    imitates: 'T runs ahead',
    file: 'src/api/api-time.ts',
    text: 'this.#ahead.answers >= JUMP_ANSWERS && monotonicMs - ahead.sinceMs >= JUMP_OVER_MS',
    replacement: 'this.#ahead.answers >= 1',
  },
  {
    name: 'the tail has an upper bound',
    imitates: 'others: server clock two minutes ahead',
    file: 'src/pipeline/tail.ts',
    text: 'source.receivers.live.walk(gte === undefined ? {} : { gte }, signal)',
    replacement:
      'source.receivers.live.walk(gte === undefined ? {} : { gte, lte: Math.floor(source.clock.nowMs() / 1000) }, signal)',
  },
  {
    name: 'the tail starts one second above the newest event',
    imitates: 'others: same second across polls (+1)',
    file: 'src/pipeline/tail.ts',
    text: 'const events = oldestFirst(page.events.filter(isNews));',
    replacement:
      'const known = feed.state.ways.live?.at ?? 0;\n      const events = oldestFirst(page.events.filter(event => isNews(event) && (event.effectiveAt > known || !feed.isWholeAt(event.effectiveAt))));',
  },
  {
    name: 'a repeated cursor ends the walk',
    imitates: 'others: the same cursor again and again',
    file: 'src/receiver/audit-log.ts',
    text: "if (this.#cursors.has(page.lastId)) return 'a cursor came again';",
    replacement: 'if (this.#cursors.has(page.lastId)) { Object.assign(page, { hasMore: false }); return undefined; }',
  },
  {
    name: 'has_more without a cursor is an end',
    imitates: 'others: has_more without a cursor',
    file: 'src/receiver/audit-log.ts',
    text: "if (page.lastId === undefined) return 'a page said that more follows, but gave no cursor';",
    replacement: 'if (page.lastId === undefined) { Object.assign(page, { hasMore: false }); return undefined; }',
  },
  {
    name: 'an empty page is an end',
    imitates: 'an empty page after has_more: true',
    file: 'src/receiver/audit-log.ts',
    text: "if (page.hasMore && page.events.length === 0) return 'an empty page said that more follows';",
    replacement:
      'if (page.hasMore && page.events.length === 0) { Object.assign(page, { hasMore: false }); return undefined; }',
  },
  {
    name: 'a page of known events is an end',
    imitates: 'a cursor that is ignored',
    file: 'src/receiver/audit-log.ts',
    text: "return 'a page held only events of pages before';",
    replacement: '{ Object.assign(page, { hasMore: false }); return undefined; }',
  },
  {
    name: 'a body that is no list is an empty page',
    imitates: 'others: a truncated body taken for an empty page',
    file: 'src/api/audit-log.ts',
    text: "if (!isObject(document)) throw malformed('the answer is not an object');",
    replacement: 'if (!isObject(document)) return { data: [], has_more: false, last_id: undefined };',
  },
  {
    name: 'a body that is not JSON is no document',
    imitates: 'others: a truncated body taken for an empty page',
    file: 'src/api/admin-client.ts',
    text: '    return parseDocuments(body);\n  } catch (error) {\n',
    replacement:
      '    return parseDocuments(body);\n  } catch (error) {\n    if (body.length < 1e9) return [{ data: [], has_more: false }];\n',
  },
  {
    name: 'an error of the API is an empty page',
    imitates: 'others: a 500 on page 3 of one poll',
    file: 'src/api/admin-client.ts',
    text: 'if (answer.status !== 200) throw refusal(answer, request.route, settings.adminKey, waitMs);',
    replacement:
      'if (answer.status >= 500) return [{ data: [], has_more: false }];\n  if (answer.status !== 200) throw refusal(answer, request.route, settings.adminKey, waitMs);',
  },
  {
    name: 'a refusal of the API is an empty page',
    imitates: 'others: a 429 without headers after page 3',
    file: 'src/api/admin-client.ts',
    text: 'if (answer.status !== 200) throw refusal(answer, request.route, settings.adminKey, waitMs);',
    replacement:
      'if (answer.status === 429) return [{ data: [], has_more: false }];\n  if (answer.status !== 200) throw refusal(answer, request.route, settings.adminKey, waitMs);',
  },
  {
    name: 'a refused cursor is an end',
    imitates: 'others: the newest event withdrawn',
    file: 'src/receiver/audit-log.ts',
    text: "lte = progress.restart('the API does not take its own cursor', lte);",
    replacement: 'yield progress.page(true);\n      return;',
  },
  {
    name: 'the second document is dropped, its cursor followed',
    imitates: 'others: two documents in one body',
    file: 'src/api/audit-log.ts',
    text: 'const [first, ...others] = documents.map(envelope);',
    replacement: 'const [first, ...others] = documents.map(envelope).reverse().slice(0, 1);',
  },
  {
    name: 'any order is taken for newest first',
    imitates: 'trust in `order=`',
    file: 'src/receiver/audit-log.ts',
    text: 'return this.isInOrder && this.#order.isDescending;',
    replacement: 'return true;',
  },
  {
    name: 'a page of a slice is dropped',
    imitates: 'a dropped page',
    file: 'src/pipeline/slice.ts',
    text: 'events = events.with(page.events);',
    replacement: 'if (requests !== 2) events = events.with(page.events);',
  },
  {
    name: 'a walk that fails half-way counts as ended',
    imitates: 'an error in mid-walk taken for the end',
    file: 'src/receiver/audit-log.ts',
    text: 'const page = await followed(readPage, { gte: asked.gte, lte, after }, signal);',
    replacement: `let page: Awaited<ReturnType<typeof followed>>;
    try {
      page = await followed(readPage, { gte: asked.gte, lte, after }, signal);
    } catch (error) {
      if (after === undefined) throw error;
      yield progress.page(true);
      return;
    }`,
  },
  {
    name: 'a slice is covered from its oldest second on',
    imitates: 'a page end inside a second',
    file: 'src/pipeline/slice.ts',
    text: 'Math.max(slice.from, oldest + 1)',
    replacement: 'Math.max(slice.from, oldest)',
  },
  {
    name: 'the tail covers its oldest second',
    imitates: 'a page end inside a second',
    file: 'src/pipeline/tail.ts',
    text: 'return Math.max(fromS, page.oldest + 1);',
    replacement: 'return Math.max(fromS, page.oldest);',
  },
  {
    name: 'an unknown type is dropped',
    imitates: 'others: unknown types',
    file: 'src/api/audit-log.ts',
    text: '    events: listedEvents(first.data, fallback),\n',
    replacement: "    events: listedEvents(first.data, fallback).filter(({ type }) => type !== 'novel.thing'),\n",
  },
  {
    name: 'an event whose payload is null is dropped',
    imitates: 'others: null payloads',
    file: 'src/api/audit-log.ts',
    text: '    events: listedEvents(first.data, fallback),\n',
    replacement:
      '    events: listedEvents(first.data, fallback).filter(({ type, text }) => !text.includes(`"${type}":null`)),\n',
  },
  {
    name: 'an event without time is dropped',
    imitates: 'unknown is not kept',
    file: 'src/api/audit-log.ts',
    text: '    extra: others.flatMap',
    replacement:
      '    ...{ events: listedEvents(first.data, fallback).filter(event => !event.timeIsNeighbours) },\n    extra: others.flatMap',
  },
];
