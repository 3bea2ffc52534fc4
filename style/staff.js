// Staff pages work without this; it adds the keyboard.
"use strict";
