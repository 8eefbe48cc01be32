import type { PlantedBug } from './bug.ts';

/** Ways of losing or doubling between the collector and its backend, and of asking too much. */
export const DELIVERY: readonly PlantedBug[] = [
  {
    name: 'acknowledged before it is sent',
    imitates: 'commit before acknowledgement; others: SIGKILL between send and checkpoint',
    file: 'src/pipeline/pipeline.ts',
    text: '    const verdicts = await delivery.deliver(records, this.#settings.grace);',
    replacement:
      "    await this.#commit(feed, { settled: rows.map(row => ({ uid: row.uid, fate: 'acknowledged' as const })) });\n    const verdicts = await delivery.deliver(records, this.#settings.grace);",
  },
  {
    name: 'sent before it is claimed',
    imitates: 'others: SIGKILL between send and checkpoint, doubled',
    file: 'src/pipeline/pipeline.ts',
    text: 'const sent = Promise.all(known.map(({ feed, rows }) => this.#adopt(feed, rows, signal)));',
    replacement:
      'for (const { feed, rows } of known) await this.#commit(feed, { released: rows.map(({ uid }) => uid) });\n    const sent = Promise.resolve([]);',
  },
  {
    name: 'what is in flight at a start is forgotten',
    imitates: 'no resume of what is in flight',
    file: 'src/pipeline/pipeline.ts',
    text: 'const sent = Promise.all(known.map(({ feed, rows }) => this.#adopt(feed, rows, signal)));',
    replacement: 'const sent = Promise.resolve([]);',
  },
  {
    name: 'partial success is success',
    imitates: 'acknowledgement on partial success',
    file: 'src/exporter/success.ts',
    text: 'if (rejection.count === 0) return',
    replacement: 'if (rejection.count >= 0) return',
  },
  {
    name: 'an answer cut short is success',
    imitates: 'acknowledgement on half an answer',
    file: 'src/exporter/success.ts',
    text: "  if (!answer.complete) return unknown(answer, 'its body ends too soon');\n",
    replacement: '',
  },
  {
    name: 'an answer that is too long is success',
    imitates: 'acknowledgement on an answer that was not read',
    file: 'src/exporter/success.ts',
    text: "  if (answer.oversized) return unknown(answer, 'its body is too long');\n",
    replacement: '',
  },
  {
    name: 'an early answer is success',
    imitates: 'acknowledgement on an early answer',
    file: 'src/exporter/success.ts',
    text: "  if (answer.early) return unknown(answer, 'it came before the request had been sent whole');\n",
    replacement: '',
  },
  {
    name: 'any 200 is success',
    imitates: 'acknowledgement by a portal',
    file: 'src/exporter/classify.ts',
    text: 'return tidy(classifySuccess(answer, context.protocol), context);',
    replacement:
      "return answer.contentType === 'text/html' ? { kind: 'acknowledged' } : tidy(classifySuccess(answer, context.protocol), context);",
  },
  {
    name: 'a time-out is success',
    imitates: 'acknowledgement on time-out',
    file: 'src/exporter/delivery.ts',
    text: 'if (outcome.timedOut && outcome.unknown) return this.#halve(part, outcome.message, failures);',
    replacement: "if (outcome.timedOut && outcome.unknown) return this.#decide(part, { fate: 'acknowledged' });",
  },
  {
    name: 'what fails is given up after some attempts',
    imitates: "OpenTelemetry's batch processor",
    file: 'src/exporter/delivery.ts',
    text: '          if (!PERHAPS_TOO_LARGE.includes(outcome.status)) break;\n',
    replacement:
      "          failures += 1;\n          if (failures > 6) return this.#decide(part, { fate: 'acknowledged' });\n          if (!PERHAPS_TOO_LARGE.includes(outcome.status)) break;\n",
  },
  {
    name: 'a poison record drops its batch',
    imitates: 'others: a record that the backend refuses',
    file: 'src/exporter/delivery.ts',
    text: "          return this.#halve(part, outcome.message, 0);\n        case 'too_old':",
    replacement: "          return this.#decide(part, { fate: 'acknowledged' });\n        case 'too_old':",
  },
  {
    name: 'a poison record stops what lies above it',
    imitates: 'others: a record that the backend refuses',
    file: 'src/exporter/delivery.ts',
    text: "if (isVouchedFor) return this.#park(part, 'refused', outcome.message);",
    replacement: '',
  },
  {
    name: 'what a backend refuses that refuses everything is parked',
    imitates: 'a record held responsible for its way',
    file: 'src/exporter/delivery.ts',
    text: '          strikes.forget();\n          await this.#lane.hold(`${outcome.message} (a probe is refused too)`',
    replacement:
      "          if (Date.length > 0) return this.#park(part, 'refused', outcome.message);\n          await this.#lane.hold(`${outcome.message} (a probe is refused too)`",
  },
  {
    name: 'parked is dropped',
    imitates: 'parked forgotten',
    file: 'src/storage/event.ts',
    text: '  park(session, row.seq, parked);',
    replacement: "  deleteWaiting(session, 'in_flight', row.seq);",
  },
  {
    name: 'parked is not said',
    imitates: 'parked forgotten',
    file: 'src/pipeline/statement.ts',
    text: 'return settled.parked === undefined ? late : [...late, parkedStatement(row, settled.parked)];',
    replacement: 'return late;',
  },
  {
    name: 'a late event is not said',
    imitates: 'a late event that no alert meets',
    file: 'src/pipeline/statement.ts',
    text: 'return settled.parked === undefined ? late : [...late, parkedStatement(row, settled.parked)];',
    replacement: 'return settled.parked === undefined ? [] : [parkedStatement(row, settled.parked)];',
  },
  {
    name: 'observed anew at each repetition',
    imitates: 'duplicates that are not identical',
    file: 'src/pipeline/pipeline.ts',
    text: 'const records = rows.map(row => this.#settings.processor(observedEvent(row, this.#owned.event(row.uid))));',
    replacement:
      'const observedAtMs = this.#settings.clock.nowMs();\n    const records = rows.map(row => this.#settings.processor(observedEvent({ ...row, observedAtMs })));',
  },
  {
    name: 'the way is made anew at each repetition',
    imitates: 'duplicates that are not identical',
    file: 'src/pipeline/pipeline.ts',
    text: '    for (const row of rows) {\n      this.#owned.add(row.uid);\n      feed.moved(row.way, row.effectiveAt);\n    }',
    replacement:
      "    rows = rows.map(row => ({ ...row, way: row.way === 'live' ? 'live' : feed.way('gap', row.effectiveAt) }));\n    for (const row of rows) {\n      this.#owned.add(row.uid);\n      feed.moved(row.way, row.effectiveAt);\n    }",
  },
  {
    name: 'ways never rise',
    imitates: 'n of the way not rising: Loki refuses what steps back',
    file: 'src/pipeline/feed.ts',
    text: 'return `${kind}/${firstAt < at ? n + 1 : n}`;',
    replacement: 'return `${kind}/${n}`;',
  },
  {
    name: 'a batch is sent newest first',
    imitates: 'out of order: Loki refuses what steps back',
    file: 'src/pipeline/pipeline.ts',
    text: '.sort((a, b) => a.effectiveAt - b.effectiveAt);',
    replacement: '.sort((a, b) => b.effectiveAt - a.effectiveAt);',
  },
  {
    name: 'the id alone is the identity',
    imitates: 'an id that comes again with another type',
    file: 'src/storage/event.ts',
    text: "if (found.typeId !== internName(session, 'event_type', event.type)) return 'other_type';",
    replacement: '',
  },
  {
    name: 'what is parked is sent twice by a replay',
    imitates: 'replay doubles',
    file: 'src/storage/waiting.ts',
    text: "  sealRows(session, 'in_flight', 'seq = last_insert_rowid()');\n  deleteWaiting(session, 'parked', seq);",
    replacement: "  sealRows(session, 'in_flight', 'seq = last_insert_rowid()');",
  },
  {
    name: 'a write that fails is given up',
    imitates: 'a full disk that does not heal',
    file: 'src/pipeline/persist.ts',
    text: "if (!(error instanceof CollectorError && error.kind === 'retryable')) throw error;",
    replacement:
      "if (attempt > 1 || !(error instanceof CollectorError && error.kind === 'retryable')) return undefined as T;",
  },
  {
    name: 'statements are written outside the transaction',
    imitates: 'a crash between the fate and what is said of it',
    file: 'src/pipeline/pipeline.ts',
    text: '      return this.#settings.storage.commit({ ...commit, statements });',
    replacement:
      '      const { storage } = this.#settings;\n      return storage.commit({ ...commit, statements: [] }).then(() => storage.commit({ feed: commit.feed, atMs: commit.atMs, statements }));',
  },
  {
    name: 'a statement is forgotten once it was sent',
    imitates: 'statements without acknowledgement',
    file: 'src/pipeline/statement-sender.ts',
    text: '    const verdicts = await deliver(batch.map(processor));\n',
    replacement:
      "    await persist(() => storage.settleStatements(organization, batch.map(({ uid }) => ({ uid, fate: 'acknowledged' as const }))));\n    const verdicts = await deliver(batch.map(processor));\n",
  },
  {
    name: 'Retry-After is ignored',
    imitates: 'a limiter that does not listen',
    file: 'src/api/admin-client.ts',
    text: "const waitMs = retryAfterMs(answer.headers['retry-after'], settings.clock.nowMs(), answer.headers.date);",
    replacement: 'const waitMs = retryAfterMs(undefined, settings.clock.nowMs());',
  },
  {
    name: 'Retry-After is in milliseconds',
    imitates: 'a limiter that does not listen',
    file: 'src/api/admin-client.ts',
    text: '...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });',
    replacement: '...(waitMs === undefined ? {} : { retryAfterMs: waitMs / 1000 }) });',
  },
  {
    name: 'a refusal teaches nothing',
    imitates: 'a limiter that asks on',
    file: 'src/api/route-budget.ts',
    text: 'if (status === 429) this.#refused(permit, retryAfterMs, nowMs);',
    replacement: 'if (status === 429) return;',
  },
  {
    name: 'a slice is held whole, however large it is',
    imitates: 'others: 2.6 to 3 GB for a backfill',
    file: 'src/pipeline/slice.ts',
    text: 'const isFull = requests >= mostPages || characters >= MOST_CHARACTERS;',
    replacement: 'const isFull = false;',
  },
  {
    name: 'a request is never answered',
    imitates: 'verify and replay that nobody answers',
    file: 'src/pipeline/requests.ts',
    text: '  await persist(() => storage.answer(request.id, text, clock.nowMs()), { ...desk, signal });\n',
    replacement: '  void text;\n',
  },
];
