/* Further ways in and at hand, on every page: drop, paste, other applications, fingers. Nothing waits for them. */

import { easeAdding } from './adding.js';
import { takeDrops } from './drop.js';
import { offerInstalling } from './install.js';

easeAdding();
takeDrops();
offerInstalling();
