/* The only place that asks the server: addresses, the token of the session, and errors in words. */

import { t } from './i18n.js';

const TIMEOUT = 20_000; // milliseconds
const { base = '/', csrf = '' } = document.body.dataset;

/** What went wrong: `message` is for people, `code` and `details` for the program, `status` is 0 without an answer. */
class ApiError extends Error {
  constructor(message, { code = '', details = {}, status = 0 } = {}) {
    super(message);
    Object.assign(this, { code, details, status });
  }
}

/** The address of a path below the site's own, e.g. `torrent/home/ABC…`. */
export const siteUrl = (path = '') => base.replace(/\/?$/, '/') + path.replace(/^\//, '');

/** The address of a torrent's own page. */
export const torrentUrl = ({ target, hash }) => siteUrl(`torrent/${encodeURIComponent(target)}/${hash}`);

/**
 * The address of something of the API.
 * @param {string} path   below /api/v1/, e.g. `torrents`
 * @param {Record<string, unknown>} [params] lists are repeated, what is empty is left out
 */
export function apiUrl(path, params = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== '' && each !== null && each !== undefined) query.append(key, each);
    }
  }
  const asked = String(query);
  return siteUrl(`api/v1/${path.replace(/^\/?(api\/v1\/)?/, '')}`) + (asked ? `?${asked}` : '');
}

/**
 * Read something.
 * @param {{signal?: AbortSignal}} [how]
 * @returns {Promise<any>} null where nothing changed (304)
 */
export const get = (path, params, how = {}) => ask(apiUrl(path, params), { signal: how.signal });

/**
 * Change something.
 * @param {'POST'|'PUT'|'PATCH'|'DELETE'} method
 * @param {any} [body] made into JSON; a FormData is sent as it is
 * @returns {Promise<any>} null where the answer has no body
 */
export function send(method, path, body, how = {}) {
  const headers = { 'X-CSRF-Token': csrf };
  if (body !== undefined && !(body instanceof FormData)) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  return ask(apiUrl(path, how.params), { method, headers, body, signal: how.signal });
}

async function ask(address, { headers = {}, signal, ...how }) {
  const timeout = AbortSignal.timeout(TIMEOUT);
  let answer, text;
  try {
    answer = await fetch(address, {
      ...how,
      headers: { Accept: 'application/json', ...headers },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await answer.text();
  } catch (problem) {
    if (signal?.aborted) throw problem;
    if (problem.name === 'TimeoutError') throw new ApiError(t('pyroTorrent does not answer in time.'), { code: 'timeout' });
    throw new ApiError(t('No connection to pyroTorrent.'), { code: 'offline' });
  }
  if (answer.status === 304 || answer.status === 204) return null;
  const value = parsed(text);
  if (answer.ok && value !== undefined) return value;
  throw refused(answer.status, value?.error);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(status, error) {
  if (status === 401) return new ApiError(t('You are logged out.'), { code: 'logged-out', status });
  if (!error) return new ApiError(t('The server answered with status {status}.', { status }), { code: 'odd', status });
  return new ApiError(error.message, { code: error.code, details: error.details ?? {}, status });
}
