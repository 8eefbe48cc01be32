import type { Dice } from '../random.ts';
import { addressIn, OFFICES, type Office, type Place } from './place.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  role: 'owner' | 'reader';
  /** Unix seconds. */
  readonly addedAt: number;
  readonly office: Office;
  readonly home: Place;
  readonly homeAddress: string;
  readonly device: Device;
}

/** What a sign-in shows of the machine it came from. */
export interface Device {
  readonly userAgent: string;
  readonly ja3: string;
  readonly ja4: string;
}

const FIRST = [
  'Ada',
  'Bruno',
  'Chiara',
  'Dmitri',
  'Elif',
  'Farid',
  'Greta',
  'Hana',
  'Idris',
  'Jonas',
  'Keiko',
  'Liam',
  'Mina',
  'Noor',
  'Oscar',
  'Priya',
  'Quentin',
  'Rosa',
  'Sven',
  'Tamar',
  'Uma',
  'Viktor',
  'Wanda',
  'Ximena',
  'Yusuf',
  'Zoe',
];
const LAST = [
  'Abe',
  'Berg',
  'Castro',
  'Dietrich',
  'Eriksen',
  'Fontaine',
  'Gupta',
  'Haddad',
  'Ito',
  'Jansen',
  'Kaya',
  'Lindqvist',
  'Moreau',
  'Nakamura',
  'Okafor',
  'Petrov',
  'Quinn',
  'Rossi',
  'Sato',
  'Tanaka',
  'Ueda',
  'Vargas',
  'Weber',
  'Yilmaz',
];
const AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
];

/** A new colleague, with a name and an address that nobody in `taken` (email addresses) has. */
export function createPerson(dice: Dice, addedAt: number, role: Person['role'], taken: ReadonlySet<string>): Person {
  const { name, email } = createName(dice, taken);
  const office = dice.pick(OFFICES);
  const home = dice.pick(office.homes);
  return {
    id: `user-${dice.alphanumerics(24)}`,
    name,
    email,
    role,
    addedAt,
    office,
    home,
    homeAddress: addressIn(home, dice),
    device: createDevice(dice),
  };
}

export function createDevice(dice: Dice): Device {
  return {
    userAgent: dice.pick(AGENTS),
    ja3: dice.hex(32),
    ja4: `t13d15${dice.integer(10, 30)}h2_${dice.hex(12)}_${dice.hex(12)}`,
  };
}

function createName(dice: Dice, taken: ReadonlySet<string>): { readonly name: string; readonly email: string } {
  for (let round = 1; ; round += 1) {
    const [first, last] = [dice.pick(FIRST), dice.pick(LAST)];
    const email = `${first}.${last}${round > 20 ? round : ''}@example.com`.toLowerCase();
    if (!taken.has(email)) return { name: `${first} ${last}`, email };
  }
}
