import { MADE, PRIVACY_RULES, type PrivacyRule, RULED, rulesFor, SAME_VALUE } from '../processor/privacy-rules.ts';
import { closest } from '../suggest.ts';
import { type Fault, type Format, mapOf, nameSuffix, oneOf, refined, text } from './format.ts';

/** Rules by attribute: each for one that may have it, and no two for one value. */
export const privacyRules: Format<Readonly<Record<string, PrivacyRule>>> = refined(
  mapOf(text('an attribute name', /^[^\s\0]+$/, 'write it without spaces'), oneOf(PRIVACY_RULES)),
  rules => [...Object.entries(rules).flatMap(faultsOf), ...contradictions(rules)],
);

function faultsOf([name, rule]: readonly [string, PrivacyRule]): readonly Fault[] {
  const possible = rulesFor(name);
  const at = nameSuffix(name);
  if (possible === undefined) return [{ at, message: unknownMessage(name), name: true }];
  if (possible.includes(rule)) return [];
  const why =
    rule === 'hash' ? 'holds a place, a number or one of a few words, which a hash does not hide' : 'holds no address';
  return [{ at, message: `${rule} is not possible: it ${why}; write ${possible.join(' or ')}` }];
}

function unknownMessage(name: string): string {
  if (MADE.has(name)) {
    return 'can have no rule: the collector makes it, or proves by it that nothing is missing; docs/records.md lists those that can';
  }
  const meant = closest(name, Object.keys(RULED));
  const advice = meant === undefined ? `docs/records.md lists those that do` : `did you mean \`${meant}\`?`;
  return `no attribute that holds what an event says; ${advice}`;
}

function contradictions(rules: Readonly<Record<string, PrivacyRule>>): readonly Fault[] {
  return SAME_VALUE.flatMap(([one, other]) =>
    rules[one] === undefined || rules[other] === undefined || rules[one] === rules[other]
      ? []
      : [
          {
            at: nameSuffix(other),
            message: `is the same value as \`${one}\`, which has another rule: give one of them`,
          },
        ],
  );
}
