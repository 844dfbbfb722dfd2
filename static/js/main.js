/* Everything here is a convenience: each page does all it can without it. */

import { keepLive } from './live.js';
import { listenForKeys } from './keys.js';
import { helpSelecting } from './select.js';
import { easeForms } from './forms.js';

easeForms();
helpSelecting();
listenForKeys();
keepLive();
