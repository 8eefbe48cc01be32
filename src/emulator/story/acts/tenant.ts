import { dropThing, type Key } from '../../estate.ts';
import { chosen, learn, type Scene } from '../act.ts';

/** Does it, and gives the id of what it was done to; undefined when there is nothing to do it to. */
type Work = (scene: Scene) => string | undefined;

/** What some of the types without a published payload do: only their tenant stream tells of admin keys, for example. */
export const TENANT_ACTS: Readonly<Record<string, Work>> = {
  'tenant.admin_api_key.created': ({ world, dice, nowS, actor }) => {
    const owner = { type: 'user', id: (actor.person ?? dice.pick(world.people)).id } as const;
    const id = `key_${dice.alphanumerics(16)}`;
    const name = dice.pick(['provisioning', 'audit export', 'billing report']);
    world.stock('admin_api_key').push({ id, name, createdAt: nowS, facts: {}, owner, lastUsedAt: null });
    return id;
  },
  'tenant.admin_api_key.updated': scene => {
    const key = chosen<Key>(scene, scene.world.stock('admin_api_key'));
    if (key !== undefined) key.name = scene.dice.pick(['provisioning', 'audit export', 'billing report']);
    return key?.id;
  },
  'tenant.admin_api_key.deleted': scene => {
    const key = chosen<Key>(scene, scene.world.stock('admin_api_key'));
    if (key !== undefined) dropThing(scene.world, 'admin_api_key', key);
    return key?.id;
  },
  'tenant.group.member.added': scene => {
    const group = chosen(scene, scene.world.stock('group'));
    group?.members.add(scene.dice.pick(scene.world.people).id);
    return group?.id;
  },
  'tenant.group.member.removed': scene => {
    const group = chosen(scene, scene.world.stock('group'));
    const [member] = group?.members ?? [];
    if (member !== undefined) group?.members.delete(member);
    return group?.id;
  },
  'tenant.billing.alerts.updated': scene => {
    const alert = chosen(scene, scene.world.stock('spend_alert'));
    if (alert !== undefined) learn(alert, { threshold_amount: scene.dice.integer(1, 50) * 10_000 });
    return alert?.id;
  },
  'tenant.billing.overage_limit.updated': ({ world, dice }) => {
    world.settings.spendLimit = dice.integer(10, 90) * 10_000;
    return undefined;
  },
};
