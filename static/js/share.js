/* What people paste, drop and share: the links in it, and the files that are torrents. The server reads the same
   (lib/web/shared.py). */

const WORD = /magnet:\?[^\s<>"]+|https?:\/\/[^\s<>"]+/gi;
const HASH = /(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{40}|[A-Z2-7]{32})(?![0-9A-Za-z])/g;

/**
 * The magnet links, web addresses and bare info hashes in a text, each once.
 * @param {string} text
 * @returns {string[]}
 */
function linksIn(text) {
  const links = (text.match(WORD) ?? []).map((link) => link.replace(/[.,;)\]}’”]+$/, ''));
  const hashes = text.replace(WORD, ' ').match(HASH) ?? [];
  return [...new Set([...links, ...hashes.map((hash) => `magnet:?xt=urn:btih:${hash}`)])];
}

/**
 * What a drop or the clipboard holds.
 * @param {DataTransfer} data
 * @returns {{files: File[], others: File[], links: string[]}} others are files of another kind
 */
export function contentsOf(data) {
  const all = [...data.files];
  const files = all.filter(isTorrent);
  const words = all.length ? '' : `${data.getData('text/uri-list')}\n${data.getData('text/plain')}`;
  return { files, others: all.filter((file) => !files.includes(file)), links: linksIn(words) };
}

const isTorrent = ({ name, type }) => /\.torrent$/i.test(name) || type === 'application/x-bittorrent';
