/** Resource attributes that an operator cannot set: they tell the ways of delivery apart. */
export const OWN_ATTRIBUTES: readonly string[] = ['service.name', 'service.instance.id'];
