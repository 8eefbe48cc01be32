import type { Dice } from '../random.ts';
import { type Actor, byKey, byServiceAccount, NOBODY, signedIn, stranger } from './actor.ts';
import type { Agenda } from './agenda.ts';
import type { Person } from './cast.ts';
import type { Deck } from './deck.ts';
import { activity } from './place.ts';
import type { World } from './world.ts';

export interface Stage {
  readonly world: World;
  readonly dice: Dice;
  readonly agenda: Agenda;
  readonly deck: Deck;
}

/** What an owner does on most days, repeated by how often. */
const DAILY = [
  ...['api_key.created', 'api_key.created', 'api_key.updated', 'api_key.deleted', 'api_key.deleted'],
  ...[
    'rate_limit.updated',
    'rate_limit.updated',
    'project.updated',
    'role.assignment.created',
    'role.assignment.deleted',
  ],
  ...['service_account.created', 'service_account.deleted', 'invite.sent', 'group.updated'],
];
const OWN_KEYS = ['api_key.created', 'api_key.updated', 'api_key.deleted'];
const AUTOMATED = ['api_key.created', 'api_key.deleted', 'rate_limit.updated', 'service_account.updated'];

/** Plans what one visitor does, or one program, from `nowS` (Unix seconds) on. */
export function planScene(stage: Stage, nowS: number): void {
  const kind = stage.dice.next();
  if (kind < 0.004) planTakeover(stage, nowS);
  else if (kind < 0.012) planGuessing(stage, nowS);
  else if (kind < 0.1) planAutomation(stage, nowS);
  else if (kind < 0.15) planMachinery(stage, nowS);
  else if (kind < 0.6) planVisit(stage, nowS);
  else planAdministration(stage, nowS);
}

/** Somebody signs in, perhaps looks after a key, and often signs out. */
function planVisit(stage: Stage, nowS: number): void {
  const { world, dice } = stage;
  const actor = signedIn(pickAwake(world.people, nowS, dice), nowS * 1000, dice);
  let atS = signIn(stage, actor, nowS);
  for (let left = dice.integer(0, 2); left > 0; left -= 1) {
    atS += dice.integer(5, 600);
    stage.agenda.add({ type: dice.pick(OWN_KEYS), atS, actor });
  }
  signOut(stage, actor, atS);
}

/** An owner signs in and works through what has come up, some of it in one go. */
function planAdministration(stage: Stage, nowS: number): void {
  const { world, dice } = stage;
  const owners = world.people.filter(person => person.role === 'owner');
  const actor = signedIn(pickAwake(owners, nowS, dice), nowS * 1000, dice);
  let atS = signIn(stage, actor, nowS);
  for (let left = dice.integer(2, 6); left > 0; left -= 1) {
    const type = dice.chance(0.5) ? stage.deck.draw() : dice.pick(DAILY);
    if (dice.chance(0.7)) atS += dice.integer(4, 400);
    stage.agenda.add({ type, atS, actor });
  }
  signOut(stage, actor, atS);
}

/** A deployment or a nightly job, with a key of its own or somebody's. */
function planAutomation(stage: Stage, nowS: number): void {
  const { world, dice } = stage;
  const key = world.stock('api_key')[0];
  const account = world.stock('service_account')[0];
  if (key === undefined || account === undefined) {
    planVisit(stage, nowS);
    return;
  }
  const actor = dice.chance(0.6) ? byServiceAccount(account, key) : byKey(dice.pick(world.people), key);
  const type = dice.pick(AUTOMATED);
  for (let left = dice.integer(1, 4); left > 0; left -= 1) stage.agenda.add({ type, atS: nowS, actor });
}

/** What happens without anybody doing it. */
function planMachinery({ agenda, deck }: Stage, nowS: number): void {
  agenda.add({ type: deck.draw(), atS: nowS, actor: NOBODY });
}

/** Somebody guesses passwords from afar. */
function planGuessing({ agenda, world, dice }: Stage, nowS: number): void {
  const actor = stranger(dice.pick(world.people), dice);
  let atS = nowS;
  for (let left = dice.integer(8, 30); left > 0; left -= 1) {
    agenda.add({ type: 'login.failed', atS, actor });
    atS += dice.integer(0, 6);
  }
}

/** The guess was right: what a security team must see within minutes. */
function planTakeover({ agenda, world, dice }: Stage, nowS: number): void {
  const owner = dice.pick(world.people.filter(person => person.role === 'owner'));
  const actor = stranger(owner, dice);
  const steps = ['login.failed', 'login.failed', 'login.succeeded', 'ip_allowlist.config.deactivated', 'user.updated'];
  let atS = nowS;
  for (const type of [...steps, 'api_key.created', 'api_key.created']) {
    agenda.add({ type, atS, actor });
    atS += dice.integer(0, 90);
  }
  const colleague = signedIn(pickAwake(world.people, nowS, dice), nowS * 1000, dice);
  agenda.add({ type: 'login.succeeded', atS: atS + 3500, actor: colleague });
  agenda.add({ type: 'ip_allowlist.config.activated', atS: atS + 3600, actor: colleague });
}

/** The second after which the visitor is in. A sign-in is often listed twice in its second, once for each product. */
function signIn({ agenda, dice }: Stage, actor: Actor, nowS: number): number {
  let atS = nowS;
  if (dice.chance(0.05)) {
    agenda.add({ type: 'login.failed', atS, actor });
    atS += dice.integer(5, 20);
  }
  agenda.add({ type: 'login.succeeded', atS, actor });
  if (dice.chance(0.5)) agenda.add({ type: 'login.succeeded', atS, actor });
  return atS;
}

function signOut({ agenda, dice }: Stage, actor: Actor, afterS: number): void {
  if (!dice.chance(0.4)) return;
  const type = dice.chance(0.03) ? 'logout.failed' : 'logout.succeeded';
  agenda.add({ type, atS: afterS + dice.integer(10, 900), actor });
}

/** Somebody for whom it is a good time of day, as far as there is one. */
function pickAwake(people: readonly Person[], nowS: number, dice: Dice): Person {
  for (let tries = 0; tries < 12; tries += 1) {
    const person = dice.pick(people);
    if (dice.chance(activity(person.office, nowS * 1000))) return person;
  }
  return dice.pick(people);
}
