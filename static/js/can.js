/* What each client can do: words that the server tells with every answer of the list. */

import { t } from './i18n.js';
import { latest } from './latest.js';

const atFirst = JSON.parse(document.querySelector('#panel')?.dataset.capabilities ?? '{}');

/** The names of all clients. */
export const clients = () => latest.answer?.targets?.map(({ name }) => name) ?? Object.keys(atFirst);

/** Whether a client can do something, or tells something. */
export function can(name, word) {
  const told = latest.answer?.targets?.find((each) => each.name === name);
  return (told?.capabilities ?? atFirst[name] ?? []).includes(word);
}

/** A sentence for what none of these clients can do. */
export const cannot = (names, what) => t('{clients} cannot do “{what}”.', { clients: [...names].join(', '), what });
