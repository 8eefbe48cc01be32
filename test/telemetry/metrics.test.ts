import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/telemetry/counters.ts';
import { BOUNDS, METRICS } from '../../src/telemetry/metrics.ts';
import { prometheusText } from '../../src/telemetry/prometheus.ts';

const SENT = 'openai_collector_exporter_sent_log_records_total';
const TOOK = 'openai_collector_exporter_operation_duration_seconds';
const acme = { organization: 'acme' };

describe('the table of metrics', () => {
  it('names each as Prometheus wants it: counters end in _total, others in their unit', () => {
    for (const [name, { type, unit }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^openai_collector_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (unit === 's') expect(name).toMatch(/_seconds(_total)?$/);
      if (unit === 'By') expect(name).toMatch(/_bytes$/);
    }
  });
});

describe('counters', () => {
  it('add up by their labels, and are known from the first word on', () => {
    const counters = new Counters();
    counters.add(SENT, { ...acme, stream: 'tenant' }, 0);
    counters.add(SENT, { ...acme, stream: 'organization' }, 2);
    counters.add(SENT, { ...acme, stream: 'organization' });
    expect(counters.samples().map(({ labels, value }) => [labels.stream, value])).toEqual([
      ['tenant', 0],
      ['organization', 3],
    ]);
    expect([counters.sum(SENT, acme), counters.sum(SENT, { organization: 'other' })]).toEqual([3, 0]);
  });

  it('sort durations into buckets, a bound into its own', () => {
    const counters = new Counters();
    for (const value of [BOUNDS[0], 0.3, 0.4, 1_000]) counters.observe(TOOK, acme, value);
    const text = prometheusText(counters.samples());
    expect(text).toContain(`${TOOK}_bucket{organization="acme",le="0.005"} 1\n`);
    expect(text).toContain(`${TOOK}_bucket{organization="acme",le="0.25"} 1\n`);
    expect(text).toContain(`${TOOK}_bucket{organization="acme",le="0.5"} 3\n`);
    expect(text).toContain(`${TOOK}_bucket{organization="acme",le="300"} 3\n`);
    expect(text).toContain(`${TOOK}_bucket{organization="acme",le="+Inf"} 4\n`);
    expect(text).toContain(`${TOOK}_count{organization="acme"} 4\n`);
  });
});

describe('the text for Prometheus', () => {
  it('says help and type once a metric, in the order of the table, and escapes labels', () => {
    const odd = { organization: 'a"b\\c\nd', stream: 'tenant' };
    const text = prometheusText([
      { name: 'openai_collector_build_info', labels: { version: '1' }, value: 1 },
      { name: SENT, labels: odd, value: 1 },
      { name: SENT, labels: acme, value: 2 },
    ]);
    expect(text.split('\n').filter(line => !line.startsWith('# HELP'))).toEqual([
      `# TYPE ${SENT} counter`,
      `${SENT}{organization="a\\"b\\\\c\\nd",stream="tenant"} 1`,
      `${SENT}{organization="acme"} 2`,
      '# TYPE openai_collector_build_info gauge',
      'openai_collector_build_info{version="1"} 1',
      '',
    ]);
  });
});
