/* The tab Peers: who is connected, the quickest first, or in the order of any column. */

import { h, memory, reconcile, setAttr, setText } from './dom.js';
import { count, percent, rate, size, wholePercent } from './format.js';
import { t } from './i18n.js';

const FLAGS = [['incoming', 'I', t('incoming')], ['encrypted', 'E', t('encrypted')], ['obfuscated', 'O', t('obfuscated')], ['snubbed', 'S', t('snubbed: sends nothing for long')], ['preferred', 'P', t('preferred')], ['unwanted', 'U', t('unwanted')], ['banned', 'B', t('banned')]];
const SHOWN = 100;

const address = ({ address: host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
const letters = ({ flags }) => FLAGS.filter(([name]) => flags.includes(name));

const COLUMNS = [
  { key: 'address', label: t('Address'), text: address, by: ({ address: host }) => host },
  { key: 'client', label: t('Client'), text: ({ client }) => client },
  { key: 'flags', label: t('Flags'), by: (peer) => letters(peer).map(([, letter]) => letter).join('') },
  { key: 'progress', label: t('Done'), number: true },
  { key: 'down_rate', label: t('Down'), number: true, text: ({ down_rate: value }) => rate(value) },
  { key: 'up_rate', label: t('Up'), number: true, text: ({ up_rate: value }) => rate(value) },
  { key: 'down_total', label: t('Downloaded'), number: true, text: ({ down_total: value }) => size(value) },
  { key: 'up_total', label: t('Uploaded'), number: true, text: ({ up_total: value }) => size(value) },
  { key: 'peer_rate', label: t('Their rate'), number: true, text: ({ peer_rate: value }) => rate(value) },
];

export function make(place) {
  let order = memory.get('peers.order', { key: 'down_rate', falls: true });
  let answer = null;
  let all = false;
  const heads = COLUMNS.map(({ key, label, number }) => h(number ? 'th.number' : 'th', { scope: 'col', class: `p-${key}${number ? ' number' : ''}` }, h('button.head', { type: 'button', 'data-sort': key }, label)));
  const body = h('tbody');
  const table = h('table.peers', {}, h('caption.sr', {}, t('Peers')), h('thead', {}, h('tr', {}, heads)), body);
  const none = h('p.nothing.muted', { hidden: true }, t('No peer is connected.'));
  const more = h('button.quiet', { type: 'button', hidden: true });
  const legend = h('p.legend', {}, t('Flags:'), ' ', FLAGS.flatMap(([, letter, words], at) => [at ? ' · ' : '', h('b', {}, letter), ' ', words]));
  place.append(none, table, more, legend);
  table.addEventListener('click', ({ target }) => {
    const key = target.closest('[data-sort]')?.dataset.sort;
    if (!key) return;
    const { number } = COLUMNS.find((column) => column.key === key);
    order = { key, falls: order.key === key ? !order.falls : Boolean(number) };
    memory.set('peers.order', order);
    paint();
  });
  more.addEventListener('click', () => {
    all = true;
    paint();
  });

  function paint() {
    const peers = sorted(answer.peers, order);
    const shown = all ? peers : peers.slice(0, SHOWN);
    heads.forEach((head, at) => setAttr(head, 'aria-sort', COLUMNS[at].key === order.key ? (order.falls ? 'descending' : 'ascending') : null));
    reconcile(body, shown, (peer) => `${peer.id}${address(peer)}`, makePeer, paintPeer);
    table.hidden = legend.hidden = !peers.length;
    none.hidden = peers.length > 0;
    more.hidden = shown.length === answer.total;
    setText(more, t('{n} more', { n: count(answer.total - shown.length) }));
  }

  return {
    part: '/peers',
    paint(found) {
      answer = found;
      paint();
    },
  };
}

function sorted(peers, { key, falls }) {
  const column = COLUMNS.find((each) => each.key === key) ?? COLUMNS[4];
  const value = column.by ?? ((peer) => peer[column.key]);
  const sign = falls ? -1 : 1;
  const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
  return [...peers].sort((a, b) => sign * compare(value(a), value(b)) || b.down_rate + b.up_rate - a.down_rate - a.up_rate || compare(a.address, b.address));
}

function makePeer() {
  return h('tr', {}, COLUMNS.map(({ key, number }) => {
    if (key === 'progress') return h('td.number.p-progress', {}, h('progress', { max: 100, 'aria-hidden': 'true' }), h('span'));
    return h('td', { class: `p-${key}${number ? ' number' : ''}` }, key === 'flags' ? null : h('bdi'));
  }));
}

function paintPeer(row, peer) {
  COLUMNS.forEach(({ key, text }, at) => {
    const cell = row.cells[at];
    if (key === 'flags') return paintFlags(cell, peer);
    if (key === 'progress') {
      cell.firstChild.value = wholePercent(peer.progress);
      return setText(cell.lastChild, percent(peer.progress));
    }
    const value = text(peer);
    setText(cell.firstChild, value);
    if (key === 'client' || key === 'address') setAttr(cell, 'title', value);
    return undefined;
  });
}

function paintFlags(cell, peer) {
  const found = letters(peer);
  const text = found.map(([, letter]) => letter).join('');
  if (cell.textContent === text) return;
  cell.replaceChildren(...found.map(([, letter, words]) => h('abbr', { title: words }, letter)));
}
